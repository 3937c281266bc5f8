"""Functions on numbers. They count in decimals and never in floating point."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from flows.transforms.registry import transform
from flows.transforms.values import MAX_EXPONENT, as_number, failed

Digits = Annotated[int, Field(ge=0, le=12)]
Number = Annotated[Decimal, Field(ge=-(10**MAX_EXPONENT), le=10**MAX_EXPONENT, allow_inf_nan=False)]
Separator = Annotated[str, Field(max_length=1)]
Mode = Literal["half_up", "half_even", "up", "down", "zero"]
MODES: dict[Mode, str] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_CEILING,
    "down": ROUND_FLOOR,
    "zero": ROUND_DOWN,
}


def rounded(value: Decimal, digits: int, mode: Mode = "half_up") -> Decimal:
    """Return the number with exactly so many decimals."""
    with localcontext(prec=2 * MAX_EXPONENT + 20):
        return value.quantize(Decimal(1).scaleb(-digits), rounding=MODES[mode])


@transform(example=("2.345", {"digits": 2}, Decimal("2.35")))
def round_(value: Decimal, *, digits: Digits = 2, mode: Mode = "half_up") -> Decimal:
    """Round to so many decimals; a half goes up unless you choose otherwise."""
    return rounded(value, digits, mode)


@transform(example=("10", {"number": "2.5"}, Decimal("12.5")))
def add(value: Decimal, *, number: Number) -> Decimal:
    """Add a number."""
    return value + number


@transform(example=("10", {"number": "2.5"}, Decimal("7.5")))
def subtract(value: Decimal, *, number: Number) -> Decimal:
    """Take a number away."""
    return value - number


@transform(example=("10", {"number": "2.5"}, Decimal("25.0")))
def multiply(value: Decimal, *, number: Number) -> Decimal:
    """Multiply by a number."""
    return value * number


@transform(example=("10", {"number": "4"}, Decimal("2.5")))
def divide(value: Decimal, *, number: Number) -> Decimal:
    """Divide by a number."""
    if not number:
        raise failed(_("nothing can be divided by zero"))
    return value / number


@transform(example=("200", {"percent": "5"}, Decimal("210.00")))
def add_percent(value: Decimal, *, percent: Number) -> Decimal:
    """Add a percentage; a negative one takes it away."""
    return value * (100 + percent) / Decimal("100.00")


@transform(example=("200", {"percent": "5"}, Decimal("10")))
def percent_of(value: Decimal, *, percent: Number) -> Decimal:
    """Take a percentage of the number."""
    return value * percent / 100


@transform(example=("0.21", {}, Decimal("21.00")))
def fraction_to_percent(value: Decimal) -> Decimal:
    """Write a fraction as a percentage: 0.21 becomes 21."""
    return value * 100


@transform(example=("-5", {}, Decimal("5")))
def absolute(value: Decimal) -> Decimal:
    """Drop the minus sign."""
    return abs(value)


@transform(example=("5", {}, Decimal("-5")))
def negate(value: Decimal) -> Decimal:
    """Change the sign."""
    return -value


@transform(example=("-3", {"number": "0"}, Decimal("0")))
def at_least(value: Decimal, *, number: Number) -> Decimal:
    """Use this number when the value is smaller."""
    return max(value, number)


@transform(example=("12", {"number": "10"}, Decimal("10")))
def at_most(value: Decimal, *, number: Number) -> Decimal:
    """Use this number when the value is larger."""
    return min(value, number)


@transform(example=("1.234,50", {"decimals": ","}, Decimal("1234.50")))
def to_number(value: str, *, decimals: Literal[".", ","] = ".") -> Decimal:
    """Read a text as a number; say which sign stands before the decimals."""
    thousands = "," if decimals == "." else "."
    plain = "".join(value.split()).replace(thousands, "").replace("'", "")
    return as_number(plain.replace(decimals, "."))


@transform(example=("1234.5", {"digits": 2, "decimals": ",", "thousands": "."}, "1.234,50"))
def format_number(
    value: Decimal, *, digits: Digits = 2, decimals: Literal[".", ","] = ".", thousands: Separator = ""
) -> str:
    """Write a number as text with so many decimals and your own signs."""
    whole, _point, rest = f"{rounded(value, digits):,f}".partition(".")
    return whole.replace(",", thousands) + (decimals + rest if rest else "")
