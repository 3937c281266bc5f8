"""Choosing flows: what the pair offers, which are switched on, from when on and how often they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apicenter.audit import record_change
from connectors.base import Connector, Found, Window
from connectors.maps import NoPair
from connectors.models import Connection
from connectors.registry import connector_class
from connectors.services import open_connector
from dashboard.setup.steps import SetUp
from flows.catalog.base import FlowKind, Given
from flows.catalog.registry import FLOW_KINDS
from flows.engine.work import given_for, source_for
from flows.models import Flow
from flows.running.schedule import next_run
from flows.setup.creation import create_flow

MINUTES = (5, 15, 30, 60)
USUAL_MINUTES = 15
KEPT = timedelta(days=1)
DEMO_DAYS = 365  # the demo company's records are months old
ABOUT: dict[str, Promise] = {
    "products": gettext_lazy(
        "Items become products, matched by their number (SKU). What exists already is paired, not made twice."
    ),
    "stock": gettext_lazy(
        "What lies in the warehouses you choose is written to products that exist. Only quantities that changed are "
        "sent. Your Teamleader account needs stock management."
    ),
    "categories": gettext_lazy(
        "Product categories are paired with item classes or sales categories, for both directions at once. When a new "
        "one appears somebody is asked which it is."
    ),
    "customers": gettext_lazy(
        "Companies and private persons become customers. They are found by VAT number, registration number or e-mail "
        "address; one that is found is updated."
    ),
    "orders": gettext_lazy(
        "A won deal with an accepted quotation becomes a sales order. We look first whether it exists, then make sure "
        "that its customer does and that the totals agree."
    ),
    "invoices": gettext_lazy(
        "A booked invoice becomes a customer invoice or a cash sale, a credit note a credit note that is applied to "
        "its invoice. Each is booked once, with its customer, after its totals were compared."
    ),
    "order_status": gettext_lazy(
        "The number and status of each order that was sent, its tracking number and its invoice are written to the "
        "deal it came from; the deal can move to another phase. Needs the orders flow."
    ),
    "payments": gettext_lazy(
        "What was paid on an invoice that was sent, or that was made from an order that was sent, is registered in "
        "Teamleader, in parts too, and removed when the payment is taken back. Needs the invoices or the orders flow."
    ),
}
FROM_FILES = gettext_lazy(
    "Each record of the file you upload is sent. Upload the file again at any time: only what is new or changed is "
    "sent then."
)
TO_FILES = gettext_lazy(
    "Each record is written to a sheet that you can download at any time, and kept up to date there."
)
# Calls to the source and to the target that a first run takes per 1,000 records, where nearly all are new there.
FIRST_RUN_CALLS: dict[str, tuple[int, int]] = {"products": (2, 1000), "stock": (1, 1000)}
# Of the others everything is wanted, however old.
WITH_START = frozenset({"orders", "invoices", "order_status", "payments"})


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
        return {"is_on": False, "every": USUAL_MINUTES, "start": start}
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
    key: str  # of its form and addresses: its kind, and the way where both ways are offered

    @property
    def about(self) -> str:
        for side, text in ((self.source, FROM_FILES), (self.target, TO_FILES)):
            if connector_class(side).files is not None:
                return str(text)
        return str(ABOUT.get(self.kind.key, ""))

    @property
    def start_hint(self) -> str:
        """What the day to start from means."""
        if self.kind.partners:
            return _("What changed last before this day is left alone.")
        return _("What was won before this day is left alone: it may have been entered by hand.")

    @property
    def first_run(self) -> str:
        """What its first run costs, where that is known."""
        calls = FIRST_RUN_CALLS.get(self.kind.key)
        if calls is None or any(connector_class(side).files is not None for side in (self.source, self.target)):
            return ""
        source, target = connector_class(self.source), connector_class(self.target)
        limit = target.rate_limit
        minutes = round(calls[1] / (limit.calls or calls[1]) * limit.seconds / 60)
        words = _(
            "First run per 1,000 records: %(read)s calls to %(source)s and at most %(written)s to %(target)s, which is "
            "about %(minutes)s minutes. Later runs call for what changed only."
        )
        return words % {
            "read": number_format(calls[0]),
            "written": number_format(calls[1], force_grouping=True),
            "source": source.title,
            "target": target.title,
            "minutes": minutes,
        }

    @property
    def is_running(self) -> bool:
        """Whether it was activated before: it is then switched off on its own page, where one sees what waits."""
        return self.flow is not None and self.flow.state != Flow.State.DRAFT

    @property
    def is_wanted(self) -> bool:
        return self.is_running or bool(self.form.cleaned_data["is_on"])

    @property
    def is_on(self) -> bool:
        """How its switch stands."""
        return self.is_running or bool(self.form["is_on"].value())


def offers_of(set_up: SetUp, data: Mapping[str, Any] | None = None) -> list[Offer]:
    """Return every kind of flow that one system of the pair can give and the other take."""
    present = {(flow.kind, flow.source.connector): flow for flow in set_up.flows}
    found: list[Offer] = []
    taken: set[str] = set()
    for source, target in (set_up.pair, set_up.pair[::-1]):
        for kind in FLOW_KINDS.values():
            if _fits(kind, connector_class(source), connector_class(target)):
                key = f"{kind.key}-{source}" if kind.key in taken else kind.key
                taken.add(key)
                flow = present.get((kind.key, source))
                form = FlowChoiceForm(key, flow, is_demo=set_up.is_demo, data=data)
                if connector_class(source).files is not None:  # what is in the file is wanted
                    form.fields.pop("start", None)
                found.append(Offer(kind, source, target, flow, form, key))
    return sorted(found, key=lambda offer: bool(offer.kind.partners))  # after those they tell about


def _fits(kind: FlowKind, source: type[Connector], target: type[Connector]) -> bool:
    usual = kind.settings_model()
    return (
        kind.source_kind in source.sources
        and all(kind.target_kind(resource, usual) in target.targets for resource in kind.resources)
        and _lists_fit(kind, usual, source, target)
    )


def _lists_fit(kind: FlowKind, usual: Any, source: type[Connector], target: type[Connector]) -> bool:
    """Whether the source has the lists of every table without which nothing could be sent."""
    needed = (spec for spec in kind.tables_for(target, usual) if spec.no_pair is NoPair.BLOCK)
    return all(spec.source_list in ("", *source.option_lists) for spec in needed)


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
        record_change("flow.made", subject=flow.name)
    flow.every_minutes = offer.form.cleaned_data["every"]
    if flow.every_minutes:
        flow.daily_at, flow.cron = None, ""
    if "start" in offer.form.fields:
        flow.start_from = offer.form.cleaned_data["start"]
    if flow.state == Flow.State.ACTIVE:
        flow.next_run_at = next_run(flow)
    flow.save(update_fields=["every_minutes", "daily_at", "cron", "start_from", "next_run_at"])


def found_of(set_up: SetUp, offer: Offer) -> Found | None:
    """Count the records a flow would read, if that takes one cheap call; kept for a day, for the page after.

    Raises RetryableError, FlowError.
    """
    connection = set_up.connections[offer.source]
    start = offer.flow.start_from if offer.flow else None
    with open_connector(connection, is_interactive=True) as connector:
        given = given_for(offer.flow) if offer.flow else Given(offer.kind.settings_model())
        source = source_for(offer.kind, connector, given.settings, given.tables)
        found = source.count(Window(since=start))
    if found is not None and not found.is_more:
        cache.set(_found_key(connection, offer.kind.key), found.count, KEPT.total_seconds())
    return found


def expected_count(flow: Flow) -> int | None:
    """Return how many records the first run has to read, if they were counted."""
    count: int | None = cache.get(_found_key(flow.source, flow.kind))
    return count


def _found_key(connection: Connection, kind: str) -> str:
    return f"found:{connection.pk}:{kind}"


@transaction.atomic
def discard(flow: Flow) -> None:
    """Delete a flow that was never activated, with the answers given for it."""
    claimed = Flow.objects.filter(pk=flow.pk, state=Flow.State.DRAFT).update(map_version=None)
    if claimed:
        flow.map_version = None
        flow.delete()
        record_change("flow.dropped", subject=flow.name)
