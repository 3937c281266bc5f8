"""Lines and totals of a document as Teamleader computes them.

A line is rounded to the cents of its currency (half up), document discounts are taken from the sum per VAT rate, and
VAT is computed on that sum, so VAT of the lines and VAT of the document may differ by cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from connectors.currencies import decimals_of
from connectors.sandbox.seed.records import Body, link, money, number
from connectors.sandbox.seed.teamleader_products import Product
from connectors.sandbox.seed.teamleader_settings import RATES, rate_link

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One line; `product` None is free text."""

    description: str
    quantity: Decimal
    price: Decimal
    rate: str = "21%"
    product: Product | None = None
    discount: Decimal = Decimal(0)
    extended: str | None = None
    section: str = ""
    periodicity: tuple[str, int] | None = None


@dataclass(frozen=True)
class Document:
    """The part of a quotation, invoice, credit note or order that is about money."""

    lines: Sequence[Line]
    department: str
    discounts: tuple[tuple[str, Decimal], ...] = ()
    currency: str = "EUR"
    exchange_rate: Decimal = Decimal(1)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def rounded(value: Decimal, currency: str) -> Decimal:
    """Round to what is smallest in a currency."""
    return value.quantize(Decimal(1).scaleb(-decimals_of(currency)), ROUND_HALF_UP)


def exchange(document: Document) -> Body:
    return {"from": document.currency, "to": "EUR", "rate": number(document.exchange_rate)}


def discounts(document: Document) -> list[Body]:
    return [
        {"type": "percentage", "value": number(value), "description": description}
        for description, value in document.discounts
    ]


def grouped_lines(document: Document, kind: str) -> list[Body]:
    """The lines by section, with the keys this kind of document has."""
    return [
        {"section": {"title": title}, "line_items": [_line(line, document, kind) for line in lines]}
        for title, lines in groupby(document.lines, key=lambda line: line.section)
    ]


def totals(document: Document, *, is_discounted: bool = True) -> Body:
    """Exclusive, inclusive and taxes per rate."""
    taxable: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        taxable[RATES[document.department][line.rate]] += _amount(line, document.currency)
    if is_discounted:
        for rate in taxable:
            for _, percentage in document.discounts:
                taxable[rate] *= 1 - percentage / 100
    bases = {rate: rounded(amount, document.currency) for rate, amount in sorted(taxable.items(), reverse=True)}
    taxes = {rate: rounded(base * rate, document.currency) for rate, base in bases.items()}
    exclusive = sum(bases.values(), Decimal(0))
    return {
        "tax_exclusive": money(exclusive, document.currency),
        "tax_inclusive": money(exclusive + sum(taxes.values(), Decimal(0)), document.currency),
        "taxes": [
            {
                "rate": number(rate),
                "taxable": money(base, document.currency),
                "tax": money(taxes[rate], document.currency),
            }
            for rate, base in bases.items()
        ],
    }


def purchase_price(document: Document) -> Decimal:
    return cents(sum((line.product.cost * line.quantity for line in document.lines if line.product), Decimal(0)))


def _amount(line: Line, currency: str) -> Decimal:
    return rounded(line.quantity * line.price * (1 - line.discount / 100), currency)


def _line(line: Line, document: Document, kind: str) -> Body:
    rate = RATES[document.department][line.rate]
    currency = document.currency
    before, after = rounded(line.quantity * line.price, currency), _amount(line, currency)
    body: Body = {
        "product": link("product", line.product.name) if line.product else None,
        "quantity": number(line.quantity),
        "description": line.description,
        "extended_description": line.extended,
        "unit": link("unitOfMeasure", line.product.unit) if line.product else None,
        "unit_price": {"amount": number(line.price), "tax": "excluding"},
        "tax": rate_link(document.department, line.rate),
        "discount": {"value": number(line.discount), "type": "percentage"} if line.discount else None,
        "total": {
            "tax_exclusive": money(after, currency),
            "tax_exclusive_before_discount": money(before, currency),
            "tax_inclusive": money(rounded(after * (1 + rate), currency), currency),
            "tax_inclusive_before_discount": money(rounded(before * (1 + rate), currency), currency),
        },
    }
    cost = money(line.product.cost, currency) if line.product else None
    if kind == "quotation":
        unit, period = line.periodicity or ("", 0)
        return {**body, "purchase_price": cost, "periodicity": {"unit": unit, "period": period} if unit else None}
    if kind == "order":
        return {**body, "product_category": None, "project": None, "group": None, "purchase_price": cost}
    if kind == "invoice":
        return {**body, "product_category": None, "withheld_tax": None}
    return {**body, "product_category": None}
