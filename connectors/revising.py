"""Documents that were sent and are looked at again: how they stand in the target, and what would change in them.

Values stand under the names a payload uses, so that what stands there and what would be sent can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors.core import JSONDict


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line of a document as it stands there."""

    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A document as it stands in the target now.

    `may_change`: nobody has taken it up yet (it is on hold). `may_cancel`: nothing of it was shipped or invoiced.
    `is_booked`: it is an entry in the books, so that undoing it (`cancel`) books its opposite, which a person decides.
    `is_gone`: it was cancelled, deleted or undone there. `version` is what a change names as its base, where the API
    asks for one.
    """

    id: str
    status: str
    may_change: bool
    may_cancel: bool
    is_gone: bool = False
    is_booked: bool = False
    head: Mapping[str, Any] = field(default_factory=dict)  # path -> value; one that cannot be read back is missing
    lines: tuple[StandingLine, ...] = ()
    version: str = ""


class LineWork(StrEnum):
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class LineRevision:
    """What is done to one line. `values` are the whole line for a new one, else what changes; `item` always is."""

    work: LineWork
    item: str
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """What a document would need to be as it is wanted now. `head` is a part of a payload."""

    head: JSONDict = field(default_factory=dict)
    lines: tuple[LineRevision, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.head and not self.lines


@dataclass(frozen=True, slots=True)
class Comparing:
    """What of a kind of document can be compared: names in a payload."""

    lines: str  # the list that holds the lines
    item: str  # of a line: what tells which item it is
    line: tuple[str, ...]  # of a line, the item among them
    head: tuple[str, ...]  # paths of the head
    fixed: frozenset[str] = frozenset()  # paths of the head that cannot change once the document is made
    whole: tuple[str, ...] = ()  # parts of the head that are sent as a whole or not at all: an address
