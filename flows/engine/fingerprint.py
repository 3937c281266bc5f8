"""What a payload comes down to: equal for equal values, whatever the order of keys and the way numbers are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Any

from flows.maps.paths import MISSING


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return 32 hex digits for all values together."""
    return blake2b(_canonical(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def field_hashes(values: Mapping[str, Any]) -> dict[str, str]:
    """Return 16 hex digits per path. Nested dicts count under their own path and those of all their parts."""
    return {path: hash_value(value) for path, value in _paths(values, "")}


def hash_value(value: Any) -> str:
    """Return the 16 hex digits of one value."""
    return blake2b(_canonical(value).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _paths(values: Mapping[str, Any], parent: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{parent}.{name}" if parent else str(name)
        yield path, value
        if isinstance(value, Mapping):
            yield from _paths(value, path)


def _canonical(value: Any) -> str:
    if value is None or value is True or value is False:
        return str(value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, int | float):
        return _number(Decimal(repr(value)))
    if isinstance(value, Mapping):
        rows = sorted((str(name), inner) for name, inner in value.items() if inner is not MISSING)
        return "{" + ",".join(f"{encode_basestring_ascii(name)}:{_canonical(inner)}" for name, inner in rows) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, datetime):
        return json.dumps((value if value.tzinfo is None else value.astimezone(UTC)).isoformat())
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    raise TypeError(f"{type(value).__name__} has no fingerprint.")


def _number(value: Decimal) -> str:
    """Return one writing per number: no trailing zeros, no negative zero."""
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not isinstance(exponent, int):
        return str(value)
    plain = text.rstrip("0")
    return f"{'-' if sign else ''}{plain}e{exponent + len(text) - len(plain)}"
