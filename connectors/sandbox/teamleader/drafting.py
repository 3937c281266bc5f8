"""`invoices.draft` and `invoices.book`: an invoice from its lines to its number. Amounts are those of the seed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.seed.documents import rounded
from connectors.sandbox.seed.records import money, number
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused, stamp
from connectors.sandbox.teamleader.reading import refuse_unknown
from connectors.sandbox.teamleader.writing import save

Body = dict[str, Any]
KEYS = {
    "invoicee", "department_id", "payment_term", "currency", "project_id", "purchase_order_number", "grouped_lines",
    "invoice_date", "discounts", "note", "expected_payment_method", "custom_fields", "document_template_id",
    "delivery_date", "quotation_id",
}  # fmt: skip
NEEDED = ("invoicee", "department_id", "payment_term", "grouped_lines")
HUNDRED = Decimal(100)


def draft(incoming: Incoming) -> Reply:
    """Make a draft: without number, date and due date. 201 with its id."""
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, KEYS, Options.of(incoming.account))
    for name in NEEDED:
        if not asked.get(name):
            raise Refused(f"{name} must be present", field=name)
    account = incoming.account
    department = checks.reference(account, asked["department_id"], kind="department", field="department_id")
    currency = (asked.get("currency") or {}).get("code") or "EUR"
    discounts = checks.array(asked.get("discounts") or [], field="discounts")
    groups = [_group(account, row, currency) for row in checks.array(asked["grouped_lines"], field="grouped_lines")]
    now, key = timezone.now().replace(microsecond=0), str(uuid.uuid4())
    body: Body = {
        **_BLANK,
        "id": key,
        "department": department,
        "purchase_order_number": asked.get("purchase_order_number"),
        "invoicee": _invoicee(account, checks.mapping(asked["invoicee"], field="invoicee")),
        "discounts": discounts,
        "grouped_lines": groups,
        "total": _total(account, groups, discounts, currency),
        "payment_term": asked["payment_term"],
        "note": asked.get("note"),
        "currency": currency,
        "currency_exchange_rate": {"from": currency, "to": "EUR", "rate": 1},
        "created_at": stamp(now),
        "updated_at": stamp(now),
        "web_url": f"https://focus.teamleader.eu/invoice_detail.php?id={key}",
    }
    Thing.objects.create(account=account, kind="invoice", key=key, body=body, created_at=now, modified_at=now)
    return Reply(201, {"data": {"type": "invoice", "id": key}})


def book(incoming: Incoming) -> Reply:
    """Give a draft its number and its dates. 204."""
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {"id", "on"}, Options.of(incoming.account))
    thing = checks.found(incoming.account, "invoice", asked.get("id"))
    day = date.fromisoformat(checks.day(asked.get("on"), field="on"))
    if thing.body["status"] != "draft":
        raise Refused("The invoice is booked already", field="id")
    booked = Thing.objects.filter(account=incoming.account, kind="invoice").exclude(body__status="draft")
    following = max((int(one.body.get("_sequence") or 0) for one in booked), default=0) + 1
    days = int(thing.body["payment_term"].get("days") or 0)
    thing.body |= {
        "invoice_number": f"{day.year} / {following}",
        "invoice_date": day.isoformat(),
        "due_on": (day + timedelta(days=days)).isoformat(),
        "status": "outstanding",
        "payment_reference": f"+++{following:03d}/{day.year:04d}/{following * 97 % 100000:05d}+++",
        "_sequence": following,
    }
    save(thing)
    return Reply(204)


_BLANK: Body = {
    "invoice_number": None, "invoice_date": None, "due_on": None, "status": "draft", "paid": False, "paid_at": None,
    "sent": False, "payments": [], "payment_reference": None, "expected_payment_method": {"method": "bank_transfer"},
    "file": None, "deal": None, "project": None, "on_hold_since": None, "custom_fields": [], "document_template": None,
    "delivery_date": None, "peppol_status": None, "subscription": None,
}  # fmt: skip


def _invoicee(account: Account, asked: Body) -> Body:
    wanted = checks.mapping(asked.get("customer"), field="invoicee.customer")
    kind = checks.one_of(wanted.get("type"), ("company", "contact"), field="invoicee.customer.type")
    customer = checks.found(account, kind, wanted.get("id"), field="invoicee.customer.id")
    names = (customer.body.get("name"), customer.body.get("first_name"), customer.body.get("last_name"))
    return {
        "name": " ".join(filter(None, names)),
        "vat_number": customer.body.get("vat_number"),
        "customer": {"type": kind, "id": customer.key},
        "email": next((row["email"] for row in customer.body.get("emails") or ()), None),
        "national_identification_number": None,
        "for_attention_of": None,
    }


def _group(account: Account, asked: Body, currency: str) -> Body:
    lines = checks.array(asked.get("line_items"), field="grouped_lines.line_items")
    section = asked.get("section") or {"title": ""}
    return {"section": section, "line_items": [_line(account, line, currency) for line in lines]}


def _line(account: Account, asked: Body, currency: str) -> Body:
    rate = checks.found(account, "taxRate", asked.get("tax_rate_id"), field="tax_rate_id")
    quantity = Decimal(str(checks.number(asked.get("quantity"), field="quantity")))
    price = Decimal(str((asked.get("unit_price") or {}).get("amount", 0)))
    discount = asked.get("discount")
    share = 1 - Decimal(str(discount["value"] if discount else 0)) / HUNDRED
    before, after = rounded(quantity * price, currency), rounded(quantity * price * share, currency)
    tax = Decimal(str(rate.body["rate"])) + 1
    unit, product = asked.get("unit_of_measure_id"), asked.get("product_id")
    return {
        "product": checks.reference(account, product, kind="product", field="product_id") if product else None,
        "quantity": number(quantity),
        "description": checks.text(asked.get("description"), field="description"),
        "extended_description": asked.get("extended_description"),
        "unit": checks.reference(account, unit, kind="unitOfMeasure", field="unit_of_measure_id") if unit else None,
        "unit_price": {"amount": number(price), "tax": "excluding"},
        "tax": {"type": "taxRate", "id": rate.key},
        "discount": discount,
        "total": {
            "tax_exclusive": money(after, currency),
            "tax_exclusive_before_discount": money(before, currency),
            "tax_inclusive": money(rounded(after * tax, currency), currency),
            "tax_inclusive_before_discount": money(rounded(before * tax, currency), currency),
        },
        "product_category": None,
        "withheld_tax": None,
    }


def _total(account: Account, groups: list[Body], discounts: list[Body], currency: str) -> Body:
    before, after = _sums(account, groups, [], currency), _sums(account, groups, discounts, currency)
    return {
        **after,
        "payable": after["tax_inclusive"],
        "due": after["tax_inclusive"],
        "tax_exclusive_before_discount": before["tax_exclusive"],
        "tax_inclusive_before_discount": before["tax_inclusive"],
        "withheld_taxes": [],
    }


def _sums(account: Account, groups: list[Body], discounts: list[Body], currency: str) -> Body:
    rates = {
        thing.key: Decimal(str(thing.body["rate"])) for thing in Thing.objects.filter(account=account, kind="taxRate")
    }
    taxable: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in (line for group in groups for line in group["line_items"]):
        taxable[rates[line["tax"]["id"]]] += Decimal(str(line["total"]["tax_exclusive"]["amount"]))
    for rate in taxable:
        for row in discounts:
            taxable[rate] *= 1 - Decimal(str(row["value"])) / HUNDRED
    bases = {rate: rounded(amount, currency) for rate, amount in sorted(taxable.items(), reverse=True)}
    taxes = {rate: rounded(base * rate, currency) for rate, base in bases.items()}
    excluding = sum(bases.values(), Decimal(0))
    return {
        "tax_exclusive": money(excluding, currency),
        "tax_inclusive": money(excluding + sum(taxes.values(), Decimal(0)), currency),
        "taxes": [
            {"rate": number(rate), "taxable": money(base, currency), "tax": money(taxes[rate], currency)}
            for rate, base in bases.items()
        ],
    }
