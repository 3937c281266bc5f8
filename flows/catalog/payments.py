"""Payments back: what was paid on invoices in the ERP is registered on the CRM's invoices they were made from.

Only invoices that an invoices flow between the same two systems has sent, and those that bill an order that an orders
flow has sent (order_bills.py); all others are counted and left alone. The whole state of an invoice is one record, so
partial payments, one that is taken back and a second look all come to the same: the target compares what is registered
with what was paid, and does what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, ReadRecord, SourceRecord
from connectors.core import PaidInvoice
from connectors.maps import NoPair
from connectors.shared import Bill
from flows.catalog.back import NOT_OURS, counterpart_of, with_counterparts
from flows.catalog.base import FlowKind, FlowSettings, Resolved, TableSpec, with_resolved
from flows.catalog.order_bills import bills_for, orders_billed
from flows.catalog.presets import Preset
from flows.engine import pairs

if TYPE_CHECKING:
    from flows.engine.work import Work

NOT_PAID = "skip.not_paid"
NO_BILL = "skip.no_such_invoice"  # the CRM has no invoice that fits one made from an order


class PaymentSettings(FlowSettings):
    """Settings of a payments flow."""

    payment_method: Preset = Preset(uses_table=True)


class PaymentsFlow(FlowKind):
    key = "payments"
    title = _("Payments back")
    source_kind = "payments"
    resources = ("payments",)
    partners = ("invoices",)
    also_tells = ("orders",)
    settings_model = PaymentSettings
    counted_only = frozenset({NOT_OURS, NOT_PAID})
    tables = (
        TableSpec(
            "payment_method", _("Payment methods"), "payment_methods", "payment_methods", NoPair.DEFAULT,
            preset="payment_method",
        ),
    )  # fmt: skip

    def creates(self, kind: str, settings: Any) -> bool:
        return False

    def recognise(self, work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
        """Name the invoice that each was made from, or (`resolved.orders`) the orders of ours that it bills."""
        billed: dict[str, tuple[str, ...]] = {}

        def find_more(others: Sequence[SourceRecord]) -> dict[str, str]:
            bound = pairs.bound_records(work, kind, [record.key for record in others])
            billed.update(orders_billed(work, [record for record in others if record.key not in bound]))
            paired = {key: one.target_id for key, one in bound.items()}
            return paired | {key: orders[0] for key, orders in billed.items()}

        def named(record: SourceRecord) -> SourceRecord:
            return with_resolved(record, orders=list(billed[record.key])) if record.key in billed else record

        return with_counterparts(work, records, named, find_more=find_more)

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        return (NOT_OURS, {}) if counterpart_of(record) == "" else None

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """The invoice is known by its binding, or found by the order; one on which nothing was paid needs nothing."""
        paid = [record for record in records if isinstance(record.core, PaidInvoice) and record.core.payments]
        billed = {record.key: (record, orders) for record in paid if (orders := record.raw["resolved"].get("orders"))}
        bills = bills_for(work, kind, billed)
        return [self._resolve_one(work, record, bills.get(record.key)) for record in records]

    def _resolve_one(self, work: Work, record: SourceRecord, bills: Sequence[Bill] | None) -> Resolved:
        invoice = record.core
        assert isinstance(invoice, PaidInvoice)
        if not invoice.payments:
            return Resolved(record, code=NOT_PAID, is_skip=True)
        if bills is None:
            return Resolved(record, (Existing(counterpart_of(record) or "", record.natural_key),))
        if not bills:
            params = {"system": work.system, "amount": f"{invoice.total:.2f} {invoice.currency}"}
            return Resolved(record, code=NO_BILL, params=params, is_skip=True)
        return Resolved(record, tuple(Existing(one.id, record.natural_key, _label(one)) for one in bills))


def _label(bill: Bill) -> str:
    return f"{bill.number} · {bill.total:.2f} {bill.currency}"
