"""Where a read stands between two pages, as JSON: what is listed but not read in full yet, and how the list goes on.

A list row costs 1/100 of a call and a full record costs one, so a page of a list is worked off in small portions: a
portion fits into what the limit allows at once, and an interruption loses no more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from connectors.base import Listed, Window
from connectors.core import JSONDict
from connectors.teamleader.api import OLDEST_CHANGE_FIRST, FocusApi
from connectors.teamleader.read_values import find_moment, write_moment


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list has been read. `number` 0 means that nothing is left to list."""

    resource: str
    pending: tuple[str, ...] = ()
    number: int = 1
    first: str = ""  # first id of the last page
    last: str = ""  # last id of the last page; "" right after a step back
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
    focus: FocusApi,
    place: Place,
    *,
    where: Mapping[str, Any],
    sort: Sequence[Mapping[str, str]] = (),
    stubs: bool = False,
) -> tuple[list[JSONDict], Place]:
    """List the next page by its number, in a window that does not move. `stubs`: see `FocusApi.rows`."""
    rows = focus.rows(place.resource, number=place.number, where=where, sort=sort, stubs=stubs)
    if _is_same_page(rows, place):
        return [], replace(place, number=0)
    if _has_moved_up(focus, place, where=where, sort=sort):
        return [], _step_back(place)
    if not rows:
        return [], replace(place, number=0)
    is_last = len(rows) < focus.page_size
    following = 0 if is_last else place.number + 1
    return rows, replace(place, number=following, first=rows[0]["id"], last=rows[-1]["id"])


def _is_same_page(rows: Sequence[JSONDict], place: Place) -> bool:
    """Whether the list has no pages: it gives the same rows whatever number is asked for."""
    return bool(rows) and rows[0]["id"] == place.first and rows[-1]["id"] == (place.last or rows[-1]["id"])


def _has_moved_up(
    focus: FocusApi, place: Place, *, where: Mapping[str, Any], sort: Sequence[Mapping[str, str]]
) -> bool:
    """Whether rows of earlier pages have gone since, so that the later ones moved up and one was not seen: the row
    before this page is then not the one that the page before ended with. It costs a list of one row."""
    if place.number <= 1 or not place.last:
        return False
    before = (place.number - 1) * focus.page_size
    rows = focus.rows(place.resource, number=before, size=1, where=where, sort=sort, stubs=True)
    return not rows or rows[0]["id"] != place.last


def _step_back(place: Place) -> Place:
    """The page before once more: what was read of it already costs nothing further on."""
    return replace(place, number=place.number - 1, first="", last="")


def count_listed(
    focus: FocusApi, resource: str, window: Window, *, is_wanted: Callable[[JSONDict], bool] = lambda row: True
) -> Iterator[int]:
    """Yield how many wanted rows of a window each page of a list has: a call per page, none per record."""
    where = {"updated_since": write_moment(window.since)} if window.since else {}
    place = Place(resource)
    while not place.is_end:
        rows, place = list_numbered(focus, replace(place, last=""), where=where, stubs=True)
        yield sum(is_wanted(row) and is_before(row, window.until) for row in rows)


def list_keys(
    focus: FocusApi,
    position: Any | None,
    *,
    start: str,
    where: Mapping[str, Any] | None = None,
    key: Callable[[JSONDict], str] = lambda row: str(row["id"]),
) -> tuple[tuple[Listed, ...], Place]:
    """List the keys of everything in a resource, a hundred to a call."""
    rows, place = list_numbered(focus, Place.at(position, start=start), where=where or {}, stubs=True)
    return tuple(Listed(key(row), find_moment(row.get("updated_at"))) for row in rows), place


def list_changed(focus: FocusApi, place: Place, *, since: str) -> tuple[list[JSONDict], Place]:
    """List the next page in the order of change, each window starting where the last page ended.

    A row that is edited during the read moves to the end of the list and all later ones move up by one: paging by
    number would miss one each time. Only rows that share one second are paged by number.
    """
    begin = place.since or since
    where = {"updated_since": begin} if begin else {}
    rows = focus.rows(place.resource, number=place.number, where=where, sort=OLDEST_CHANGE_FIRST, stubs=True)
    if _is_same_page(rows, place):
        return [], replace(place, number=0)
    if _has_moved_up(focus, place, where=where, sort=OLDEST_CHANGE_FIRST):
        return [], _step_back(replace(place, since=begin))
    fresh = [row for row in rows if row["id"] not in place.edge]
    if len(rows) < focus.page_size:
        return fresh, replace(place, number=0)
    changes = [str(row.get("updated_at") or "") for row in rows]
    newest, is_sorted = changes[-1], changes == sorted(changes)
    if is_sorted and find_moment(newest) not in (None, find_moment(begin)):
        edge = tuple(row["id"] for row in rows if row.get("updated_at") == newest)
        return fresh, replace(place, number=1, first="", last="", since=newest, edge=edge)
    first, last = rows[0]["id"], rows[-1]["id"]
    return fresh, replace(place, number=place.number + 1, first=first, last=last, since=begin)


def latest_change(rows: Sequence[JSONDict]) -> datetime | None:
    """Return the largest modification time of the rows."""
    return max((moment for row in rows if (moment := find_moment(row.get("updated_at")))), default=None)


def is_before(row: JSONDict, until: datetime | None) -> bool:
    """Return whether the row changed before the end of a backfill."""
    moment = find_moment(row.get("updated_at"))
    return until is None or moment is None or moment < until
