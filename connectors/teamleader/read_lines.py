"""What quotations, invoices and credit notes have in common: lines in sections, discounts, totals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.core import JSONDict, OrderLine, Totals, VatTotal
from connectors.teamleader.read_values import read_decimal, read_id


def line_items(document: JSONDict) -> list[JSONDict]:
    """Return the lines of all sections as they are."""
    return [line for group in document.get("grouped_lines") or () for line in group.get("line_items") or ()]


def product_ids(document: JSONDict) -> list[str]:
    return [found for line in line_items(document) if (found := read_id(line.get("product")))]


def tax_ids(document: JSONDict) -> list[str]:
    return [found for line in line_items(document) if (found := read_id(line.get("tax")))]


def read_lines(
    document: JSONDict, *, products: Mapping[str, JSONDict], tax_rates: Mapping[str, JSONDict]
) -> tuple[OrderLine, ...]:
    """Read the lines in their order; the section's title stays with each line."""
    pairs = [
        (((group.get("section") or {}).get("title") or None), line)
        for group in document.get("grouped_lines") or ()
        for line in group.get("line_items") or ()
    ]
    return tuple(
        _read_line(line, position, section, products, tax_rates) for position, (section, line) in enumerate(pairs, 1)
    )


def _read_line(
    line: JSONDict,
    position: int,
    section: str | None,
    products: Mapping[str, JSONDict],
    tax_rates: Mapping[str, JSONDict],
) -> OrderLine:
    product, tax = read_id(line.get("product")), read_id(line.get("tax"))
    rate = tax_rates.get(tax or "", {}).get("rate")
    return OrderLine(
        position=position,
        text=line.get("description") or "",
        extended_text=line.get("extended_description"),
        section=section,
        product_key=product,
        sku=products.get(product or "", {}).get("code") or None,
        quantity=read_decimal(line["quantity"]),
        unit=read_id(line.get("unit")),
        unit_price=read_decimal(line["unit_price"]["amount"]),
        discount_percent=_percent(line.get("discount")),
        vat_code=tax,
        vat_rate=None if rate is None else read_decimal(rate),
        total=_amount((line.get("total") or {}).get("tax_exclusive")),
        is_recurring=bool(line.get("periodicity")),
    )


def read_discounts(document: JSONDict) -> tuple[Decimal, ...]:
    """Read the discounts on the whole document, in the order they are applied."""
    return tuple(_percent(row) for row in document.get("discounts") or ())


def read_totals(document: JSONDict) -> Totals:
    total = document["total"]
    return Totals(
        excluding=read_decimal(total["tax_exclusive"]["amount"]),
        including=read_decimal(total["tax_inclusive"]["amount"]),
        taxes=tuple(
            VatTotal(
                rate=read_decimal(row["rate"]),
                taxable=read_decimal(row["taxable"]["amount"]),
                tax=read_decimal(row["tax"]["amount"]),
            )
            for row in total.get("taxes") or ()
        ),
    )


def read_currency(document: JSONDict) -> str:
    """Return the currency of a document; older quotations name it only in their totals."""
    return document.get("currency") or document["total"]["tax_exclusive"]["currency"]


def _percent(discount: Mapping[str, Any] | None) -> Decimal:
    if not discount:
        return Decimal(0)
    if discount.get("type", "percentage") != "percentage":
        raise ValueError(f"discount of type {discount['type']}")
    return read_decimal(discount["value"])


def _amount(money: Mapping[str, Any] | None) -> Decimal | None:
    return read_decimal(money["amount"]) if money else None
