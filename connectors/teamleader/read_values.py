"""The small things all records of this API are made of: moments, amounts, references, addresses, custom fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.errors import RecordError
from connectors.core import Address, JSONDict, Money

SYSTEM = "Teamleader Focus"


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever a malformed record causes into one error with a sentence and without its content."""
    try:
        yield
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise unreadable(_("“%s” has an unexpected form") % where) from error
    except KeyError as error:
        raise unreadable(_("“%s” is missing") % error.args[0]) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise unreadable(_("a value has an unexpected form"), detail=type(error).__name__) from error


def unreadable(what: str, *, detail: str = "") -> RecordError:
    return RecordError("record.unreadable", detail=detail, system=SYSTEM, what=what)


def read_moment(text: str | None) -> datetime | None:
    """Return a timestamp as aware UTC; one without a zone (phase_history) is taken as UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def find_moment(value: Any) -> datetime | None:
    """Return when something changed, None where the API says it in no form we know: then it counts as changed."""
    try:
        return read_moment(value)
    except (TypeError, ValueError):
        return None


def write_moment(moment: datetime) -> str:
    """Return the only form of a timestamp the API takes: no "Z", no fractions."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def read_day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def read_decimal(value: Any) -> Decimal:
    """Return a number exactly; stored records may hold it as text."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def read_money(raw: JSONDict | None, *, currency: str = "") -> Money | None:
    """Return an amount; lines name no currency of their own in the pinned version."""
    if not raw or raw.get("amount") is None:
        return None
    return Money(amount=read_decimal(raw["amount"]), currency=raw.get("currency") or currency)


def read_id(reference: JSONDict | None) -> str | None:
    """Return the id of a {type, id} reference."""
    return reference["id"] if reference else None


def read_address(raw: JSONDict | None) -> Address | None:
    if not raw:
        return None
    return Address(
        addressee=raw.get("addressee") or None,
        line_1=raw.get("line_1"),
        postal_code=raw.get("postal_code"),
        city=raw.get("city"),
        country=raw.get("country"),
    )


def read_payment_term(raw: JSONDict | None) -> str | None:
    """Return "cash", "after_invoice_date:30" or "end_of_month:60"."""
    if not raw or not raw.get("type"):
        return None
    if raw["type"] == "cash":
        return "cash"
    return f"{raw['type']}:{int(raw.get('days') or 0)}"


def read_custom_fields(rows: list[JSONDict] | None) -> dict[str, Any]:
    """Return the values by definition id; a reference to another record is its id."""
    return {row["definition"]["id"]: _plain(row.get("value")) for row in rows or ()}


def read_exchange_rate(raw: Mapping[str, Any] | None) -> Decimal | None:
    return read_decimal(raw["rate"]) if raw and raw.get("rate") is not None else None


def _plain(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value
