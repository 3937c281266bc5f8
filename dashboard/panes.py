"""JSON as coloured text: what was received, sent and answered, with secrets taken out at the moment of showing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from apicenter.crypto import Undecryptable, redact

INDENT = "  "
MOST_PIECES = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one colour: k name, s text, n number, p punctuation."""

    css: str
    text: str


@dataclass(frozen=True, slots=True)
class Pane:
    """One side of the exchange."""

    pieces: tuple[Piece, ...] = ()
    is_unreadable: bool = False
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.pieces and not self.is_unreadable


def open_sealed(read: Callable[[], Any]) -> tuple[Any, bool]:
    """Return a stored value and whether it could be opened."""
    try:
        return read(), True
    except Undecryptable:
        return None, False


def pane_of(value: Any, *, is_readable: bool = True) -> Pane:
    """Return a value as a pane. A plain text stays as it is."""
    if not is_readable:
        return Pane(is_unreadable=True)
    if value is None or value == "":
        return Pane()
    if isinstance(value, str):
        return Pane((Piece("s", value),))
    pieces = tuple(islice(_pieces(redact(value), ""), MOST_PIECES + 1))
    return Pane(pieces[:MOST_PIECES], is_cut=len(pieces) > MOST_PIECES)


def _pieces(value: Any, indent: str) -> Iterator[Piece]:
    if isinstance(value, dict) and value:
        yield from _block("{", "}", indent, [_member(name, inner, indent + INDENT) for name, inner in value.items()])
    elif isinstance(value, list) and value:
        yield from _block("[", "]", indent, [_pieces(inner, indent + INDENT) for inner in value])
    elif isinstance(value, dict | list):
        yield Piece("p", "{}" if isinstance(value, dict) else "[]")
    elif isinstance(value, str):
        yield Piece("s", json.dumps(value, ensure_ascii=False))
    elif value is None or isinstance(value, bool):
        yield Piece("n", json.dumps(value))
    else:
        yield Piece("n", str(value))  # a Decimal is written as it came, not as a float


def _member(name: Any, value: Any, indent: str) -> Iterator[Piece]:
    yield Piece("k", json.dumps(str(name), ensure_ascii=False))
    yield Piece("p", ": ")
    yield from _pieces(value, indent)


def _block(opening: str, closing: str, indent: str, members: list[Iterator[Piece]]) -> Iterator[Piece]:
    yield Piece("p", opening)
    for index, member in enumerate(members):
        yield Piece("p", f"{',' if index else ''}\n{indent}{INDENT}")
        yield from member
    yield Piece("p", f"\n{indent}{closing}")


def safe_link(value: Any) -> str:
    """Return an address of a web page, or "": what a system calls a link may be anything."""
    return value if isinstance(value, str) and urlsplit(value).scheme in {"https", "http"} else ""
