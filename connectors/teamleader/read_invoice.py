"""Invoices and credit notes: the legal documents, with what was paid on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from connectors.core import Core, Invoice, JSONDict, Money, OrderLine, Totals
from connectors.teamleader.read_customer import customer_key, read_customer
from connectors.teamleader.read_lines import read_currency, read_discounts, read_lines, read_totals
from connectors.teamleader.read_values import (
    read_custom_fields,
    read_day,
    read_exchange_rate,
    read_id,
    read_moment,
    read_money,
    read_payment_term,
    reading,
    unreadable,
)

BOOKED = ("outstanding", "matched")
INVOICE, CREDIT_NOTE = "invoice", "credit_note"
SHARED = (
    "key", "is_credit_note", "status", "is_paid", "paid_at", "document_date", "due_on", "currency", "exchange_rate",
    "purchase_order_number", "payment_reference", "department", "deal_key", "credited_key", "note", "lines",
    "discounts", "totals", "due", "url",
)  # fmt: skip


class DocumentPayment(Core):
    """Money that was registered on an invoice."""

    paid_at: datetime
    payment: Money


class Document(Core):
    """An invoice or a credit note (`credited_key` names the invoice it corrects)."""

    key: str
    number: str | None  # None while it is a draft
    is_credit_note: bool
    status: str
    is_paid: bool
    paid_at: datetime | None = None
    document_date: date | None = None
    due_on: date | None = None
    currency: str
    exchange_rate: Decimal | None = None
    customer_key: str | None = None
    customer_name: str | None = None
    vat_number: str | None = None
    email: str | None = None
    purchase_order_number: str | None = None
    payment_reference: str | None = None
    payment_term: str | None = None
    department: str | None = None
    deal_key: str | None = None
    credited_key: str | None = None
    note: str | None = None
    lines: tuple[OrderLine, ...] = ()
    discounts: tuple[Decimal, ...] = ()
    totals: Totals
    payable: Decimal | None = None
    due: Decimal | None = None
    payments: tuple[DocumentPayment, ...] = ()
    url: str | None = None


def read_invoice(
    raw: JSONDict, *, products: Mapping[str, JSONDict] | None = None, tax_rates: Mapping[str, JSONDict] | None = None
) -> Document:
    """Read an invoice, in full or as a list row. Raises RecordError."""
    with reading():
        return Document(
            number=raw.get("invoice_number"),
            is_credit_note=False,
            document_date=read_day(raw.get("invoice_date")),
            due_on=read_day(raw.get("due_on")),
            purchase_order_number=raw.get("purchase_order_number"),
            payment_reference=raw.get("payment_reference"),
            payment_term=read_payment_term(raw.get("payment_term")),
            deal_key=read_id(raw.get("deal")),
            note=raw.get("note"),
            payments=tuple(_read_payment(row) for row in raw.get("payments") or ()),
            url=raw.get("web_url"),
            **_shared(raw, products or {}, tax_rates or {}),
        )


def read_credit_note(
    raw: JSONDict, *, products: Mapping[str, JSONDict] | None = None, tax_rates: Mapping[str, JSONDict] | None = None
) -> Document:
    """Read a credit note, in full or as a list row. Raises RecordError."""
    with reading():
        return Document(
            number=raw.get("credit_note_number"),
            is_credit_note=True,
            document_date=read_day(raw.get("credit_note_date")),
            credited_key=read_id(raw.get("invoice")),
            **_shared(raw, products or {}, tax_rates or {}),
        )


def read_sale(raw: JSONDict) -> Invoice:
    """Read the parts {"invoice" or "credit_note", "company" or "contact", "contact_person", "products", "tax_rates"}.

    The document has no addresses of its own. Raises RecordError.
    """
    parts = {"products": raw.get("products") or {}, "tax_rates": raw.get("tax_rates") or {}}
    document, read = (raw[INVOICE], read_invoice) if raw.get(INVOICE) else (raw[CREDIT_NOTE], read_credit_note)
    found = read(document, **parts)
    with reading():
        customer = read_customer(raw) if raw.get("company") or raw.get("contact") else None
        return Invoice(
            **{name: getattr(found, name) for name in SHARED},
            number=found.number or found.key,
            customer=customer,
            payment_term=found.payment_term or (customer.payment_term if customer else None),
            delivery_address=customer.delivery_address if customer else None,
            invoice_address=customer.invoice_address if customer else None,
            custom_fields=read_custom_fields(document.get("custom_fields")),
        )


def are_paid(invoices: Iterable[Document]) -> bool:
    """Return whether at least one booked invoice exists and all of them are paid.

    "matched" alone may mean settled by a credit note, so it is `is_paid` that counts.
    """
    booked = [invoice for invoice in invoices if invoice.status in BOOKED]
    return bool(booked) and all(invoice.is_paid for invoice in booked)


def _shared(raw: JSONDict, products: Mapping[str, JSONDict], tax_rates: Mapping[str, JSONDict]) -> JSONDict:
    invoicee, total = raw.get("invoicee") or {}, raw["total"]
    customer = invoicee.get("customer")
    currency = read_currency(raw)
    payable, due = read_money(total.get("payable")), read_money(total.get("due"))
    return {
        "key": raw["id"],
        "status": raw.get("status") or "booked",
        "is_paid": bool(raw.get("paid")),
        "paid_at": read_moment(raw.get("paid_at")),
        "currency": currency,
        "exchange_rate": read_exchange_rate(raw.get("currency_exchange_rate")),
        "customer_key": customer_key(customer["type"], customer["id"]) if customer else None,
        "customer_name": invoicee.get("name"),
        "vat_number": invoicee.get("vat_number"),
        "email": invoicee.get("email"),
        "department": read_id(raw.get("department")),
        "lines": read_lines(raw, products=products, tax_rates=tax_rates),
        "discounts": read_discounts(raw),
        "totals": read_totals(raw),
        "payable": payable.amount if payable else None,
        "due": due.amount if due else None,
    }


def _read_payment(raw: JSONDict) -> DocumentPayment:
    paid_at, payment = read_moment(raw["paid_at"]), read_money(raw["payment"])
    if paid_at is None or payment is None:
        raise unreadable("payments")
    return DocumentPayment(paid_at=paid_at, payment=payment)
