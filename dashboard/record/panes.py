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
Marks = Callable[[str, Any], str]  # path and value -> hl, er or ""


def no_mark(path: str, value: Any) -> str:
    """Nothing stands out."""
    return ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one colour: k name, s text, n number, p punctuation. `mark` is how its line stands out."""

    css: str
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pane: hl changed, er at fault, "" as the others."""

    css: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    """One side of the exchange."""

    pieces: tuple[Piece, ...] = ()
    is_unreadable: bool = False
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.pieces and not self.is_unreadable

    @property
    def lines(self) -> list[Line]:
        """The pieces line by line; each but the last ends with its line break."""
        rows: list[list[Piece]] = [[]]
        for piece in self.pieces:
            first, *others = piece.text.split("\n")
            rows[-1].append(Piece(piece.css, first, piece.mark))
            for text in others:
                rows.append([Piece(piece.css, text)])
        return [
            Line(next((one.mark for one in row if one.mark), ""), tuple(one for one in row if one.text)) for row in rows
        ]

    @property
    def has_marks(self) -> bool:
        return any(piece.mark for piece in self.pieces)


def open_sealed(read: Callable[[], Any]) -> tuple[Any, bool]:
    """Return a stored value and whether it could be opened."""
    try:
        return read(), True
    except Undecryptable:
        return None, False


def pane_of(value: Any, *, is_readable: bool = True, marks: Marks = no_mark) -> Pane:
    """Return a value as a pane. A plain text stays as it is. `marks` says how the line of a path stands out."""
    if not is_readable:
        return Pane(is_unreadable=True)
    if value is None or value == "":
        return Pane()
    if isinstance(value, str):
        return Pane((Piece("s", value),))
    pieces = tuple(islice(_Writer(marks).write(redact(value), "", "", ""), MOST_PIECES + 1))
    return Pane(pieces[:MOST_PIECES], is_cut=len(pieces) > MOST_PIECES)


class _Writer:
    """Writes JSON as pieces; whatever lies inside something marked is marked too."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def write(self, value: Any, indent: str, path: str, mark: str) -> Iterator[Piece]:
        mark = mark or self._marks(path, value)
        if isinstance(value, dict) and value:
            members = [self._member(name, inner, indent, path, mark) for name, inner in value.items()]
            yield from _block("{", "}", indent, members, mark)
        elif isinstance(value, list) and value:
            rows = [self.write(one, indent + INDENT, f"{path}[{at}]", mark) for at, one in enumerate(value, start=1)]
            yield from _block("[", "]", indent, rows, mark)
        else:
            yield _leaf(value, mark)

    def _member(self, name: Any, value: Any, indent: str, parent: str, mark: str) -> Iterator[Piece]:
        path = f"{parent}.{name}" if parent else str(name)
        own = mark or self._marks(path, value)
        yield Piece("k", json.dumps(str(name), ensure_ascii=False), own)
        yield Piece("p", ": ", own)
        yield from self.write(value, indent + INDENT, path, own)


def _leaf(value: Any, mark: str) -> Piece:
    if isinstance(value, dict | list):
        return Piece("p", "{}" if isinstance(value, dict) else "[]", mark)
    if isinstance(value, str):
        return Piece("s", json.dumps(value, ensure_ascii=False), mark)
    if value is None or isinstance(value, bool):
        return Piece("n", json.dumps(value), mark)
    return Piece("n", str(value), mark)  # a Decimal is written as it came, not as a float


def _block(opening: str, closing: str, indent: str, members: list[Iterator[Piece]], mark: str) -> Iterator[Piece]:
    yield Piece("p", opening, mark)
    for index, member in enumerate(members):
        yield Piece("p", f"{',' if index else ''}\n{indent}{INDENT}")
        yield from member
    yield Piece("p", "\n")
    yield Piece("p", f"{indent}{closing}", mark)


def safe_link(value: Any) -> str:
    """Return an address of a web page, or "": what a system calls a link may be anything."""
    return value if isinstance(value, str) and urlsplit(value).scheme in {"https", "http"} else ""
