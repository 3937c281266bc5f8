"""Single values as Visma.net writes them: padded texts, numbers, times without a zone, `{id, description}` pairs."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from apicenter.errors import RecordError
from connectors.core import Totals, VatTotal

SYSTEM = "Visma.net ERP"  # as it is called in sentences


def ensure_read(row: dict[str, Any]) -> None:
    """Raise RecordError for a row that says itself that it could not be read."""
    if problem := read_text(row.get("errorInfo")):
        raise RecordError("record.unreadable", system=SYSTEM, what=problem)


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


def read_totals(value: Any, *, including: str, tax: str) -> Totals | None:
    """Return what a document says that it comes to, under these two names; None if it does not say."""
    if not isinstance(value, dict):
        return None
    whole, vat = read_decimal(value.get(including)), read_decimal(value.get(tax))
    if whole is None or vat is None:
        return None
    return Totals(excluding=whole - vat, including=whole, taxes=_read_taxes(value.get("taxDetails"), whole - vat, vat))


def _read_taxes(rows: Any, excluding: Decimal, vat: Decimal) -> tuple[VatTotal, ...]:
    """Return the VAT per rate, if the rows make up the whole VAT of the document: nobody says in which currency they
    are. What has no row is without VAT."""
    taxes = [
        VatTotal(rate=rate, taxable=taxable, tax=tax)
        for row in read_rows(rows)
        if (rate := read_rate(row.get("vatRate"))) is not None
        and (taxable := read_decimal(row.get("taxableAmount"))) is not None
        and (tax := read_decimal(row.get("vatAmount"))) is not None
    ]
    if not taxes or sum((one.tax for one in taxes), Decimal(0)) != vat:
        return ()
    rest = excluding - sum((one.taxable for one in taxes), Decimal(0))
    return (*taxes, *((VatTotal(rate=Decimal(0), taxable=rest, tax=Decimal(0)),) if rest else ()))


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
