"""A sales order: the accepted quotation of a won deal, with its customer and the codes of its products."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core import Customer, CustomerKind, JSONDict, Order, OrderLine, Person, Totals
from connectors.teamleader.read_customer import read_customer, read_person, with_person
from connectors.teamleader.read_lines import read_currency, read_discounts, read_lines, read_totals
from connectors.teamleader.read_values import (
    read_custom_fields,
    read_exchange_rate,
    read_id,
    read_moment,
    read_money,
    reading,
    unreadable,
)

ACCEPTED = "accepted"
DEAL_PREFIX = "deal:"


def read_order(raw: JSONDict) -> Order:
    """Read the parts {"deal", "quotation", "company" or "contact", "contact_person", "products", "tax_rates"}.

    "reference" is the deal's own with a suffix from the second accepted quotation on, and "time_zone" is where the
    day of the order is counted. Without "quotation" it is an order of what the deal was estimated at, in one line.
    Raises RecordError.
    """
    with reading():
        deal, quotation = raw["deal"], raw.get("quotation")
        customer = read_customer(raw) if raw.get("company") or raw.get("contact") else None
        if customer is not None and raw.get("contact_person"):
            customer = _spoken_for(customer, read_person(raw["contact_person"]))
        agreed_at = _agreed_at(deal, quotation)
        return Order(
            **(_estimate(deal) if quotation is None else _quoted(quotation, raw)),
            number=raw["reference"],
            title=deal.get("title"),
            ordered_at=agreed_at,
            order_date=_day(agreed_at, raw.get("time_zone") or "UTC"),
            customer=customer,
            purchase_order_number=deal.get("purchase_order_number"),
            department=read_id(deal.get("department")),
            sales_person=read_id(deal.get("responsible_user")),
            payment_term=customer.payment_term if customer else None,
            note=deal.get("summary"),
            delivery_address=customer.delivery_address if customer else None,
            invoice_address=customer.invoice_address if customer else None,
            url=deal.get("web_url"),
            custom_fields=read_custom_fields(deal.get("custom_fields")),
            rivals=int(raw.get("rivals") or 0),
        )


def _quoted(quotation: JSONDict, raw: JSONDict) -> dict[str, Any]:
    return {
        "key": quotation["id"],
        "currency": read_currency(quotation),
        "exchange_rate": read_exchange_rate(quotation.get("currency_exchange_rate")),
        "lines": read_lines(quotation, products=raw.get("products") or {}, tax_rates=raw.get("tax_rates") or {}),
        "discounts": read_discounts(quotation),
        "totals": read_totals(quotation),
    }


def _estimate(deal: JSONDict) -> dict[str, Any]:
    """The estimated value excludes VAT, and no rate is known: the target's item decides on it."""
    value = read_money(deal["estimated_value"])
    if value is None:
        raise unreadable("estimated_value")
    line = OrderLine(
        position=1, text=deal.get("title") or "", quantity=Decimal(1), unit_price=value.amount, total=value.amount
    )
    return {
        "key": f"{DEAL_PREFIX}{deal['id']}",
        "currency": value.currency,
        "exchange_rate": read_exchange_rate(deal.get("currency_exchange_rate")),
        "lines": (line,),
        "totals": Totals(excluding=value.amount, including=value.amount),
        "is_estimate": True,
    }


def _agreed_at(deal: JSONDict, quotation: JSONDict | None) -> datetime | None:
    """Return when it was agreed: a deal that is still open has no end, so its quotation's last change says it."""
    closed_at = read_moment(deal.get("closed_at"))
    return closed_at or read_moment((quotation or {}).get("updated_at")) or read_moment(deal.get("updated_at"))


def _spoken_for(customer: Customer, person: Person | None) -> Customer:
    """Return the customer with the contact person of the deal."""
    people = with_person(customer.contacts, person) if customer.kind is CustomerKind.COMPANY else ()
    return customer.model_copy(update={"contact_person": person, "contacts": people})


def accepted_ids(quotations: Iterable[JSONDict]) -> list[str]:
    """Return the ids of the accepted quotations of one deal, oldest first; very old ones carry no date."""
    accepted = [row for row in quotations if row.get("status") == ACCEPTED]
    return [row["id"] for row in sorted(accepted, key=lambda row: (row.get("created_at") or "", row["id"]))]


def _day(moment: datetime | None, zone: str) -> date | None:
    return moment.astimezone(ZoneInfo(zone)).date() if moment else None
