"""Customer payments as what was paid on one invoice. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo
from decimal import Decimal

from connectors.base import SourceRecord
from connectors.core import JSONDict, PaidInvoice, Payment
from connectors.visma_net.read_order_status import read_day
from connectors.visma_net.read_values import ensure_read, read_decimal, read_id, read_rows, read_text, read_time

INVOICE = "Invoice"
MONEY = ("Payment", "Prepayment")  # a credit note or a written-off balance settles an invoice without money
BOOKED, REVERSED = ("Open", "Closed", "Reserved"), ("Voided",)  # others are not released yet


def read_paid_invoice(raw: JSONDict, zone: tzinfo = UTC) -> SourceRecord:
    """Return the record of `{"invoice", "payments"}`; an invoice known by its number only has no status.

    Raises RecordError for a row with a read error.
    """
    invoice = raw["invoice"]
    ensure_read(invoice)
    number = read_text(invoice.get("referenceNumber")) or ""
    payments = [payment for row in read_rows(raw.get("payments")) if (payment := read_payment(row, number))]
    paid = PaidInvoice(
        key=number,
        number=number,
        status=read_text(invoice.get("status")),
        currency=read_text(invoice.get("currencyId")),
        total=_amount(invoice, "amount"),
        balance=_amount(invoice, "balance"),
        payments=tuple(sorted(payments, key=lambda one: (one.paid_on, one.key))),
        order_keys=tuple(invoice["orders"]) if "orders" in invoice else None,
    )
    changed = read_time(invoice.get("lastModifiedDateTime"), zone)
    return SourceRecord(number, number, paid, raw, changed, read_id(invoice.get("customer"), "name") or "")


def orders_of(invoice: JSONDict) -> list[str]:
    """Return the orders that the lines of an invoice were made from, each once, as `type/number`."""
    keys = (
        f"{order_type}/{number}"
        for line in read_rows(invoice.get("invoiceLines"))
        if (order_type := read_text(line.get("soOrderType"))) and (number := read_text(line.get("soOrderNbr")))
    )
    return list(dict.fromkeys(keys))


def read_payment(row: JSONDict, invoice: str) -> Payment | None:
    """Return what a payment paid on an invoice, None if that is nothing (yet)."""
    kind, status = read_text(row.get("type")), read_text(row.get("status"))
    day = read_day(row.get("applicationDate"))
    lines = list(lines_for(row, invoice))
    amount = sum((read_decimal(line.get("amountPaid")) or Decimal(0) for line in lines), Decimal(0))
    if kind not in MONEY or status not in (*BOOKED, *REVERSED) or day is None or amount <= 0:
        return None
    return Payment(
        key=f"{kind}/{read_text(row.get('refNbr'))}",
        reference=read_text(row.get("paymentRef")),
        amount=amount,
        currency=read_text(row.get("currency")) or "",
        paid_on=day,
        method=read_id(row.get("paymentMethod")),
        is_reversed=status in REVERSED,
    )


def lines_for(row: JSONDict, invoice: str = "") -> Iterable[JSONDict]:
    """Yield the lines of a payment that stand for an invoice, or for any."""
    for line in read_rows(row.get("paymentLines")):
        number = read_text(line.get("refNbr"))
        if line.get("documentType") == INVOICE and number and invoice in ("", number):
            yield line


def _amount(invoice: JSONDict, name: str) -> Decimal | None:
    in_currency = read_decimal(invoice.get(f"{name}InCurrency"))
    return read_decimal(invoice.get(name)) if in_currency is None else in_currency
