"""Invoices of won deals (paid, half paid, open, draft), their credit notes, and a few purchase orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sandbox.seed import documents
from connectors.sandbox.seed.documents import Document, Line
from connectors.sandbox.seed.people import Company
from connectors.sandbox.seed.records import Body, Record, link, money, stamp, uid
from connectors.sandbox.seed.teamleader_deals import Deal, deals
from connectors.sandbox.seed.teamleader_products import products
from connectors.sandbox.seed.teamleader_settings import BELGIUM, TERMS

_STATES = ("paid", "paid", "open", "paid", "half", "open", "paid", "paid", "open", "open", "draft")
_CREDITED = (1, 4)
_PLAIN = {"plain", "line_discounts", "document_discount", "free_text", "intra_community", "private_person"}


def records(now: datetime) -> list[Record]:
    won = [deal for deal in deals(now) if deal.status == "won"]
    billed = [deal for deal in won if deal.shape.name in _PLAIN][: len(_STATES) - 1]
    odd = next(deal for deal in won if deal.shape.name == "unknown_product")
    billed = [*billed[:-1], odd, billed[-1]]  # the draft is the last: it has no number yet
    invoices = [
        _invoice(index + 1, deal, state, now) for index, (deal, state) in enumerate(zip(billed, _STATES, strict=True))
    ]
    credits = [_credit_note(number, billed[number - 1], now) for number in _CREDITED]
    return [*invoices, *credits, *_orders(now)]


def _invoice(number: int, deal: Deal, state: str, now: datetime) -> Record:
    document = deal.documents[0]
    booked_at = min(deal.modified_at + timedelta(days=2), now - timedelta(hours=30 - number))
    paid_at = min(booked_at + timedelta(days=6), now - timedelta(hours=3))
    modified_at = paid_at if state in ("paid", "half") else booked_at
    totals = documents.totals(document)
    inclusive = Decimal(str(totals["tax_inclusive"]["amount"]))
    paid = {"paid": inclusive, "half": documents.cents(inclusive / 2)}.get(state, Decimal(0))
    is_booked = state != "draft"
    before = documents.totals(document, is_discounted=False)
    body: Body = {
        "id": uid("invoice", number),
        "department": link("department", document.department),
        "invoice_number": f"{booked_at.year} / {number}" if is_booked else None,
        "invoice_date": booked_at.date().isoformat() if is_booked else None,
        "status": "draft" if not is_booked else "matched" if state == "paid" else "outstanding",
        "due_on": (booked_at + timedelta(days=30)).date().isoformat() if is_booked else None,
        "paid": state == "paid",
        "paid_at": stamp(paid_at) if state == "paid" else None,
        "sent": is_booked,
        "purchase_order_number": f"PO-{7000 + deal.number}" if deal.number % 3 == 0 else None,
        "invoicee": {**_invoicee(deal), "for_attention_of": None},
        "discounts": documents.discounts(document),
        "grouped_lines": documents.grouped_lines(document, "invoice"),
        "total": {
            **totals,
            "payable": totals["tax_inclusive"],
            "due": money(inclusive - paid, document.currency),
            "tax_exclusive_before_discount": before["tax_exclusive"],
            "tax_inclusive_before_discount": before["tax_inclusive"],
            "withheld_taxes": [],
        },
        "payment_term": TERMS[2],
        "payments": [{"paid_at": stamp(paid_at), "payment": money(paid, document.currency)}] if paid else [],
        "payment_reference": f"+++{number:03d}/{2026:04d}/{number * 97 % 100000:05d}+++" if is_booked else None,
        "note": None,
        "currency": document.currency,
        "currency_exchange_rate": documents.exchange(document),
        "expected_payment_method": {"method": "bank_transfer"},
        "file": None,
        "deal": link("deal", deal.number),
        "project": None,
        "on_hold_since": None,
        "custom_fields": [],
        "created_at": stamp(booked_at),
        "updated_at": stamp(modified_at),
        "document_template": None,
        "delivery_date": None,
        "peppol_status": None,
        "web_url": f"https://focus.teamleader.eu/invoice_detail.php?id={number}",
        "subscription": None,
    }
    if is_booked:
        body["_sequence"] = number
    return Record("invoice", body["id"], body, booked_at, modified_at)


def _credit_note(number: int, deal: Deal, now: datetime) -> Record:
    """The first line of an invoice given back; amounts are positive, as in the vendor's examples."""
    billed = deal.documents[0]
    document = Document(billed.lines[:1], billed.department, billed.discounts, billed.currency, billed.exchange_rate)
    booked_at = min(deal.modified_at + timedelta(days=12), now - timedelta(hours=5))
    totals = documents.totals(document)
    body: Body = {
        "id": uid("creditNote", number),
        "department": link("department", document.department),
        "credit_note_number": f"{booked_at.year}/{number}",
        "credit_note_date": booked_at.date().isoformat(),
        "status": "booked",
        "invoice": link("invoice", number),
        "paid": False,
        "paid_at": None,
        "invoicee": _invoicee(deal),
        "discounts": documents.discounts(document),
        "total": {**totals, "payable": totals["tax_inclusive"]},
        "grouped_lines": documents.grouped_lines(document, "creditNote"),
        "currency": document.currency,
        "currency_exchange_rate": documents.exchange(document),
        "created_at": stamp(booked_at),
        "updated_at": stamp(booked_at),
        "document_template": None,
        "peppol_status": None,
    }
    return Record("creditNote", body["id"], body, booked_at, booked_at)


def _invoicee(deal: Deal) -> Body:
    is_company = isinstance(deal.customer, Company)
    return {
        "name": deal.customer_name,
        "vat_number": deal.customer.vat_number if isinstance(deal.customer, Company) else None,
        "customer": link("company" if is_company else "contact", deal.customer.number),
        "email": deal.customer.email,
        "national_identification_number": None,
    }


def _orders(now: datetime) -> list[Record]:
    """Purchase orders: without customer, one even without supplier and number."""
    return [_order(number, now) for number in (1, 2, 3)]


def _order(number: int, now: datetime) -> Record:
    at = now - timedelta(days=30 - number * 6)
    lines = [
        Line(product.title, Decimal(10 * number), product.cost, product=product)
        for product in products()[number : number + 2]
    ]
    document = Document(lines, BELGIUM)
    totals = documents.totals(document)
    body: Body = {
        "id": uid("order", number),
        "name": f"Stock order {number}",
        "order_date": at.date().isoformat(),
        "order_number": number if number > 1 else None,
        "delivery_date": None,
        "payment_term": TERMS[2] if number > 1 else None,
        "grouped_lines": documents.grouped_lines(document, "order"),
        "total": {
            **totals,
            "purchase_price_tax_exclusive": totals["tax_exclusive"],
            "purchase_price_tax_inclusive": totals["tax_inclusive"],
        },
        "web_url": f"https://focus.teamleader.eu/order_detail.php?id={number}",
        "supplier": link("company", 40) if number > 1 else None,
        "department": link("department", BELGIUM),
        "deal": link("deal", 3) if number == 3 else None,
        "project": None,
        "assignee": link("user", 0),
        "custom_fields": [],
    }
    return Record("order", body["id"], body, at, at)
