"""Invoices and credit notes as they are listed and read; the flows that use them add their own rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connectors.core import JSONDict, Money
from connectors.teamleader.api import FocusApi
from connectors.teamleader.read_invoice import BOOKED, Document, are_paid, read_invoice
from connectors.teamleader.read_values import write_moment


def list_invoices(
    focus: FocusApi,
    *,
    updated_since: datetime | None = None,
    statuses: Sequence[str] = BOOKED,
    deal_id: str = "",
    ids: Sequence[str] = (),
) -> Iterator[list[JSONDict]]:
    """Yield pages of invoices, the oldest number first. Lines and payments stand on `invoice_info` only."""
    where: dict[str, Any] = {"status": list(statuses)} if statuses else {}
    if updated_since:
        where["updated_since"] = write_moment(updated_since)
    if deal_id:
        where["deal_id"] = deal_id
    if ids:
        where["ids"] = list(ids)
    return focus.pages("invoices", where=where, sort=({"field": "invoice_number", "order": "asc"},))


def invoice_info(focus: FocusApi, invoice_id: str) -> JSONDict:
    """Return one invoice in full. Raises NotFound."""
    return focus.info("invoices", invoice_id)


def invoices_of_deal(focus: FocusApi, deal_id: str) -> list[Document]:
    """Return the booked invoices of a deal."""
    return [read_invoice(row) for rows in list_invoices(focus, deal_id=deal_id) for row in rows]


def is_deal_paid(focus: FocusApi, deal_id: str) -> bool:
    """Return whether the deal was invoiced and everything invoiced is paid."""
    return are_paid(invoices_of_deal(focus, deal_id))


def register_payment(
    focus: FocusApi, invoice_id: str, payment: Money, *, paid_at: datetime, method_id: str = ""
) -> None:
    """Register money on an invoice. There is no payment id and no update: look at `payments` before doing it again."""
    body: JSONDict = {
        "id": invoice_id,
        "payment": {"amount": payment.amount, "currency": payment.currency},
        "paid_at": write_moment(paid_at),
    }
    if method_id:
        body["payment_method_id"] = method_id
    focus.post("invoices.registerPayment", body, is_create=True)
