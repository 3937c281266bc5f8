"""What a connector without a network works with: files that people upload and download, and a store for their rows.

Everything here is a description or an interface. A connector says how its files are read and written (`FileFormat`,
pure); connectors/sheets.py keeps the files and their rows, and hands a `Store` to the connector that is opened.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict

from apicenter.errors import RecordError
from connectors.core import JSONDict


class BadFile(RecordError):
    """The file cannot be read, is too large, or lacks something; the sentence says what."""

    default_code = "file.unreadable"


class Side(StrEnum):
    """Who fills a sheet."""

    UPLOADED = "uploaded"  # a person: flows read it
    WRITTEN = "written"  # flows: a person downloads it


class Choices(BaseModel):
    """How a file is read: detected first, and then whatever a person says. Empty means: look yourself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""  # "," or "."
    sheet: str = ""
    header_line: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column a sheet of some kind may have. `words` are headings people give it, in any language."""

    name: str
    title: str | Promise
    words: tuple[str, ...] = ()
    is_required: bool = False
    hint: str | Promise = ""


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of sheet. Rows of the same `group_by` make one record; without it each row is one."""

    key: str
    title: str | Promise
    columns: tuple[Column, ...]
    group_by: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like: how it is read, what else it could be read as, its headings and first rows."""

    choices: Choices
    sheets: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as a file gives it: `content` is what it is read from again, without the line it stood in."""

    key: str
    line: int
    content: JSONDict


class FileFormat(ABC):
    """How the files of a connector are read and written. Pure: bytes in, values out."""

    kinds: ClassVar[Mapping[str, SheetKind]]
    extensions: ClassVar[tuple[str, ...]]  # of what may be uploaded, with their dots
    writes: ClassVar[tuple[str, ...]]  # formats of downloads, the usual one first

    @abstractmethod
    def look(self, content: bytes, name: str, choices: Choices) -> Look:
        """Say how a file is read. Raises BadFile."""

    @abstractmethod
    def propose(self, kind: str, headers: Sequence[str]) -> dict[str, str]:
        """Return which heading each column of a kind is taken from, as far as the headings say so."""

    @abstractmethod
    def entries(
        self, content: bytes, name: str, kind: str, columns: Mapping[str, str], choices: Choices
    ) -> Iterator[Entry]:
        """Yield every record of a file. Raises BadFile; a row that makes no sense is an entry all the same."""

    @abstractmethod
    def facts(self, kind: str, entries: Iterable[Entry]) -> dict[str, list[str]]:
        """Return the different values that stand in columns which value tables are made of."""

    @abstractmethod
    def write(self, kind: str, contents: Iterable[JSONDict], extension: str) -> bytes:
        """Return what flows wrote as a file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in the store."""

    id: str
    key: str
    line: int
    content: JSONDict
    changed_at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, oldest change first, and where the next begin (None = none)."""

    rows: tuple[Kept, ...] = ()
    position: JSONDict | None = None


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is known about a sheet without opening its rows."""

    name: str
    count: int
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Store(ABC):
    """The sheets of one connection, as its connector sees them. May be called from any thread of a crew."""

    id: uuid.UUID
    name: str

    @abstractmethod
    def facts(self, kind: str, side: Side) -> SheetFacts | None:
        """Return what is known about a sheet, or None if there is none."""

    @abstractmethod
    def batch(
        self,
        kind: str,
        side: Side,
        position: JSONDict | None,
        *,
        size: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Batch:
        """Return records of a sheet that changed at or after `since` and before `until`."""

    @abstractmethod
    def count(self, kind: str, side: Side, *, since: datetime | None = None, until: datetime | None = None) -> int:
        """Return how many there are."""

    @abstractmethod
    def fetch(self, kind: str, side: Side, keys: Sequence[str]) -> dict[str, Kept]:
        """Return records by their keys; those that are not there are missing."""

    @abstractmethod
    def get(self, kind: str, record_id: str) -> Kept | None:
        """Return a written record by its id."""

    @abstractmethod
    def by_reference(self, kind: str, reference: str) -> Kept | None:
        """Return the written record that carries a reference."""

    @abstractmethod
    def put(self, kind: str, key: str, content: JSONDict, *, reference: str) -> Kept:
        """Write a record: over the one that carries the reference, else the one with the key, else a new one."""

    @abstractmethod
    def change(self, kind: str, record_id: str, content: JSONDict, *, key: str = "") -> Kept | None:
        """Replace what a written record holds, and its key if that is free; None if it is gone."""

    @abstractmethod
    def remove(self, kind: str, record_id: str) -> None:
        """Take a written record away."""
