"""How values look on Visma.net's wire: times, versions, keys in a path, wrapped scalars."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.visma_net.refusal import Refused

JSONDict = dict[str, Any]

CENT = Decimal("0.01")
# What an update carries bare, where everything else is wrapped as {"value": ...}.
BARE = frozenset({"operation", "overrideWithClassValues", "rotRutDetails", "packaging", "subaccount"})


def stamp(moment: datetime) -> str:
    """Write a time as v1 and v2 do: UTC, milliseconds, no zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}"


def zoned_stamp(moment: datetime) -> str:
    """Write a time as v3 does."""
    return stamp(moment) + "Z"


def to_milliseconds(moment: datetime) -> datetime:
    """Cut what the wire cannot carry, so that a filter with a received time finds the record it came from."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def read_time(text: str) -> datetime | None:
    """Read a filter's time. A zone suffix is not accepted; None for anything that is not a time."""
    if text[-1:].isalpha() or "+" in text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def read_zoned_time(text: str) -> datetime | None:
    """Read a v3 time: UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def version_text(pk: int, version: int) -> str:
    """Return the row version, which is the ETag too: 8 bytes, as SQL Server's are."""
    return base64.b64encode((pk << 20 | version).to_bytes(8, "big")).decode()


def read_key(segment: str) -> str:
    """Read a key out of a path; those with reserved characters come as b64(<base64url>)."""
    text = unquote(segment).strip()
    if not (text.lower().startswith("b64(") and text.endswith(")")):
        return text
    encoded = text[4:-1]
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode().strip()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(f"The key '{text}' is not valid base64url.") from error


def unwrap(payload: Any, *, where: str = "") -> JSONDict:
    """Turn {"name": {"value": "X"}} into {"name": "X"}. A scalar that is not wrapped is refused, as it is there."""
    if not isinstance(payload, Mapping):
        raise Refused(f"Error converting the value at '{where}': an object was expected.")
    return {name: _unwrapped(name, value, f"{where}{name}") for name, value in payload.items()}


def _unwrapped(name: str, value: Any, where: str) -> Any:
    if name in BARE or value is None:
        return value
    if isinstance(value, list):
        return [unwrap(row, where=f"{where}[{index}].") for index, row in enumerate(value)]
    if not isinstance(value, Mapping) or set(value) - {"value"}:
        raise Refused(f"Error converting value {value!r} to type 'DtoValue'. Path '{where}'.")
    inner = value.get("value")
    return unwrap(inner, where=f"{where}.") if isinstance(inner, Mapping) else inner


def number(value: Any, *, name: str) -> Decimal:
    """Read a JSON number. Raises Refused."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Refused(f"Could not convert '{value}' to decimal. Path '{name}'.")
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise Refused(f"Could not convert '{value}' to decimal. Path '{name}'.") from error


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def for_json(value: Any) -> Any:
    """Make a body storable: exact decimals become JSON numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: for_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [for_json(inner) for inner in value]
    return value


def public(body: Mapping[str, Any]) -> JSONDict:
    """Leave out what the sandbox keeps for itself beside a record."""
    return {name: value for name, value in body.items() if not name.startswith("_")}
