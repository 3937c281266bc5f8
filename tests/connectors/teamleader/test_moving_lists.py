"""Lists that change while they are read: every version that is there in the end was seen, or is seen the next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.core import JSONDict
from connectors.teamleader.api import OLDEST_CREATED_FIRST, FocusApi
from connectors.teamleader.paging import Place, list_changed, list_numbered
from connectors.teamleader.read_values import write_moment

BEGIN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
PAGE = 3
LATEST = 40  # seconds
Step = tuple[str, int, int]  # edit, make or delete; which; how many seconds pass before it


class MovingList:
    """A list that a person works on: one step of theirs happens before each call."""

    page_size = PAGE

    def __init__(self, ages: Sequence[int], steps: Sequence[Step]) -> None:
        self.now = BEGIN
        self.steps = list(steps)
        self.made = 0
        self.rows_by_id: dict[str, JSONDict] = {}
        for age in ages:
            self._make(BEGIN - timedelta(seconds=age))

    def _make(self, at: datetime) -> None:
        self.made += 1
        key = f"{self.made:03}"
        self.rows_by_id[key] = {"id": key, "updated_at": write_moment(at), "created": self.made, "version": 1}

    def _step(self) -> None:
        if not self.steps:
            return
        what, which, seconds = self.steps.pop(0)
        self.now += timedelta(seconds=seconds)
        if what == "make" or not self.rows_by_id:
            self._make(self.now)
            return
        key = sorted(self.rows_by_id)[which % len(self.rows_by_id)]
        if what == "delete":
            del self.rows_by_id[key]
            return
        row = self.rows_by_id[key]
        self.rows_by_id[key] = {**row, "updated_at": write_moment(self.now), "version": row["version"] + 1}

    def rows(
        self,
        resource: str,
        *,
        number: int = 1,
        size: int | None = None,
        where: Mapping[str, Any] | None = None,
        sort: Sequence[Mapping[str, str]] = (),
        stubs: bool = False,
    ) -> list[JSONDict]:
        if size is None:  # a look at one row follows the page at once
            self._step()
        size = size or self.page_size
        since = (where or {}).get("updated_since", "")
        found = [row for row in self.rows_by_id.values() if row["updated_at"] >= since]
        if sort and sort[0]["field"] == "updated_at":
            found.sort(key=lambda row: (row["updated_at"], row["id"]))
        return found[(number - 1) * size : number * size]


def by_number(focus: FocusApi, place: Place, since: str) -> tuple[list[JSONDict], Place]:
    return list_numbered(focus, place, where={"updated_since": since} if since else {}, sort=OLDEST_CREATED_FIRST)


def by_change(focus: FocusApi, place: Place, since: str) -> tuple[list[JSONDict], Place]:
    return list_changed(focus, place, since=since)


Reading = Callable[[Any, Place, str], tuple[list[JSONDict], Place]]


def read_all(moving: MovingList, read: Reading, since: str, seen: dict[str, JSONDict]) -> str:
    """Read a window to its end as a run does; returns where the next one starts."""
    started, place, latest = moving.now, Place("rows"), ""
    for _ in range(400):
        rows, place = read(moving, place, since)
        place = Place.at(place.to_json(), start="rows")  # as it is kept between two pages
        for row in rows:
            seen[row["id"]] = row
            latest = max(latest, row["updated_at"])
        if place.is_end:
            return max(since, min(latest, write_moment(started)) if latest else since)
    raise AssertionError("the list never ends")


steps = st.lists(
    st.tuples(st.sampled_from(["edit", "make", "delete"]), st.integers(0, 12), st.integers(0, 2)), max_size=14
)
ages = st.lists(st.integers(0, 4), max_size=11)  # seconds: many share one


@pytest.mark.parametrize("read", [by_number, by_change])
@given(ages=ages, steps=steps)
@example(ages=[4, 4, 4, 4], steps=[("make", 0, 1), ("delete", 0, 1)])  # one moves up from the second page
@example(ages=[1] * 9, steps=[("make", 0, 0), ("edit", 0, 1), ("edit", 1, 1)])  # one of a second moves to the end
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_there_in_the_end_is_missed(read: Reading, ages: list[int], steps: list[Step]):
    moving, seen = MovingList(ages, steps), {}

    since = read_all(moving, read, "", seen)
    moving.now += timedelta(seconds=1)
    read_all(moving, read, since, seen)
    moving.steps.clear()
    read_all(moving, read, since, seen)

    assert {key: seen.get(key) for key in moving.rows_by_id} == moving.rows_by_id


def test_a_list_without_pages_ends():
    class Endless(MovingList):
        def rows(self, resource: str, **options: Any) -> list[JSONDict]:
            return super().rows(resource, **{**options, "number": 1})

    seen: dict[str, JSONDict] = {}
    read_all(Endless([1, 2, 3], []), by_number, "", seen)

    assert len(seen) == 3
