"""A sales order: the accepted quotation of a won deal, with its customer and the codes of its products."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.core import JSONDict, Order
from connectors.teamleader.read_customer import read_customer, read_person
from connectors.teamleader.read_lines import read_currency, read_discounts, read_lines, read_totals
from connectors.teamleader.read_values import read_custom_fields, read_exchange_rate, read_id, read_moment, reading

ACCEPTED = "accepted"
WON = "won"


def read_order(raw: JSONDict) -> Order:
    """Read the parts {"deal", "quotation", "company" or "contact", "contact_person", "products", "tax_rates"}.

    "reference" is the deal's own with a suffix from the second accepted quotation on, and "time_zone" is where the
    day of the order is counted. Raises RecordError.
    """
    with reading():
        deal, quotation = raw["deal"], raw["quotation"]
        customer = read_customer(raw) if raw.get("company") or raw.get("contact") else None
        if customer is not None and raw.get("contact_person"):
            customer = customer.model_copy(update={"contact_person": read_person(raw["contact_person"])})
        closed_at = read_moment(deal.get("closed_at"))
        return Order(
            key=quotation["id"],
            number=raw["reference"],
            title=deal.get("title"),
            ordered_at=closed_at,
            order_date=_day(closed_at, raw.get("time_zone") or "UTC"),
            currency=read_currency(quotation),
            exchange_rate=read_exchange_rate(quotation.get("currency_exchange_rate")),
            customer=customer,
            purchase_order_number=deal.get("purchase_order_number"),
            department=read_id(deal.get("department")),
            sales_person=read_id(deal.get("responsible_user")),
            payment_term=customer.payment_term if customer else None,
            note=deal.get("summary"),
            delivery_address=customer.delivery_address if customer else None,
            invoice_address=customer.invoice_address if customer else None,
            lines=read_lines(quotation, products=raw.get("products") or {}, tax_rates=raw.get("tax_rates") or {}),
            discounts=read_discounts(quotation),
            totals=read_totals(quotation),
            url=deal.get("web_url"),
            custom_fields=read_custom_fields(deal.get("custom_fields")),
        )


def accepted_ids(quotations: Iterable[JSONDict]) -> list[str]:
    """Return the ids of the accepted quotations of one deal, oldest first; very old ones carry no date."""
    accepted = [row for row in quotations if row.get("status") == ACCEPTED]
    return [row["id"] for row in sorted(accepted, key=lambda row: (row.get("created_at") or "", row["id"]))]


def references(reference: str, count: int) -> list[str]:
    """Return a reference for each accepted quotation of a deal: "2017/2", "2017/2/2", "2017/2/3"."""
    return [reference if number == 1 else f"{reference}/{number}" for number in range(1, count + 1)]


def _day(moment: datetime | None, zone: str) -> date | None:
    return moment.astimezone(ZoneInfo(zone)).date() if moment else None
