"""Bodies, queries and headers on the wire. In JSON money keeps every digit in both directions."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from apicenter.errors import MappingError

Query = Mapping[str, Any] | Sequence[tuple[str, str]]
RawHeaders = tuple[tuple[bytes, bytes], ...]

GZIP = 31  # zlib's window bits for a gzip stream


class Unreadable(ValueError):
    """The bytes are not what they claim to be."""


class _Inexact(ValueError):
    pass


def encode(payload: Any) -> bytes:
    """Return the payload as JSON. Raises MappingError for a number that would arrive as another one."""
    try:
        text = json.dumps(payload, default=_plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except _Inexact as error:
        raise MappingError(
            field=_path_of(payload, error.args[0]), why=_("the number %s has too many digits") % error.args[0]
        ) from error
    except ValueError as error:
        raise MappingError(why=_("it is not a number")) from error
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


def _number(value: Decimal) -> int | float:
    if not value.is_finite():
        raise _Inexact(value)
    near = float(value)
    if Decimal(repr(near)) != value:
        raise _Inexact(value)
    return int(near) if near.is_integer() else near


def _path_of(payload: Any, value: object, path: str = "") -> str:
    """Where the value stands, for the person who has to correct it."""
    rows = (
        payload.items()
        if isinstance(payload, dict)
        else enumerate(payload)
        if isinstance(payload, list | tuple)
        else ()
    )
    for name, inner in rows:
        here = f"{path}.{name}" if path else str(name)
        if inner is value:
            return here
        if found := _path_of(inner, value, here):
            return found
    return ""


def decode(text: str) -> Any:
    """Return the JSON value, None for no text. Raises Unreadable."""
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def _refuse(word: str) -> None:
    raise Unreadable(word)


def inflate(raw: bytes, encoding: str, *, cap: int) -> bytes:
    """Return the bytes behind a content encoding, never more than `cap`. Raises Unreadable."""
    if encoding in {"", "identity"}:
        return raw
    if encoding != "gzip":
        raise Unreadable(f"content encoding {encoding}")
    stream = zlib.decompressobj(GZIP)
    try:
        plain = stream.decompress(raw, cap)
    except zlib.error as error:
        raise Unreadable("broken gzip") from error
    if not stream.eof:
        raise Unreadable("too large or cut off")
    return plain


def write_headers(headers: Mapping[str, str]) -> RawHeaders:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())


JSON_TYPE = write_headers({"Content-Type": "application/json"})
FORM_TYPE = write_headers({"Content-Type": "application/x-www-form-urlencoded"})


def write_content(json: Any, form: Mapping[str, str] | None) -> tuple[bytes, RawHeaders]:
    """Return the body with the header that names its form. Raises MappingError."""
    if form is not None:
        return urlencode(form).encode(), FORM_TYPE
    if json is not None:
        return encode(json), JSON_TYPE
    return b"", ()


def write_query(query: Query) -> bytes:
    """Return the query string: lists repeat the name, None leaves it out."""
    rows: list[tuple[str, Any]] = []
    for name, value in query.items() if isinstance(query, Mapping) else query:
        rows += [
            (name, _word(one)) for one in (value if isinstance(value, list | tuple) else [value]) if one is not None
        ]
    return urlencode(rows, quote_via=quote).encode()


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
