"""Steps that take longer than a lease lasts, because each of their calls takes its time: the worker is healthy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from connectors.models import Lane
from flows.models import Flow, Intent, Run, RunRecord, Tally
from flows.running.queue import Queue, claim, release
from flows.running.runner import drain
from flows.services import start_run
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf
from tests.flows.test_clock import move_clock

pytestmark = pytest.mark.django_db
SLOW = timedelta(seconds=44)  # within what a call may take
CALLS = 8  # together nearly twice a lease


@pytest.fixture(autouse=True)
def lasting(env: Callable[..., None]) -> None:
    env(LANE_LEASE_SECONDS=180, CALL_DEADLINE_SECONDS=45, TEAMLEADER_QUIET_SECONDS=120)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, shelf: Shelf) -> Callable[[], None]:
    """Return what makes one slow call; it counts as the client's."""

    def make() -> None:
        shelf.api.before_each()
        move_clock(monkeypatch, SLOW)

    return make


def test_a_page_of_many_slow_calls_stays_with_its_worker(shelf_flow: Flow, shelf: Shelf, call: Callable[[], None]):
    shelf.rows = [make_row("A")]
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    others: list[bool] = []

    def read(_position: object) -> None:
        while len(others) < CALLS:
            call()
            others.append(drain(Queue.BULK))

    shelf.before_page = read
    drain(Queue.BULK)

    assert others == [False] * CALLS
    assert Tally.objects.get(run=run).created == 1


def test_creates_that_leave_under_a_longer_lease_are_looked_up_that_much_later(
    shelf_flow: Flow, shelf: Shelf, call: Callable[[], None]
):
    shelf.rows = [make_row(name) for name in "ABCDEFGH"]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    left: list[timedelta] = []

    def look(_code: str) -> None:
        call()
        until = Lane.objects.get().lease_until
        assert until is not None
        may_leave_until = until - timedelta(seconds=45)
        left.extend(intent.look_at - may_leave_until for intent in Intent.objects.all())

    shelf.before_create = look
    drain(Queue.BULK)

    assert len(shelf.things) == 8
    assert min(left) > timedelta(seconds=45 + 120 - 1)  # the call itself, and the quiet time


def test_a_lane_the_database_did_not_take_back_is_free_before_the_next_claim(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    lease = claim(Queue.BULK)
    assert lease is not None

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with pytest.raises(OperationalError), transaction.atomic(), connection.execute_wrapper(fail):
        release(lease)
    assert claim(Queue.BULK) is None

    assert drain(Queue.BULK)
    assert Tally.objects.get(run=run).created == 1


def test_a_worker_that_lost_its_lane_does_not_take_it_back(shelf_flow: Flow, shelf: Shelf, call: Callable[[], None]):
    shelf.rows = [make_row("A")]
    start_run(shelf_flow, Run.Trigger.MANUAL)

    def lose_and_go_on(_position: object) -> None:
        lane = Lane.objects.get()
        Lane.objects.update(fence=lane.fence + 1, lease_until=timezone.now() + timedelta(minutes=3))
        for _ in range(CALLS):
            call()

    shelf.before_page = lose_and_go_on
    drain(Queue.BULK)

    assert not RunRecord.objects.exists()
