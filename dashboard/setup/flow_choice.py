"""Choosing flows: what the pair offers, which are switched on, from when on and how often they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.base import Connector
from connectors.registry import connector_class
from dashboard.setup.steps import PAIR, SetUp
from flows.catalog.base import FlowKind
from flows.catalog.registry import FLOW_KINDS
from flows.models import Flow
from flows.setup import create_flow

MINUTES = (5, 15, 30, 60)
USUAL_MINUTES = 15
DEMO_DAYS = 365  # the demo company's records are months old
ABOUT: dict[str, Promise] = {
    "products": gettext_lazy(
        "Items become products, matched by their number (SKU). What exists already is paired, not made twice."
    ),
    "customers": gettext_lazy(
        "Companies and private persons become customers. They are found by VAT number, registration number or e-mail "
        "address; one that is found is updated."
    ),
    "orders": gettext_lazy(
        "A won deal with an accepted quotation becomes a sales order. We look first whether it exists, then make sure "
        "that its customer does and that the totals agree."
    ),
}
WITH_START = frozenset({"orders"})  # of the others everything is wanted, however old


class FlowChoiceForm(forms.Form):
    """One flow: on or off, how often, from when on."""

    is_on = forms.BooleanField(required=False)
    every = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    start = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, kind: str, flow: Flow | None, *, is_demo: bool, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=kind, initial=_initial(flow, is_demo=is_demo))
        minutes = sorted({*MINUTES, *([flow.every_minutes] if flow and flow.every_minutes else [])})
        every = self.fields["every"]
        assert isinstance(every, forms.ChoiceField)
        every.choices = [*((number, minute_words(number)) for number in minutes), ("", _("when I start it"))]
        if kind not in WITH_START or (flow and flow.state != Flow.State.DRAFT):
            del self.fields["start"]

    def clean_start(self) -> datetime | None:
        day = self.cleaned_data["start"]
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _initial(flow: Flow | None, *, is_demo: bool) -> dict[str, Any]:
    if flow is None:
        start = timezone.localdate() - timedelta(days=DEMO_DAYS if is_demo else 0)
        return {"is_on": True, "every": USUAL_MINUTES, "start": start}
    start_at = timezone.localtime(flow.start_from).date() if flow.start_from else None
    return {"is_on": True, "every": flow.every_minutes or "", "start": start_at}


def minute_words(number: int) -> str:
    return ngettext("every minute", "every %(count)s minutes", number) % {"count": number}


@dataclass(frozen=True, slots=True)
class Offer:
    """A flow that this pair can have, and the one it has."""

    kind: FlowKind
    source: str
    target: str
    flow: Flow | None
    form: FlowChoiceForm

    @property
    def about(self) -> str:
        return str(ABOUT.get(self.kind.key, ""))

    @property
    def is_running(self) -> bool:
        """Whether it was activated before: it is then switched off on its own page, where one sees what waits."""
        return self.flow is not None and self.flow.state != Flow.State.DRAFT

    @property
    def is_wanted(self) -> bool:
        return self.is_running or bool(self.form.cleaned_data["is_on"])


def offers_of(set_up: SetUp, data: Mapping[str, Any] | None = None) -> list[Offer]:
    """Return every kind of flow that one system of the pair can give and the other take."""
    present = {flow.kind: flow for flow in set_up.flows}
    found: list[Offer] = []
    for source, target in (PAIR, PAIR[::-1]):
        for kind in FLOW_KINDS.values():
            if _fits(kind, connector_class(source), connector_class(target)):
                flow = present.get(kind.key)
                form = FlowChoiceForm(kind.key, flow, is_demo=set_up.is_demo, data=data)
                if flow is None and set_up.flows:
                    form.initial["is_on"] = False  # it was left out before
                found.append(Offer(kind, source, target, flow, form))
    return found


def _fits(kind: FlowKind, source: type[Connector], target: type[Connector]) -> bool:
    usual = kind.settings_model()
    return kind.source_kind in source.sources and all(
        kind.target_kind(resource, usual) in target.targets for resource in kind.resources
    )


def apply_choice(set_up: SetUp, offer: Offer) -> None:
    """Make, change or drop a flow as it was chosen. Raises RetryableError, FlowError."""
    flow = offer.flow
    if not offer.is_wanted:
        if flow is not None:
            discard(flow)
        return
    if flow is None:
        ends = set_up.connections[offer.source], set_up.connections[offer.target]
        flow = create_flow(offer.kind.key, *ends, is_active=False)
    flow.every_minutes = offer.form.cleaned_data["every"]
    if "start" in offer.form.fields:
        flow.start_from = offer.form.cleaned_data["start"]
    if flow.state == Flow.State.ACTIVE:
        flow.next_run_at = next_run(flow)
    flow.save(update_fields=["every_minutes", "start_from", "next_run_at"])


def next_run(flow: Flow) -> datetime | None:
    """Return when the schedule has its next turn, counted from now."""
    return timezone.now() + timedelta(minutes=flow.every_minutes) if flow.every_minutes else None


@transaction.atomic
def discard(flow: Flow) -> None:
    """Delete a flow that was never activated, with the answers given for it."""
    claimed = Flow.objects.filter(pk=flow.pk, state=Flow.State.DRAFT).update(map_version=None)
    if claimed:
        flow.map_version = None
        flow.delete()
