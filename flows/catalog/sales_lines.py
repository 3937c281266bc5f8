"""What the lines of an order or invoice become in the target, and whether it will book the same totals. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from connectors.core import OrderLine, SalesDocument, Totals
from connectors.currencies import decimals_of
from flows.catalog.document_settings import DiscountsAs
from flows.documents.extra_lines import ExtraSettings, discount_lines, extra_lines, is_shipping
from flows.documents.totals import (
    compare,
    effective_discounts,
    line_total,
    percent_text,
    predict,
    spread_discount,
    told_by_rate,
)

NO_DISCOUNT = {"discount_percent": Decimal(0)}
CENT_PER_LINE = Decimal("0.01")
Rate = Callable[[OrderLine, str | None], Decimal | None]  # what a line is taxed at, with the category chosen for it


class MissingProduct(StrEnum):
    """What happens to a line whose product the target does not have."""

    BLOCK = "block"
    FALLBACK_ITEM = "fallback_item"


class LineSettings(ExtraSettings, Protocol):
    """What the lines need of a flow's settings."""

    missing_product: MissingProduct
    fallback_item: str
    totals_tolerance: Decimal
    shipping_vat: str


@dataclass(frozen=True, slots=True)
class Held:
    """Why a document cannot be planned yet."""

    code: str
    params: Mapping[str, Any]
    retry_at: datetime | None = None  # it is planned again by itself then


@dataclass(frozen=True, slots=True)
class Items:
    """How the target spells the item of each product key and SKU, and what a person chose to send instead of others
    (asked -> sent)."""

    spelled: Mapping[str, str]
    replaced: Mapping[str, str | None]
    are_free: bool = False  # the target takes whatever a line names, and lines that name nothing

    def instead_of(self, line: OrderLine) -> str | None:
        return self.replaced.get(asked_item(line)) if line.product_key is not None else None


def asked_item(line: OrderLine) -> str:
    """Return what a person knows the product of a line by."""
    return line.sku or line.text[:80]


def resolve_lines(
    document: SalesDocument, settings: LineSettings, items: Items, *, text_item: str, system: str
) -> list[dict[str, Any]] | Held:
    """Return what the target needs to know about each line beyond what the document says, or why it cannot.

    After the lines of the document come those that are added (`extra_lines`), in their order.
    """
    resolved: list[dict[str, Any]] = []
    for line, discount in zip(document.lines, _discounts(document, settings), strict=True):
        item = _item_of(line, settings, items, text_item)
        if item is None:
            if line.product_key is None:
                return Held("line.without_product", {"text": line.text[:80]})
            return Held("product.missing", {"sku": asked_item(line), "system": system})
        pairs = _vat_pair(settings) if is_shipping(line, settings) else {}
        resolved.append({"item": item, **discount, "text_only": line.product_key is None, "pairs": pairs})
    for line, named in extra_lines(document, settings):
        item = items.spelled.get(named, named if items.are_free else None)
        if item is None:
            return Held("product.missing", {"sku": named or line.text[:80], "system": system})
        pairs = _vat_pair(settings) if named == settings.shipping_item else {}
        resolved.append({"item": item, "discount_percent": Decimal(0), "text_only": True, "pairs": pairs})
    return resolved


def _vat_pair(settings: LineSettings) -> dict[str, str]:
    return {"vat": settings.shipping_vat} if settings.shipping_vat else {}


def _discounts(document: SalesDocument, settings: LineSettings) -> list[dict[str, Any]]:
    """Return the discount of each line, as a percentage or as an amount, with its share of the whole document's."""
    lines, discounts = document.lines, document.discounts
    if not discounts or settings.discounts is DiscountsAs.LINE:
        return [{"discount_percent": line.discount_percent} for line in lines]
    spread = spread_discount(lines, discounts, currency=document.currency)
    if settings.discounts is DiscountsAs.PERCENT:
        return [{"discount_percent": one.percent} for one in spread]
    gross = [line_total(line.model_copy(update=NO_DISCOUNT), currency=document.currency) for line in lines]
    return [{"discount_amount": whole - one.total} for whole, one in zip(gross, spread, strict=True)]


def _item_of(line: OrderLine, settings: LineSettings, items: Items, text_item: str) -> str | None:
    if settings.shipping_item and is_shipping(line, settings):
        return items.spelled.get(settings.shipping_item)
    instead = items.instead_of(line)
    found = items.spelled.get(instead) if instead else _item_for(line, settings, items.spelled, text_item)
    return line.sku or "" if found is None and items.are_free else found


def _item_for(line: OrderLine, settings: LineSettings, items: Mapping[str, str], text_item: str) -> str | None:
    if line.product_key is None:
        return items.get(text_item)
    found = items.get(line.product_key) or items.get(line.sku or "")
    if found is None and settings.missing_product is MissingProduct.FALLBACK_ITEM:
        return items.get(settings.fallback_item)
    return found


def tolerance_of(document: SalesDocument, settings: LineSettings) -> Decimal:
    """Return by how much the totals of a document may differ: a cent per line, or what the settings say if more."""
    return max(CENT_PER_LINE * len(document.lines), settings.totals_tolerance)


def as_booked(
    document: SalesDocument, lines: Sequence[Mapping[str, Any]], rate: Rate, settings: LineSettings
) -> list[OrderLine]:
    """Return the lines as the target will compute them, with its VAT and the discounts on the lines.

    Shipping from a field is not part of the source's totals; an entry in the ledger has no lines that are added.
    """
    sold = [*document.lines, *discount_lines(document, settings)][: len(lines)]
    percents = effective_discounts(document.lines, document.discounts, currency=document.currency)
    return [
        line.model_copy(
            update={
                "discount_percent": _percent_of(resolved, percents, at),
                "vat_rate": rate(line, category_of(resolved)),
            }
        )
        for at, (line, resolved) in enumerate(zip(sold, lines[: len(sold)], strict=True))
    ]


def check_totals(
    document: SalesDocument, lines: Sequence[Mapping[str, Any]], rate: Rate, settings: LineSettings
) -> Held | None:
    """Compute the document as the target will, and compare it with the source."""
    booked = predict(as_booked(document, lines, rate, settings), (), currency=document.currency)
    difference = compare(document.totals, booked, tolerance=tolerance_of(document, settings))
    if difference is None:
        return None
    digits = decimals_of(document.currency)
    by_rate = told_by_rate(document.totals, booked, currency=document.currency)
    if difference.is_of_document:
        amounts = {**_amounts("source", document.totals, digits), **_amounts("target", booked, digits)}
        return Held("totals.differ", {**amounts, "by_rate": by_rate})
    part = difference.parts[0]
    amounts = {"source": f"{part.source:.{digits}f}", "target": f"{part.target:.{digits}f}"}
    return Held("totals.rates_differ", {"percent": percent_text(part.rate), **amounts, "by_rate": by_rate})


def category_of(resolved: Mapping[str, Any]) -> str | None:
    """Return the VAT category that was chosen for a line beforehand."""
    found: str | None = resolved.get("pairs", {}).get("vat")
    return found


def _percent_of(resolved: Mapping[str, Any], percents: Sequence[Decimal], at: int) -> Decimal:
    """Return what is taken off a line in percent; an amount comes to the same as its share of the whole document's."""
    found: Decimal = resolved["discount_percent"] if "discount_percent" in resolved else percents[at]
    return found


def _amounts(side: str, totals: Totals, digits: int) -> dict[str, str]:
    vat = totals.including - totals.excluding
    return {side: f"{totals.including:.{digits}f}", f"{side}_vat": f"{vat:.{digits}f}"}
