"""Single values as Visma.net writes them: padded texts, numbers, times without a zone, `{id, description}` pairs."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

SYSTEM = "Visma.net ERP"  # as it is called in sentences


def read_text(value: Any) -> str | None:
    """Return the text without the blanks that pad keys; None when there is none."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip() or None


def read_id(value: Any, name: str = "id") -> str | None:
    """Return the code out of a look-up object, `{"id": "1", "description": "Retail"}`."""
    return read_text(value.get(name)) if isinstance(value, dict) else read_text(value)


def read_decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read_rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list that may be absent or null."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def read_time(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Return the moment in UTC; a time without a zone is one in `zone`, the ERP writes none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def read_rate(value: Any) -> Decimal | None:
    """Return a percentage as fraction: 21 is 0.21."""
    percent = read_decimal(value)
    return None if percent is None else (percent / 100).normalize()


def fold_number(value: str | None) -> str:
    """Return a VAT or registration number as two of them are compared: without separators, in one letter case."""
    return "".join(character for character in value or "" if character.isalnum()).casefold()


def fold_text(value: str | None) -> str:
    """Return a mail address or a name as two of them are compared."""
    return " ".join((value or "").split()).casefold()
