"""What an order adds up to, as the target will book it: per line, per VAT rate, and for the whole document.

Rounding is half-up away from zero, to the currency's own decimals: each line, then the taxable sum per rate, then the
VAT on that sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.core import OrderLine, Totals, VatTotal
from connectors.currencies import decimals_of

HUNDRED = Decimal(100)
MAX_EXPONENT = 20
PRECISE = Context(prec=90, rounding=ROUND_HALF_UP)  # products of amounts of 20 digits keep every digit
RATE_AMOUNTS = ("source_taxable", "source_tax", "target_taxable", "target_tax")
PERCENT_DIGITS = range(2, 13)

What = Literal["excluding", "taxable", "tax", "including"]


@dataclass(frozen=True, slots=True)
class SpreadLine:
    """A line's share of the document discounts: the amount, what is left of the line, and the discount percentage of
    the line that gives the same, its own discount included."""

    position: int
    amount: Decimal
    total: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document has to come to, and by how much it may differ."""

    totals: Totals
    tolerance: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Part:
    """One amount that differs; `rate` is None for the whole document."""

    what: What
    rate: Decimal | None
    source: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two totals lie further apart than is tolerated."""

    parts: tuple[Part, ...]

    @property
    def is_of_document(self) -> bool:
        """Whether a sum of the whole document differs, and not only how it is made up of VAT rates."""
        return any(part.rate is None for part in self.parts)


def line_total(line: OrderLine, *, currency: str) -> Decimal:
    """Return the line's total after its own discount, rounded."""
    return round_to(_exact_total(line), decimals_of(currency))


def predict(lines: Sequence[OrderLine], discounts: Sequence[Decimal], *, currency: str) -> Totals:
    """Return the totals the target will come to. Document discounts are percentages, one after the other.

    A line without a known VAT rate counts as 0 %. Raises MappingError for amounts that cannot be.
    """
    digits = decimals_of(currency)
    taxes: list[VatTotal] = []
    with localcontext(PRECISE):
        left = _share_left(discounts)
        for rate, group in sorted(_by_rate(lines).items()):
            total = sum((round_to(_exact_total(line), digits) for line in group), Decimal(0))
            taxable = round_to(total * left, digits)
            taxes.append(VatTotal(rate=rate, taxable=taxable, tax=round_to(taxable * rate, digits)))
        excluding = sum((one.taxable for one in taxes), round_to(Decimal(0), digits))
        including = excluding + sum((one.tax for one in taxes), Decimal(0))
    return Totals(excluding=excluding, including=including, taxes=tuple(taxes))


def spread_discount(lines: Sequence[OrderLine], discounts: Sequence[Decimal], *, currency: str) -> list[SpreadLine]:
    """Turn document discounts into a discount per line, so that each VAT rate still comes to the same sum.

    Rounding leftovers go to the lines that lost most by it (largest remainder). In the order of the lines.
    """
    digits = decimals_of(currency)
    unit = Decimal(1).scaleb(-digits)
    found: dict[int, SpreadLine] = {}
    with localcontext(PRECISE):
        left = _share_left(discounts)
        at_rate: dict[Decimal, list[int]] = {}
        for index, line in enumerate(lines):
            at_rate.setdefault(_rate(line), []).append(index)
        for indexes in at_rate.values():
            totals = [round_to(_exact_total(lines[index]), digits) for index in indexes]
            whole = sum(totals, Decimal(0))
            amounts = _largest_remainder(
                [one * (1 - left) for one in totals], whole - round_to(whole * left, digits), unit
            )
            for index, total, amount in zip(indexes, totals, amounts, strict=True):
                found[index] = _spread_line(lines[index], total, amount, digits)
    return [found[index] for index in range(len(lines))]


def effective_discounts(
    lines: Sequence[OrderLine], discounts: Sequence[Decimal], *, currency: str = "EUR"
) -> list[Decimal]:
    """Return each line's discount percentage with the document discounts folded in, in the order of the lines."""
    if not discounts:
        return [line.discount_percent for line in lines]
    return [one.percent for one in spread_discount(lines, discounts, currency=currency)]


def compare(source: Totals, target: Totals, *, tolerance: Decimal) -> Difference | None:
    """Return what differs by more than the tolerance, or None. Rates are compared if the source gives them."""
    parts = [
        Part("excluding", None, source.excluding, target.excluding),
        Part("tax", None, source.including - source.excluding, target.including - target.excluding),
        Part("including", None, source.including, target.including),
    ]
    if source.taxes:
        ours, theirs = _taxes_by_rate(source.taxes), _taxes_by_rate(target.taxes)
        for rate in sorted(ours.keys() | theirs.keys()):
            (taxable, tax), (other_taxable, other_tax) = ours.get(rate, NOTHING), theirs.get(rate, NOTHING)
            parts += [Part("taxable", rate, taxable, other_taxable), Part("tax", rate, tax, other_tax)]
    differing = tuple(part for part in parts if abs(part.source - part.target) > tolerance)
    return Difference(differing) if differing else None


