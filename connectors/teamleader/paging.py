"""Where a read stands between two pages, as JSON: what is listed but not read in full yet, and how the list goes on.

A list row costs 1/100 of a call and a full record costs one, so a page of a list is worked off in small portions: a
portion fits into what the limit allows at once, and an interruption loses no more than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from connectors.core import JSONDict
from connectors.teamleader.api import OLDEST_CHANGE_FIRST, FocusApi
from connectors.teamleader.read_values import read_moment


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list has been read. `number` 0 means that nothing is left to list."""

    resource: str
    pending: tuple[str, ...] = ()
    number: int = 1
    first: str = ""  # first id of the last page
    since: str = ""  # start of the window when it moves along with the read
    edge: tuple[str, ...] = ()  # ids already read that changed at exactly `since`

    @classmethod
    def at(cls, position: Any | None, *, start: str) -> Place:
        """Return the place a position stands for, or the start of the list `start`."""
        if position is None:
            return cls(start)
        return cls(**{**position, "pending": tuple(position["pending"]), "edge": tuple(position["edge"])})

    def to_json(self) -> JSONDict:
        return {**asdict(self), "pending": list(self.pending), "edge": list(self.edge)}

    def take(self, count: int) -> tuple[tuple[str, ...], Place]:
        """Return the next ids to read in full, and the place after them."""
        return self.pending[:count], replace(self, pending=self.pending[count:])

    @property
    def is_end(self) -> bool:
        return not self.pending and not self.number


def list_numbered(
    focus: FocusApi, place: Place, *, where: Mapping[str, Any], sort: Sequence[Mapping[str, str]] = ()
) -> tuple[list[JSONDict], Place]:
    """List the next page by its number, in a window that does not move."""
    rows = focus.rows(place.resource, number=place.number, where=where, sort=sort)
    if not rows or rows[0]["id"] == place.first:
        return [], replace(place, number=0)
    is_last = len(rows) < focus.page_size
    return rows, replace(place, number=0 if is_last else place.number + 1, first=rows[0]["id"])


def list_changed(focus: FocusApi, place: Place, *, since: str) -> tuple[list[JSONDict], Place]:
    """List the next page in the order of change, each window starting where the last page ended.

    A row that is edited during the read moves to the end of the list and all later ones move up by one: paging by
    number would miss one each time. Only rows that share one second are paged by number.
    """
    begin = place.since or since
    where = {"updated_since": begin} if begin else {}
    rows = focus.rows(place.resource, number=place.number, where=where, sort=OLDEST_CHANGE_FIRST)
    fresh = [row for row in rows if row["id"] not in place.edge]
    if len(rows) < focus.page_size or rows[0]["id"] == place.first:
        return fresh, replace(place, number=0)
    changes = [row.get("updated_at") or "" for row in rows]
    newest, is_sorted = changes[-1], changes == sorted(changes)
    if is_sorted and newest and read_moment(newest) != read_moment(begin):
        edge = tuple(row["id"] for row in rows if row["updated_at"] == newest)
        return fresh, replace(place, number=1, first="", since=newest, edge=edge)
    return fresh, replace(place, number=place.number + 1, first=rows[0]["id"], since=begin)


def latest_change(rows: Sequence[JSONDict]) -> datetime | None:
    """Return the largest modification time of the rows."""
    return max((moment for row in rows if (moment := read_moment(row.get("updated_at")))), default=None)


def is_before(row: JSONDict, until: datetime | None) -> bool:
    """Return whether the row changed before the end of a backfill."""
    moment = read_moment(row.get("updated_at"))
    return until is None or moment is None or moment < until
