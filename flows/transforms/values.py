"""Reading a value as the type a function takes, and the sizes nothing may exceed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError

MAX_TEXT = 100_000
MAX_LIST = 10_000
MAX_EXPONENT = 30  # no amount, quantity or rate is near 10^30, and a longer number would be written out digit by digit
MAX_NUMBER_TEXT = 64


def failed(why: str) -> MappingError:
    """Return the error for "the field could not be made: <why>"; the mapping adds which field it was."""
    return MappingError(why=why)


def as_text(value: Any) -> str:
    """Read as text: numbers without exponent, dates as ISO."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return checked_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return f"{as_number(value):f}"
    if isinstance(value, date):
        return value.isoformat()
    raise failed(_("a text is needed here, not a list or group of fields"))


def as_number(value: Any) -> Decimal:
    """Read as a number; texts must have a point as decimal separator and nothing else."""
    if isinstance(value, bool):
        raise failed(_("“yes or no” is not a number"))
    if isinstance(value, str):
        return _number_from_text(value)
    if isinstance(value, float):
        return checked_number(Decimal(repr(value)))
    if isinstance(value, int):
        if value.bit_length() > MAX_EXPONENT * 4:
            raise failed(_("the number is too large"))
        return checked_number(Decimal(value))
    if isinstance(value, Decimal):
        return checked_number(value)
    raise failed(_("a number is needed here"))


def _number_from_text(value: str) -> Decimal:
    text = value.strip()
    if len(text) > MAX_NUMBER_TEXT or "_" in text or not text.isascii():
        raise failed(_("“%(text)s” is not a number") % {"text": text[:40]})
    try:
        return checked_number(Decimal(text))
    except InvalidOperation as error:
        raise failed(_("“%(text)s” is not a number") % {"text": text[:40]}) from error


def checked_number(value: Decimal) -> Decimal:
    """Return the number if it is finite and of a size that occurs."""
    if not value.is_finite():
        raise failed(_("the result is not a number"))
    exponent = value.as_tuple().exponent
    if abs(value.adjusted()) > MAX_EXPONENT or (isinstance(exponent, int) and exponent < -2 * MAX_EXPONENT):
        raise failed(_("the number is too large"))
    return value


def as_date(value: Any) -> date:
    """Read as a date. A moment gives the date in its own time zone."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError as error:
            raise failed(_("“%(text)s” is not a date like 2026-12-31") % {"text": value[:40]}) from error
    raise failed(_("a date is needed here"))


def as_datetime(value: Any) -> datetime:
    """Read as a moment; without a time zone it is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()[:40])
        except ValueError as error:
            raise failed(_("“%(text)s” is not a moment like 2026-12-31T12:00:00Z") % {"text": value[:40]}) from error
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise failed(_("a date with a time is needed here"))
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def as_list(value: Any) -> list[Any]:
    """Read as a list; a single value is a list of one."""
    return checked_list(list(value)) if isinstance(value, list | tuple) else [value]


def checked_text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise failed(_("the text is longer than %(limit)s characters") % {"limit": MAX_TEXT})
    return value


def checked_list(value: list[Any]) -> list[Any]:
    if len(value) > MAX_LIST:
        raise failed(_("the list has more than %(limit)s items") % {"limit": MAX_LIST})
    return value


def checked(value: Any) -> Any:
    """Return a function's result if it is of a size that may go on."""
    if isinstance(value, str):
        return checked_text(value)
    if isinstance(value, Decimal):
        return checked_number(value)
    if isinstance(value, list):
        return checked_list(value)
    return value
