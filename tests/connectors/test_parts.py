from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicenter.errors import RemoteUnavailable
from connectors.parts import first_fields, read_in_parts

BAD = "remote.bad_answer"


def a_list(count: int, *, most: int, huge: set[int]) -> Any:
    """A list of numbers of which a page may have `most` rows, and none of the huge ones, to be taken in."""

    def read(number: int, size: int) -> list[int]:
        rows = list(range(count))[(number - 1) * size : number * size]
        if len(rows) > most or huge & set(rows):
            raise RemoteUnavailable(BAD, system="Fake")
        return rows

    return read


@given(
    count=st.integers(0, 130),
    size=st.sampled_from([100, 60, 7, 1]),
    most=st.integers(1, 100),
    huge=st.sets(st.integers(0, 129), max_size=3),
)
def test_a_page_in_parts_is_the_page(count: int, size: int, most: int, huge: set[int]):
    read = a_list(count, most=most, huge=huge)

    for number in (1, 2):
        rows = read_in_parts(read, number=number, size=size, instead=lambda row, error: -row)

        wanted = list(range(count))[(number - 1) * size : number * size]
        assert rows == [-(one + 1) if one in huge else one for one in wanted]


def test_another_failure_is_raised_at_once():
    def read(number: int, size: int) -> list[int]:
        raise RemoteUnavailable(system="Fake")

    with pytest.raises(RemoteUnavailable):
        read_in_parts(read, number=1, size=100, instead=lambda row, error: 0)


@pytest.mark.parametrize(
    ("text", "shape", "fields"),
    [
        ('[{"id": 7, "more": {"id": 8}, "name": "a\\"b", "rest": "xxx', "[{", {"id": 7, "name": 'a"b'}),
        ('[{"tags": ["x", "id"], "id": null, "ok": true}, {"id": 9}]', "[{", {"id": None, "ok": True}),
        ('{"meta": {"id": 1}, "data": [{"id": "u-1", "lines": [{"id": "l-1"', "{[{", {"id": "u-1"}),
        ("<html>", "[{", {}),
        ("", "[{", {}),
        ("[" * 100_000, "[{", {}),
    ],
)
def test_the_beginning_of_an_answer_tells_the_first_key(text: str, shape: str, fields: dict[str, Any]):
    assert first_fields(text, shape=shape) == fields
