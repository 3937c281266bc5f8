"""Order status back: how far orders have come in the ERP is written to the deals they were sold by.

Only orders that an orders flow between the same two systems has sent; all others are counted and left alone. Orders of
one deal are told together (deal_orders.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, ReadRecord, SourceRecord
from connectors.core import OrderStatus
from connectors.maps import FieldMap, NoPair
from connectors.shared import free_share
from flows.catalog.back import NOT_OURS, counterpart_of, with_counterparts
from flows.catalog.base import FlowKind, FlowSettings, Resolved, TableSpec, with_resolved
from flows.catalog.deal_orders import Told, with_the_others
from flows.catalog.presets import Preset
from flows.engine import pairs
from flows.maps.lookup import look_up

if TYPE_CHECKING:
    from flows.engine.work import Work

NUMBER = "{number}"
STATUSES = (
    ("Hold", pgettext_lazy("status of an order", "On hold")),
    ("CreditHold", pgettext_lazy("status of an order", "On credit hold")),
    ("PendingApproval", pgettext_lazy("status of an order", "Waits for approval")),
    ("Open", pgettext_lazy("status of an order", "Open")),
    ("BackOrder", pgettext_lazy("status of an order", "On back order")),
    ("Shipping", pgettext_lazy("status of an order", "Being shipped")),
    ("Completed", pgettext_lazy("status of an order", "Completed")),
    ("Invoiced", pgettext_lazy("status of an order", "Invoiced")),
    ("Cancelled", pgettext_lazy("status of an order", "Cancelled")),
    ("Voided", pgettext_lazy("status of an order", "Voided")),
)
# setting with the custom field: what is written there
SOURCES = {
    "number_field": "number",
    "status_field": "resolved.status_text",
    "tracking_field": "tracking_number",
    "tracking_link_field": "resolved.tracking_link",
    "invoice_field": "invoice_number",
}


class OrderStatusSettings(FlowSettings):
    """Settings of an order status flow. The fields are ids of custom fields of deals; "" = not written."""

    number_field: str = ""
    status_field: str = ""
    tracking_field: str = ""
    tracking_link_field: str = ""
    invoice_field: str = ""
    tracking_address: str = ""  # of the carrier's page, with {number} in it
    deal_phase: Preset = Preset()

    @property
    def chosen_fields(self) -> dict[str, str]:
        """The custom fields that are written, with what goes into each."""
        return {field: source for name, source in SOURCES.items() if (field := getattr(self, name))}

    def problem(self) -> str:
        chosen = [field for name in SOURCES if (field := getattr(self, name))]
        return gettext("Choose each custom field once.") if len(set(chosen)) < len(chosen) else ""


class OrderStatusFlow(FlowKind):
    key = "order_status"
    title = _("Order status back")
    source_kind = "order_status"
    resources = ("order_status",)
    partners = ("orders",)
    settings_model = OrderStatusSettings
    counted_only = frozenset({NOT_OURS})
    tables = (
        TableSpec(
            "phase", _("Deal phase per order status"), "", "deal_phases", NoPair.DEFAULT,
            keys=STATUSES, preset="deal_phase",
        ),
        TableSpec(
            "status_text", _("Order status in your own words"), "", "", NoPair.AS_IS, keys=STATUSES, is_grown=True,
            used=_("Says how the status of an order is called in words; a row that is open has the usual word."),
        ),
    )  # fmt: skip

    def target_kind(self, kind: str, settings: Any) -> str:
        return "deals"

    def creates(self, kind: str, settings: Any) -> bool:
        return False

    def setting_fields(self, settings: Any) -> Sequence[FieldMap]:
        """A field of the map for each custom field that is chosen in the settings."""
        chosen = settings.chosen_fields
        return [FieldMap(target=f"custom_fields.{field}", source=source) for field, source in chosen.items()]

    def recognise(self, work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
        """Read ours in full, each with what else is told to its deal: all orders of a deal share its fields."""
        ours = with_counterparts(work, records)
        return with_the_others(work, kind, ours, partial(_with_texts, work))

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        return (NOT_OURS, {}) if counterpart_of(record) == "" else None

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Pair each order with its deal, which further orders of it share."""
        deals = {record.key: str(record.raw["resolved"]["deal"]) for record in records}
        taken = pairs.taken_targets(work, kind, deals.values())
        resolved: list[Resolved] = []
        for record in records:
            deal = deals[record.key]
            if not deal:
                params = {"system": work.system}
                resolved.append(Resolved(record, code="skip.deleted", params=params, is_skip=True))
                continue
            share = free_share(deal, record.key, taken)
            taken.add(share)
            resolved.append(Resolved(record, (Existing(share, record.natural_key),)))
        return resolved


def _with_texts(work: Work, record: SourceRecord, told: Told) -> SourceRecord:
    settings, status = work.settings, record.core
    assert isinstance(settings, OrderStatusSettings)
    assert isinstance(status, OrderStatus)
    return with_resolved(
        record,
        status_text=_all_status_texts(work, told),
        tracking_link=tracking_link(settings.tracking_address, status),
    )


def _all_status_texts(work: Work, told: Told) -> str | None:
    """Return the status of the only order in words, or of each with its number: “SO001 Completed; SO002 Open”."""
    texts = [(one.number, _status_text(work, one.status)) for one in told.orders]
    if len(texts) == 1:
        return texts[0][1]
    return "; ".join(f"{number} {text}" if text else number for number, text in texts)


def _status_text(work: Work, status: str | None) -> str | None:
    """Return the words a person chose for a status, or the usual ones in the language of the organization."""
    table = work.tables.get("status_text")
    if status is None or (table and status in table.rows):
        return look_up("status_text", table, status) if table else None
    usual = dict(STATUSES).get(status)
    with translation.override(work.flow.organization.language):
        return str(usual) if usual else gettext(status)


def tracking_link(address: str, status: OrderStatus) -> str | None:
    """Return the address of the carrier's page for the first number, None without either."""
    numbers = [number for shipment in status.shipments for number in shipment.tracking_numbers]
    if not address or not numbers:
        return None
    return address.replace(NUMBER, numbers[0]) if NUMBER in address else f"{address}{numbers[0]}"
