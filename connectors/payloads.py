"""Bodies, queries and headers on the wire. In JSON money keeps every digit in both directions."""

from __future__ import annotations

import json
import re
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

BEGINNING = 64_000  # of an answer that is not taken in
GZIP = 31  # zlib's window bits for a gzip stream
NUL, REPLACEMENT = "\x00", "\ufffd"
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # of NUL, or of half a character
_HALF = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):
    """The bytes are not what they claim to be, or too many. `beginning` is how they start, to find a key in."""

    def __init__(self, why: str, beginning: str = "") -> None:
        super().__init__(why)
        self.beginning = beginning[:BEGINNING]


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
    """Return the JSON value, None for no text. Raises Unreadable.

    JSON can spell what no database keeps and no other system takes: NUL is left out, half a surrogate pair becomes the
    replacement character.
    """
    if not text.strip():
        return None
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        return _storable(value) if _ODD_ESCAPE.search(text) else value
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON", text) from error


def storable_text(text: str) -> str:
    """Return the text without NUL and with every half of a surrogate pair replaced."""
    return _HALF.sub(REPLACEMENT, text.replace(NUL, ""))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    if isinstance(value, dict):
        return {storable_text(name): _storable(inner) for name, inner in value.items()}
    return value


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
        raise Unreadable("too large or cut off", beginning_of(plain, ""))
    return plain


def beginning_of(raw: bytes, encoding: str) -> str:
    """Return how a text starts of which only the first bytes are here."""
    if encoding == "gzip":
        try:
            raw = zlib.decompressobj(GZIP).decompress(raw, BEGINNING)
        except zlib.error:
            return ""
    return raw[:BEGINNING].decode("utf-8-sig", errors="ignore")


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
