"""A line for the cents by which a document would come to something else in the target: sent so that both are equal.

It is added only to what is tolerated anyway, never comes to more than the tolerance, and only where with it the target
comes to exactly what the source says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from connectors.core import OrderLine, SalesDocument, Totals
from connectors.currencies import decimals_of
from flows.catalog.sales_lines import Held, Items, LineSettings, Rate, as_booked, category_of, tolerance_of
from flows.documents.totals import cent_difference, compare, predict, round_to

ONE = Decimal(1)


class CentSettings(LineSettings, Protocol):
    """What the line needs of a flow's settings."""

    cent_line_item: str
    cent_line_account: str
    cent_line_text: str
    cent_line_vat: str


@dataclass(frozen=True, slots=True)
class CentLine:
    """The line, and what the target needs to know about it."""

    line: OrderLine
    resolved: dict[str, Any]


def cent_line(
    document: SalesDocument,
    lines: Sequence[Mapping[str, Any]],
    rate: Rate,
    settings: CentSettings,
    items: Items,
    *,
    system: str,
    needs_item: bool = True,
) -> CentLine | Held | None:
    """Return the line that makes the target come to what the source says, or None where none is needed or helps."""
    account = "" if needs_item else settings.cent_line_account
    if not settings.cent_line_item and not account:
        return None
    sold = as_booked(document, lines, rate, settings)
    off = cent_difference(document.totals, predict(sold, (), currency=document.currency))
    tolerance = tolerance_of(document, settings)
    if not off or abs(off) > tolerance:
        return None
    named = settings.cent_line_item
    item = "" if account else items.spelled.get(named, named if items.are_free else None)
    if item is None:
        return Held("product.missing", {"sku": named, "system": system})
    for line, category in _candidates(document, lines, settings):
        found = _fitting(document, sold, line, rate(line, category), off, tolerance)
        if found is not None:
            pairs = {name: value for name, value in (("vat", category), ("account", account)) if value}
            resolved = {"item": item, "discount_percent": Decimal(0), "text_only": True, "pairs": pairs}
            return CentLine(found.model_copy(update={"text": settings.cent_line_text or "Rounding"}), resolved)
    return None


def _candidates(
    document: SalesDocument, lines: Sequence[Mapping[str, Any]], settings: CentSettings
) -> Iterator[tuple[OrderLine, str | None]]:
    """Yield what the line may be taxed like: by the chosen category, or like the lines of the document, dearest first.

    With a category of its own it changes nothing at the rates of the document.
    """
    if settings.cent_line_vat:
        yield OrderLine(position=0, text="", quantity=ONE, unit_price=ONE), settings.cent_line_vat
        return
    pairs = zip(document.lines, lines, strict=False)
    seen: set[tuple[str | None, str | None]] = set()
    for line, resolved in sorted(pairs, key=lambda pair: -abs(pair[0].quantity * pair[0].unit_price)):
        category = category_of(resolved)
        if (line.vat_code, category) not in seen:
            seen.add((line.vat_code, category))
            yield line, category


def _fitting(
    document: SalesDocument,
    sold: Sequence[OrderLine],
    like: OrderLine,
    rate: Decimal | None,
    off: Decimal,
    tolerance: Decimal,
) -> OrderLine | None:
    """Return a line taxed like another one with which the target comes to the same, tried a unit up and down."""
    digits = decimals_of(document.currency)
    unit = ONE.scaleb(-digits)
    exact = round_to(off / (1 + (rate or Decimal(0))), digits)
    for amount in (exact, exact - unit, exact + unit):
        line = OrderLine(
            position=len(document.lines) + len(sold) + 3,
            text="",
            quantity=ONE if amount > 0 else -ONE,
            unit_price=abs(amount),
            vat_code=like.vat_code,
            vat_rate=like.vat_rate,
        )
        with_it = [*sold, line.model_copy(update={"vat_rate": rate})]
        booked = predict(with_it, (), currency=document.currency)
        if amount and abs(amount) <= tolerance and _is_equal(document.totals, booked, tolerance):
            return line
    return None


def _is_equal(source: Totals, booked: Totals, tolerance: Decimal) -> bool:
    return not cent_difference(source, booked) and compare(source, booked, tolerance=tolerance) is None
