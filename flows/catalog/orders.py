"""Orders: deals of a CRM become sales orders or customer invoices of an ERP, with their customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.base import SourceRecord, Wanted
from connectors.core import Order, SalesDocument
from connectors.maps import ValueTableData
from flows.catalog.after import After
from flows.catalog.base import Given, Resolved
from flows.catalog.document_settings import DELIVERY_TABLES
from flows.catalog.mutation_settings import JOURNAL, MUTATION_TABLES
from flows.catalog.mutations import Sale
from flows.catalog.order_settings import OrderSettings, Recurring, SendAs
from flows.catalog.order_stock import check_stock
from flows.catalog.sales_lines import Held
from flows.catalog.selling import SALES_TABLES, SalesFlow, cash_settings_missing
from flows.documents.totals import Expected, predict
from flows.engine import rulings

if TYPE_CHECKING:
    from flows.engine.plan import Change
    from flows.engine.work import Work

TARGETS = {
    SendAs.SALES_ORDER: "sales_orders",
    SendAs.CUSTOMER_INVOICE: "customer_invoices",
    SendAs.CASH_SALE: "cash_sales",
    SendAs.FINANCIAL_MUTATION: JOURNAL,
}
LOOKS_AGAIN = timedelta(hours=1)  # at what an order waits for in the source
ADDRESSES = ("delivery_address", "invoice_address")
SOLD = {"product_key", "sku", "text", "quantity", "unit", "unit_price", "discount_percent", "vat_code"}  # of a line


class OrdersFlow(SalesFlow):
    key = "orders"
    title = _("Orders")
    source_kind = "orders"
    resources = ("orders", "customers")
    unique_keys = ("orders",)
    settings_model = OrderSettings
    tables = (
        *SALES_TABLES,
        *MUTATION_TABLES,
        *DELIVERY_TABLES,
    )

    def target_kind(self, kind: str, settings: Any) -> str:
        return TARGETS[settings.send_as] if kind == self.key else kind

    def wanted(self, settings: Any, tables: Mapping[str, ValueTableData]) -> Wanted:
        assert isinstance(settings, OrderSettings)
        return Wanted(orders=settings.choice)

    def looks_since(self, document: SalesDocument) -> datetime | None:
        return _order(document).ordered_at

    def sale_of(self, document: SalesDocument) -> Sale:
        assert isinstance(document, Order)
        return Sale(document, document.order_date)

    def resolved_values(self, work: Work, kind: str, document: SalesDocument) -> dict[str, Any] | Held:
        settings = _settings(work)
        if settings.send_as is SendAs.CASH_SALE and (held := cash_settings_missing(settings)):
            return held
        return {
            "order_type": settings.order_type,
            "warehouse": settings.warehouse.filled or None,
            "hold": settings.hold,
        }

    def line_item(self, document: SalesDocument, settings: Any) -> str:
        instead = settings.estimate_item if isinstance(document, Order) and document.is_estimate else ""
        return instead or settings.text_line_item

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        recurring = [line.is_recurring for line in _order(record.core).lines]
        if settings.recurring_lines is Recurring.SEND or not any(recurring):
            return None
        is_left_out = settings.recurring_lines is Recurring.SKIP or all(recurring)
        return ("skip.recurring", {}) if is_left_out else None

    def expects(self, kind: str, record: SourceRecord, settings: Any) -> Expected | None:
        """Of an estimate nobody knows the VAT beforehand, so there is nothing to compare with."""
        document = record.core
        return None if isinstance(document, Order) and document.is_estimate else super().expects(kind, record, settings)

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        if isinstance(record.core, Order) and not given.settings.delivers_to_customer:
            record = replace(record, core=record.core.model_copy(update={"delivery_address": None}))
        order = record.core
        drops = given.settings.recurring_lines is Recurring.DROP
        if not drops or not isinstance(order, Order) or not any(line.is_recurring for line in order.lines):
            return super().prepare(record, given)
        return replace(record, core=_without_recurring(order))

    def after(self, kind: str, settings: Any) -> After:
        return After(settings.after_change, settings.after_loss) if kind == self.key else After()

    def essence(self, record: SourceRecord) -> Mapping[str, Any] | None:
        earlier, order = self.earlier_essence(record), record.core
        if earlier is None or not isinstance(order, Order):
            return None
        return {
            **earlier,
            "title": order.title,
            "note": order.note,
            **{name: one.model_dump() if (one := getattr(order, name)) else None for name in ADDRESSES},
        }

    def earlier_essence(self, record: SourceRecord) -> Mapping[str, Any] | None:
        order = record.core
        if not isinstance(order, Order):
            return None
        return {
            "lines": [line.model_dump(include=SOLD) for line in order.lines],
            "discounts": list(order.discounts),
            "currency": order.currency,
            "customer": order.customer.key if order.customer else "",
            "purchase_order_number": order.purchase_order_number,
        }

    def review(self, work: Work, kind: str, changes: Sequence[Change]) -> list[Change]:
        if kind != self.key:
            return list(changes)
        return check_stock(work, kind, changes, _settings(work).stock_check)

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        if kind != self.key:
            return super().resolve(work, kind, records)
        ready = [_ready(work, record) for record in records]
        waiting = work.source.waits([one.record for one in ready if not one.code])
        ready = [_waiting(one, waiting) for one in ready]
        sent = iter(super().resolve(work, kind, [one.record for one in ready if not one.code]))
        return [one if one.code else next(sent) for one in ready]


def _ready(work: Work, record: SourceRecord) -> Resolved:
    """Return the order, or why it is not sent yet."""
    order = _order(record.core)
    if not order.rivals or rulings.is_let_pass(work, record.key, "order.several"):
        return Resolved(record)
    params = {"key": record.natural_key, "count": str(order.rivals + 1)}
    return Resolved(record, code="order.several", params=params)


def _without_recurring(order: Order) -> Order:
    lines = tuple(line for line in order.lines if not line.is_recurring)
    totals = predict(lines, order.discounts, currency=order.currency)
    return order.model_copy(update={"lines": lines, "totals": totals})


def _waiting(one: Resolved, waiting: dict[str, str]) -> Resolved:
    code = waiting.get(one.record.key)
    if one.code or code is None:
        return one
    return replace(one, code=code, retry_at=timezone.now() + LOOKS_AGAIN)


def _order(document: Any) -> Order:
    assert isinstance(document, Order)
    return document


def _settings(work: Work) -> OrderSettings:
    assert isinstance(work.settings, OrderSettings)
    return work.settings
