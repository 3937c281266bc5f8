"""Functions on lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from flows.maps.paths import is_empty
from flows.transforms.registry import transform
from flows.transforms.values import MAX_TEXT, as_number, as_text, checked_number, failed


@transform(example=(["Kerkstraat", "12", ""], {"separator": " "}, "Kerkstraat 12"))
def join(value: list[Any], *, separator: Annotated[str, Field(max_length=100)] = ", ") -> str:
    """Join the filled items of a list into one text."""
    parts = [as_text(item) for item in value if not is_empty(item)]
    if sum(map(len, parts)) + len(separator) * len(parts) > MAX_TEXT:
        raise failed(_("the text is longer than %(limit)s characters") % {"limit": MAX_TEXT})
    return separator.join(parts)


@transform(example=([" Jan ", None, "Peeters"], {}, "Jan Peeters"))
def join_names(value: list[Any]) -> str:
    """Join first and last name with a single space."""
    return " ".join(join(value, separator=" ").split())


@transform(example=(["", None, "b", "c"], {}, "b"))
def first_filled(value: list[Any]) -> Any:
    """Take the first item that is filled."""
    return next((item for item in value if not is_empty(item)), None)


@transform(example=(["a", "b", "c"], {"number": -1}, "c"))
def take_item(value: list[Any], *, number: Annotated[int, Field(ge=-10_000, le=10_000)] = 1) -> Any:
    """Take one item: 1 is the first, -1 the last."""
    index = number - 1 if number > 0 else number
    return value[index] if number and -len(value) <= index < len(value) else None


@transform(example=(["a", "b", "c"], {}, Decimal("3")))
def count(value: list[Any]) -> Decimal:
    """Count the items, for example the lines of an order."""
    return Decimal(len(value))


@transform(example=(["1.5", "2"], {}, Decimal("3.5")))
def sum_(value: list[Any]) -> Decimal:
    """Add the numbers of a list, for example the totals of the lines."""
    return sum((as_number(item) for item in value if not is_empty(item)), Decimal(0))


@transform(example=(["3", "12.5"], {}, Decimal("37.5")))
def product(value: list[Any]) -> Decimal:
    """Multiply the numbers of several fields, for example quantity and price."""
    result = Decimal(1)
    for number in _numbers(value):
        result = checked_number(result * number)
    return result


@transform(example=(["100", "15", "5"], {}, Decimal("80")))
def difference(value: list[Any]) -> Decimal:
    """Take from the first number all that follow, for example the discount from the price."""
    first, *others = _numbers(value)
    return first - sum(others, Decimal(0))


@transform(example=(["12.5", "9", ""], {}, Decimal("9")))
def smallest(value: list[Any]) -> Decimal | None:
    """Take the smallest number."""
    return min((as_number(item) for item in value if not is_empty(item)), default=None)


@transform(example=(["12.5", "9", ""], {}, Decimal("12.5")))
def largest(value: list[Any]) -> Decimal | None:
    """Take the largest number."""
    return max((as_number(item) for item in value if not is_empty(item)), default=None)


def _numbers(value: list[Any]) -> list[Decimal]:
    if not value or any(is_empty(item) for item in value):
        raise failed(_("one of the numbers is missing"))
    return [as_number(item) for item in value]


@transform(example=(["a", "b", "a"], {}, ["a", "b"]))
def distinct(value: list[Any]) -> list[Any]:
    """Keep each item once."""
    found: dict[str, Any] = {}
    for item in value:
        if item is not None:
            found.setdefault(as_text(item), item)
    return list(found.values())


@transform(example=(["a", "", None], {}, ["a"]))
def remove_empty(value: list[Any]) -> list[Any]:
    """Drop the items that are empty."""
    return [item for item in value if not is_empty(item)]
