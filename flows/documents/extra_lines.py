"""Lines that a document does not have and its target gets: shipping from a field, discounts of it all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Protocol

from connectors.core import OrderLine, SalesDocument
from flows.catalog.document_settings import DiscountsAs
from flows.documents.totals import spread_discount

ONE = Decimal(1)


class ExtraSettings(Protocol):
    """What the lines need of a flow's settings."""

    shipping_items: str
    shipping_words: str
    shipping_field: str
    shipping_item: str
    shipping_text: str
    discounts: DiscountsAs
    discount_item: str
    discount_text: str


def is_shipping(line: OrderLine, settings: ExtraSettings) -> bool:
    """Whether the line stands for shipping costs: by the number of its product, or a word in its text."""
    text = line.text.casefold()
    is_named = (line.sku or "").casefold() in _parts(settings.shipping_items)
    return is_named or any(word in text for word in _parts(settings.shipping_words))


def _parts(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip().casefold())]


def shipping_line(document: SalesDocument, settings: ExtraSettings) -> OrderLine | None:
    """Return the line for the amount in the field, taxed like the line of most value; None where it is empty."""
    amount = _amount(document.custom_fields.get(settings.shipping_field))
    if not amount:
        return None
    main = max(document.lines, key=lambda line: abs(line.quantity * line.unit_price), default=None)
    return OrderLine(
        position=len(document.lines) + 1,
        text=settings.shipping_text or settings.shipping_item,
        quantity=ONE,
        unit_price=amount,
        vat_code=main.vat_code if main else None,
        vat_rate=main.vat_rate if main else None,
    )


def _amount(value: object) -> Decimal | None:
    """Return the amount in a custom field: a number, or a text such as "12,50"."""
    if isinstance(value, dict):
        value = value.get("amount")
    try:
        found = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def discount_lines(document: SalesDocument, settings: ExtraSettings) -> list[OrderLine]:
    """Return a negative line per VAT rate with what the discounts of the whole document come to there."""
    if settings.discounts is not DiscountsAs.LINE or not document.discounts:
        return []
    shares = spread_discount(document.lines, document.discounts, currency=document.currency)
    amounts: dict[tuple[str | None, Decimal | None], Decimal] = {}
    for line, share in zip(document.lines, shares, strict=True):
        rate = (line.vat_code, line.vat_rate)
        amounts[rate] = amounts.get(rate, Decimal(0)) + share.amount
    return [
        OrderLine(
            position=len(document.lines) + 2 + at,
            text=settings.discount_text or settings.discount_item,
            quantity=-ONE,
            unit_price=amount,
            vat_code=code,
            vat_rate=rate,
        )
        for at, ((code, rate), amount) in enumerate(amounts.items())
        if amount
    ]


def extra_lines(document: SalesDocument, settings: ExtraSettings) -> Sequence[tuple[OrderLine, str]]:
    """Return the lines that are added, each with the item it is sent under."""
    shipping = shipping_line(document, settings)
    found = [(line, settings.discount_item) for line in discount_lines(document, settings)]
    return [*found, (shipping, settings.shipping_item)] if shipping else found
