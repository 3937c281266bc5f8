from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from apicenter.errors import RateLimited
from connectors.allowance import Heard, LaneState, give_back, grant, hear
from connectors.http import RateWord
from connectors.models import Lane
from connectors.ratelimit import SHELF_SECONDS, LaneBudget, reserve
from tests.connectors.file_database import file_database

START = 1_800_000_000.0
L = 200


def make_state(**values: Any) -> LaneState:
    return LaneState(**{"limit": L, "seconds": 60.0, **values})


def make_lane(**values: Any) -> Lane:
    return Lane.objects.create(**{"key": "fake:1", "limit_calls": L, "limit_seconds": 60, **values})


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def make_budget(lane: Lane, clock: Clock | None = None, **options: Any) -> LaneBudget:
    return LaneBudget(lane.pk, system="Fake", clock=clock or Clock(), **options)


def busiest_window(calls: list[float], seconds: float = 60.0) -> int:
    """The naive count: for each call, how many lie within the window that it opens."""
    return max((sum(at <= other < at + seconds for other in calls) for at in calls), default=0)


# the pure core


STEPS = st.lists(
    st.tuples(
        st.floats(0, 20),  # seconds since the last step
        st.integers(1, 10),  # wanted
        st.booleans(),  # is a person waiting
        st.integers(0, 10),  # given back instead of spent
        st.floats(0, SHELF_SECONDS),  # how long the granted calls lie about
    ),
    max_size=120,
)


@given(steps=STEPS, limit=st.integers(1, 60))
def test_no_window_ever_holds_more_than_the_limit(steps: list[tuple[float, int, bool, int, float]], limit: int):
    state, now, calls = make_state(limit=limit), START, []

    for wait, wanted, is_interactive, unspent, delay in steps:
        now += wait
        state, granted = grant(state, wanted, now, is_interactive)
        back = min(unspent, granted.count)
        calls += [now + delay] * (granted.count - back)
        state = give_back(state, [(now, back)]) if back else state

    assert busiest_window(calls) <= limit


@given(limit=st.integers(20, 400), call=st.floats(0.001, 0.3))
def test_greedy_bulk_work_uses_98_percent_of_the_allowance(limit: int, call: float):
    state, now, made, end = make_state(limit=limit), START, 0, START + 600

    while now < end:
        state, granted = grant(state, 10, now, False)
        made += granted.count
        now = now + granted.count * min(call, 0.9 * 60 / limit) if granted.count else granted.retry_at

    assert made >= 0.98 * limit * 10


def test_what_a_denial_promises_holds():
    state, _ = grant(make_state(limit=10), 10, START, False)
    state, denied = grant(state, 1, START + 5, False)
    _, granted = grant(state, 1, denied.retry_at, False)

    assert (denied.count, denied.retry_at, granted.count) == (0, START + 61, 1)


def test_the_ledger_stays_small():
    state = make_state(limit=100_000)

    for number in range(5_000):
        state, _ = grant(state, 5, START + number * 0.01, False)

    assert len(state.grants) <= 601
    assert sum(count for _, count in state.grants) == 25_000


def test_bulk_leaves_a_reserve_only_while_somebody_uses_it():
    state, _ = grant(make_state(limit=100), 1, START, True)
    _, soon = grant(state, 100, START + 1, False)
    _, later = grant(state, 100, START + 700, False)

    assert (soon.count, later.count) == (84, 100)


def test_a_person_may_use_the_reserve():
    state, _ = grant(make_state(limit=100), 1, START, True)
    state, _ = grant(state, 100, START + 1, False)
    _, bulk = grant(state, 1, START + 2, False)
    _, person = grant(state, 100, START + 2, True)

    assert (bulk.count, person.count) == (0, 15)


def test_an_unknown_limit_allows_until_the_server_says_otherwise():
    state, first = grant(make_state(limit=None), 10, START, False)
    state = hear(state, Heard(START, None, 0, START + 30))
    _, second = grant(state, 10, START + 1, False)

    assert first.count == 10
    assert (second.count, second.retry_at) == (0, START + 30)


def test_the_servers_word_wins_over_our_own_ledger():
    state = hear(make_state(), Heard(START, 200, 3, START + 30, unspent=1))
    state, first = grant(state, 10, START + 1, False)
    state, second = grant(state, 10, START + 2, False)
    _, after_reset = grant(state, 10, START + 31, False)

    assert (first.count, second.count, after_reset.count) == (2, 0, 10)


def test_a_heard_limit_replaces_the_configured_one():
    state = hear(make_state(), Heard(START, 50, None, None))

    assert grant(state, 100, START, False)[1].count == 50


