"""What flows that tell about the records of another need beforehand: that other flow, and something to write."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from flows.catalog.order_status import OrderStatusSettings
from flows.catalog.payments import PaymentSettings
from flows.catalog.registry import flow_kind
from flows.engine.work import Work
from flows.models import Flow
from flows.setup.lights import Level, Light, Place


def back_lights(work: Work) -> list[Light]:
    """Return the lights of a flow with partners."""
    partners = _partners_of(work)
    lights = [_partner(work, partners)]
    if isinstance(work.settings, OrderStatusSettings):
        text = _("“%(flow)s” sends no sales orders; only those have a status.")
        lights += [_something_to_write(work.settings), *_sends(partners, ("sales_orders",), text)]
    if isinstance(work.settings, PaymentSettings):
        text = _("“%(flow)s” makes no invoices, so there is nothing that could be paid.")
        lights += _sends(partners, ("customer_invoices", "sales_orders"), text)
    return lights


def _partners_of(work: Work) -> list[Flow]:
    """Return the flows whose records it tells about, those it is woken by first."""
    kinds = (*work.kind.partners, *work.kind.also_tells)
    flows = Flow.objects.filter(kind__in=kinds, source=work.flow.target_id, target=work.flow.source_id)
    return sorted(flows, key=lambda flow: kinds.index(flow.kind))


def _partner(work: Work, partners: Sequence[Flow]) -> Light:
    title = _("The flow it tells about")
    if not partners:
        kinds = (*work.kind.partners, *work.kind.also_tells)
        wanted = ", ".join(f"“{flow_kind(kind).title}”" for kind in kinds)
        text = _("There is no flow %(wanted)s between these two systems, so there is nothing to tell about.")
        return Light(title, Level.BAD, text % {"wanted": wanted})
    text = _("It tells about what “%(flow)s” has sent.")
    return Light(title, Level.OK, text % {"flow": "”, “".join(flow.name for flow in partners)})


def _something_to_write(settings: OrderStatusSettings) -> Light:
    title = _("What is written to the deal")
    if settings.chosen_fields or settings.deal_phase.uses_table or settings.deal_phase.is_on:
        return Light(title, Level.OK, _("There is something to write."), Place.SETTINGS)
    text = _("No field and no phase is chosen, so nothing would be written to the deals.")
    return Light(title, Level.WARN, text, Place.SETTINGS)


def _sends(partners: Sequence[Flow], targets: Sequence[str], text: str) -> list[Light]:
    """Say so if the other flows make only documents of which there is nothing to tell."""
    made = set()
    for partner in partners:
        kind = flow_kind(partner.kind)
        made.add(kind.target_kind(kind.key, kind.settings_model.model_validate(partner.settings)))
    if not partners or made.intersection(targets):
        return []
    return [Light(_("What it tells about"), Level.WARN, text % {"flow": partners[0].name})]