@dataclass(frozen=True, slots=True)
class RateLine:
    """What both sides come to at one VAT rate (a fraction)."""

    rate: Decimal
    source_taxable: Decimal
    source_tax: Decimal
    target_taxable: Decimal
    target_tax: Decimal


def side_by_side(source: Totals, target: Totals) -> list[RateLine]:
    """Return both totals per VAT rate, lowest first; empty if the source does not say what it is made up of."""
    if not source.taxes:
        return []
    ours, theirs = _taxes_by_rate(source.taxes), _taxes_by_rate(target.taxes)
    return [
        RateLine(rate, *ours.get(rate, NOTHING), *theirs.get(rate, NOTHING))
        for rate in sorted(ours.keys() | theirs.keys())
    ]


def told_by_rate(source: Totals, target: Totals, *, currency: str) -> list[dict[str, str]]:
    """Return both totals per VAT rate as texts, for a table of them."""
    digits = decimals_of(currency)
    return [
        {"percent": percent_text(one.rate), **{name: f"{getattr(one, name):.{digits}f}" for name in RATE_AMOUNTS}}
        for one in side_by_side(source, target)
    ]


def percent_text(rate: Decimal | None) -> str:
    """Return a rate (a fraction) as a percentage without needless noughts."""
    text = f"{(rate or 0) * 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cent_difference(source: Totals, target: Totals) -> Decimal:
    """Return the amount including VAT a cent line would have to add on the target's side."""
    return source.including - target.including


NOTHING = (Decimal(0), Decimal(0))


def _taxes_by_rate(taxes: Iterable[VatTotal]) -> dict[Decimal, tuple[Decimal, Decimal]]:
    found: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for one in taxes:
        taxable, tax = found.get(one.rate, NOTHING)
        found[one.rate] = (taxable + one.taxable, tax + one.tax)
    return {rate: amounts for rate, amounts in found.items() if any(amounts)}


def _by_rate(lines: Iterable[OrderLine]) -> dict[Decimal, list[OrderLine]]:
    groups: dict[Decimal, list[OrderLine]] = {}
    for line in lines:
        groups.setdefault(_rate(line), []).append(line)
    return groups


def _rate(line: OrderLine) -> Decimal:
    return Decimal(0) if line.vat_rate is None else _possible(line.vat_rate)


def _share_left(discounts: Sequence[Decimal]) -> Decimal:
    left = Decimal(1)
    for percent in discounts:
        left *= 1 - _possible(percent) / HUNDRED
    return left


def _exact_total(line: OrderLine) -> Decimal:
    with localcontext(PRECISE):
        gross = _possible(line.quantity) * _possible(line.unit_price)
        return gross * (1 - _possible(line.discount_percent) / HUNDRED)


def _possible(value: Decimal) -> Decimal:
    if not value:
        return Decimal(0)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value.adjusted()) > MAX_EXPONENT or exponent < -MAX_EXPONENT:
        raise MappingError(why=_("“%(number)s” is no amount that can be counted with") % {"number": str(value)[:40]})
    return value


def round_to(value: Decimal, digits: int) -> Decimal:
    """Return the value with so many decimals; a half goes up, away from zero."""
    with localcontext(PRECISE):
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) + 0  # + 0: no negative zero


def _largest_remainder(shares: list[Decimal], whole: Decimal, unit: Decimal) -> list[Decimal]:
    """Round the shares to units so that they add up to the whole: down first, then the largest remainders up."""
    down = [share.quantize(unit, rounding=ROUND_FLOOR) for share in shares]
    missing = int((whole - sum(down, Decimal(0))) / unit)
    order = sorted(range(len(shares)), key=lambda at: (down[at] - shares[at], at))
    for at in order[:missing]:
        down[at] += unit
    return [one + 0 for one in down]


def _spread_line(line: OrderLine, total: Decimal, amount: Decimal, digits: int) -> SpreadLine:
    left = total - amount
    return SpreadLine(line.position, amount, left, _equivalent_percent(line, left, digits))


def _equivalent_percent(line: OrderLine, total: Decimal, digits: int) -> Decimal:
    """Return the shortest line percentage that rounds to this total."""
    gross = line.quantity * line.unit_price
    if not gross:
        return Decimal(0)
    exact = HUNDRED * (1 - total / gross)
    percent = exact
    for decimals in PERCENT_DIGITS:
        percent = round_to(exact, decimals)
        if round_to(gross * (1 - percent / HUNDRED), digits) == total:
            break
    return percent