def test_an_older_word_changes_nothing():
    state = hear(make_state(), Heard(START + 5, 200, 7, START + 30))

    assert hear(state, Heard(START, 200, 90, START + 30)) == state


def test_a_fixed_window_counts_the_servers_rest_until_it_resets_and_starts_afresh():
    state = make_state(limit=100, seconds=3600.0, is_sliding=False)
    state, _ = grant(state, 100, START, False)
    state = hear(state, Heard(START + 1, 100, 0, START + 20))
    state, denied = grant(state, 10, START + 10, False)
    _, fresh = grant(state, 100, START + 21, False)

    assert (denied.count, denied.retry_at) == (0, START + 21)
    assert fresh.count == 100


# the lane's row


@pytest.mark.django_db
def test_calls_come_in_blocks_and_the_rest_is_given_back():
    lane = make_lane()
    budget = make_budget(lane)

    for _ in range(13):
        budget.take()
    budget.close()

    lane.refresh_from_db()
    assert (lane.grants, lane.version) == ([[START, 13]], 3)


@pytest.mark.django_db
def test_calls_that_lay_too_long_are_exchanged_for_new_ones():
    lane, clock = make_lane(), Clock()
    budget = make_budget(lane, clock)

    budget.take()
    clock.now += 5
    budget.take()

    lane.refresh_from_db()
    assert lane.grants == [[START, 1], [START + 5, 10]]


@pytest.mark.django_db
def test_nothing_left_says_when_to_come_back():
    budget = make_budget(make_lane(limit_calls=3))
    for _ in range(3):
        budget.take()

    with pytest.raises(RateLimited) as caught:
        budget.take()

    assert caught.value.retry_at == moment(61)


@pytest.mark.django_db
def test_what_was_heard_is_written_with_the_next_block():
    lane = make_lane(limit_calls=None)
    budget = make_budget(lane)

    budget.take()
    budget.heard(RateWord(500, 20, moment(30)))
    lane.refresh_from_db()
    before = lane.remaining
    budget.close()
    lane.refresh_from_db()

    assert before is None
    assert (lane.limit_calls, lane.remaining, lane.reset_at) == (500, 20, moment(30))


@pytest.mark.django_db
def test_no_calls_remaining_stops_at_once():
    lane = make_lane()
    budget = make_budget(lane)

    budget.take()
    budget.heard(RateWord(200, 0, moment(12)))

    with pytest.raises(RateLimited) as caught:
        budget.take()
    assert caught.value.retry_at == moment(12)


@pytest.mark.django_db
def test_a_block_stops_every_budget_of_the_lane():
    lane = make_lane()
    budget, other = make_budget(lane), make_budget(lane, is_interactive=True)

    budget.block(moment(30))

    for stopped in (budget, other):
        with pytest.raises(RateLimited) as caught:
            stopped.take()
        assert moment(30) <= caught.value.retry_at <= moment(33)


@pytest.mark.django_db
def test_a_block_lasts_an_hour_at_most():
    lane = make_lane()

    make_budget(lane).block(moment(86_400))

    lane.refresh_from_db()
    assert lane.blocked_until == moment(3600)


@pytest.mark.django_db
def test_a_shorter_block_does_not_end_a_longer_one():
    lane = make_lane()
    budget = make_budget(lane)

    budget.block(moment(1000))
    budget.block(moment(10))

    lane.refresh_from_db()
    assert lane.blocked_until >= moment(1000)


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_get_more_than_the_limit(tmp_path: Path):
    def work() -> None:
        budget = make_budget(lane)
        try:
            for _ in range(40):
                budget.take()
                taken.append(1)
        except RateLimited:
            limited.append(1)
        finally:
            budget.close()
            connections.close_all()

    taken: list[int] = []
    limited: list[int] = []
    with file_database(tmp_path):
        lane = make_lane(limit_calls=100)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lane.refresh_from_db()

    assert limited
    assert len(taken) <= 100
    assert sum(count for _, count in lane.grants) == len(taken)


@pytest.mark.django_db
def test_a_lane_too_busy_to_change_is_asked_again_soon(monkeypatch: pytest.MonkeyPatch):
    lane = make_lane()
    monkeypatch.setattr("connectors.ratelimit.ATTEMPTS", 0)

    granted = reserve(lane.pk, 10, is_interactive=False, now=START)

    assert (granted.count, granted.retry_at) == (0, START + 1)


def test_the_clock_of_the_reset_may_differ_from_ours():
    ahead = (datetime.fromtimestamp(START, UTC) + timedelta(hours=2)).timestamp()

    state = hear(make_state(), Heard(START, 200, 0, ahead))

    assert state.reset_at == START + 60
