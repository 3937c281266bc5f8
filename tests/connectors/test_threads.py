from __future__ import annotations

import threading
import time

import pytest

from apicenter.errors import (
    NotFound,
)
from connectors.threads import on_owner
from tests.connectors.http_client import make_client


def test_overlap_keeps_the_order_and_raises_the_first_error_after_all_have_ended():
    seen: list[int] = []

    def work(number: int) -> int:
        time.sleep(0.02 if number % 2 else 0)
        seen.append(number)
        if number in {3, 5}:
            raise NotFound(what=str(number), system="Fake")
        return number * 10

    with make_client() as api:
        assert api.overlap(lambda number: number * 10, range(8)) == [0, 10, 20, 30, 40, 50, 60, 70]
        with pytest.raises(NotFound) as caught:
            api.overlap(work, range(8))

    assert caught.value.params["what"] == "3"
    assert sorted(seen) == list(range(8))


def test_settle_gives_errors_in_place_but_not_unknown_ones():
    def work(number: int) -> int:
        if number == 1:
            raise NotFound(what="1", system="Fake")
        return 10 // (number - 3)

    with make_client() as api:
        first, second, third = api.settle(work, [0, 1, 2])
        with pytest.raises(ZeroDivisionError):
            api.settle(work, [0, 3])

    assert (first, third) == (-4, -10)
    assert isinstance(second, NotFound)


def test_what_needs_the_owner_runs_on_the_owners_thread():
    def work(number: int) -> tuple[bool, int]:
        return threading.get_ident() == owner, on_owner(threading.get_ident)

    owner = threading.get_ident()
    with make_client() as api:
        results = api.overlap(work, range(20))

    assert results == [(False, owner)] * 20


def test_an_error_on_the_owner_is_raised_where_it_was_asked_for():
    def work(number: int) -> str:
        with pytest.raises(ZeroDivisionError):
            on_owner(lambda: number // 0)
        return "went on"

    with make_client() as api:
        assert api.overlap(work, range(4)) == ["went on"] * 4


def test_a_crew_inside_a_crew_runs_in_turn():
    with make_client(threads=2) as api:
        rows = api.overlap(lambda number: api.overlap(lambda inner: number * inner, [1, 2]), [1, 2, 3])

    assert rows == [[1, 2], [2, 4], [3, 6]]


def test_an_interrupted_owner_leaves_no_thread_waiting():
    started = threading.Barrier(3)

    def interrupt() -> None:
        raise KeyboardInterrupt

    def work(number: int) -> None:
        started.wait(5)
        on_owner(interrupt)

    before = set(threading.enumerate())
    api = make_client(threads=3)
    with pytest.raises(KeyboardInterrupt):
        api.overlap(work, range(3))
    api.close()

    assert not set(threading.enumerate()) - before
