"""Doing queued work: pages, the cursor, slices and kills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.errors import OutcomeUnknown, RemoteUnavailable
from connectors.base import SourceRecord
from connectors.models import Lane
from flows.catalog.registry import flow_kind
from flows.models import Binding, Flow, Intent, Job, PortionMemory, Run, RunRecord, Tally
from flows.running.queue import Queue
from flows.running.runner import drain
from flows.services import start_run
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, finished, rows, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State
MANUAL, BACKFILL = Run.Trigger.MANUAL, Run.Trigger.BACKFILL


class Killed(BaseException):
    """Ends a slice where it stands; nothing that catches errors catches it."""


def end_leases() -> None:
    Lane.objects.update(lease_until=None)


def take_lane_away(_what: object) -> None:
    """Another worker claims the lane, as after a lapsed lease."""
    lane = Lane.objects.get()
    Lane.objects.update(fence=lane.fence + 1, lease_until=timezone.now() + timedelta(minutes=3))


def test_reads_every_page_and_ends(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(10)
    run = start_run(shelf_flow, MANUAL)

    work_until_idle()

    finished(run)
    assert [position for _, position in shelf.asked] == [None, 4, 8]
    assert len(shelf.things) == 10
    assert not Job.objects.exists()


def test_the_cursor_is_the_latest_moment_received(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(10)

    start_run(shelf_flow, MANUAL)
    work_until_idle()

    shelf_flow.refresh_from_db()
    assert shelf_flow.cursor == START + timedelta(minutes=9)


def test_the_cursor_never_passes_the_start_of_the_run(shelf_flow: Flow, shelf: Shelf):
    ahead = (timezone.now() + timedelta(days=1)).isoformat()  # the other side's clock
    shelf.rows = [make_row("A", at=ahead)]

    run = start_run(shelf_flow, MANUAL)
    work_until_idle()

    shelf_flow.refresh_from_db()
    assert shelf_flow.cursor == finished(run).started_at


def test_reading_a_little_again_costs_no_call(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(10)
    start_run(shelf_flow, MANUAL)
    work_until_idle()
    shelf.writes.clear()

    shelf_flow.refresh_from_db()
    run = start_run(shelf_flow, MANUAL)
    work_until_idle()

    assert shelf.asked[-1][0] == START + timedelta(minutes=9) - timedelta(seconds=300)
    tally = Tally.objects.get(run=finished(run))
    assert (tally.read, tally.unchanged) == (6, 6)
    assert not shelf.writes


@pytest.mark.parametrize("options", [{"limit": 2}, {"trigger": BACKFILL, "since": START}])
def test_a_backfill_or_a_trial_moves_no_cursor(shelf_flow: Flow, shelf: Shelf, options: dict):
    shelf.rows = rows(6)
    before = START - timedelta(days=9)
    Flow.objects.update(cursor=before)

    run = start_run(shelf_flow, options.pop("trigger", MANUAL), **options)
    work_until_idle()

    shelf_flow.refresh_from_db()
    assert finished(run).seen_until is not None
    assert shelf_flow.cursor == before


def test_the_cursor_never_goes_back(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)
    later = START + timedelta(days=9)
    Flow.objects.update(cursor=later)

    start_run(shelf_flow, MANUAL, since=START)
    work_until_idle()

    shelf_flow.refresh_from_db()
    assert shelf_flow.cursor == later


def test_goes_on_at_the_page_it_was_killed_before(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(10)
    run = start_run(shelf_flow, MANUAL)

    def die(position: int | None) -> None:
        if position == 8:
            raise Killed

    shelf.before_page = die
    with pytest.raises(Killed):
        drain(Queue.BULK)
    shelf.before_page = lambda position: None
    work_until_idle()

    assert [position for _, position in shelf.asked] == [None, 4, 8, 8]
    assert Tally.objects.get(run=finished(run)).created == len(shelf.things) == 10


@pytest.mark.parametrize(("at", "asked"), [("L05", [None, 4, 4, 8]), ("L09", [None, 4, 8, 8])])
def test_a_page_that_was_read_and_not_stored_is_read_again(
    shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, at: str, asked: list[int | None]
):
    def die(record: SourceRecord, settings: object) -> None:
        if record.natural_key == at:
            raise Killed

    shelf.rows = rows(10)
    run = start_run(shelf_flow, MANUAL)
    with monkeypatch.context() as patch:
        patch.setattr(flow_kind("products"), "omit", die)
        with pytest.raises(Killed):
            drain(Queue.BULK)
    shelf_flow.refresh_from_db()
    assert shelf_flow.cursor is None

    end_leases()
    work_until_idle()

    assert [position for _, position in shelf.asked] == asked
    assert Tally.objects.get(run=finished(run)).created == len(shelf.things) == 10


def test_what_was_sent_when_it_was_killed_is_looked_up_and_not_sent_again(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)
    run = start_run(shelf_flow, MANUAL)
    failure = OutcomeUnknown(system="Memory")
    shelf.fail("L01", failure, is_late=True)  # it arrived
    shelf.before_create = lambda code: (_ for _ in ()).throw(Killed) if code == "L02" else None

    with pytest.raises(Killed):
        drain(Queue.BULK)
    assert Intent.objects.count() == 3
    shelf.before_create = lambda code: None
    work_until_idle()
    assert len(shelf.things) == 2  # too early to look

    Intent.objects.update(look_at=timezone.now())
    RunRecord.objects.update(next_at=timezone.now())
    Job.objects.update(next_at=timezone.now())
    work_until_idle()

    assert sorted(shelf.look_ups) == ["L00", "L01", "L02"]
    assert sorted(thing["code"] for thing in shelf.things.values()) == ["L00", "L01", "L02"]
    assert Tally.objects.get(run=finished(run)).created == 3
    assert not Intent.objects.exists()


def test_a_crashed_create_is_looked_up_only_after_the_lease_and_the_quiet_time(
    shelf_flow: Flow, shelf: Shelf, env: Callable[..., None]
):
    env(LANE_LEASE_SECONDS=180, CALL_DEADLINE_SECONDS=45, TEAMLEADER_QUIET_SECONDS=120)
    shelf.rows = rows(1)
    start_run(shelf_flow, MANUAL)
    shelf.before_create = lambda code: (_ for _ in ()).throw(Killed)

    with pytest.raises(Killed):
        drain(Queue.BULK)

    intent = Intent.objects.get()
    waits = intent.look_at - intent.sent_at
    assert timedelta(seconds=298) < waits <= timedelta(seconds=300)  # may leave for 135 s, take 45 s, be quiet 120 s


def test_a_second_worker_gets_nothing_while_the_first_works(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)
    start_run(shelf_flow, MANUAL)
    meanwhile: list[object] = []
    shelf.before_create = lambda code: meanwhile.append(drain(Queue.BULK))

    work_until_idle()

    assert meanwhile == [False, False, False]
    assert len(shelf.writes) == 3


def test_a_worker_that_was_too_slow_saves_nothing(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(1)
    run = start_run(shelf_flow, MANUAL)
    shelf.before_create = take_lane_away

    assert drain(Queue.BULK)

    assert not Binding.objects.exists()
    assert RunRecord.objects.get().state == State.WAITING
    assert Intent.objects.count() == 1
    assert Lane.objects.get().lease_until is not None  # the other worker's lease stands

    shelf.before_create = lambda code: None
    end_leases()
    Intent.objects.update(look_at=timezone.now())
    work_until_idle()

    assert Tally.objects.get(run=finished(run)).created == len(shelf.things) == 1
    assert shelf.look_ups == ["L00"]


def test_a_worker_that_was_too_slow_keeps_nothing_of_an_interrupted_portion(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)

    def lose_lane_and_fail(position: object) -> None:
        take_lane_away(position)
        raise RemoteUnavailable(system="Left")

    shelf.before_page = lose_lane_and_fail
    start_run(shelf_flow, MANUAL)

    drain(Queue.BULK)

    assert not PortionMemory.objects.exists()


def test_a_page_read_by_a_worker_that_was_too_slow_is_not_stored(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)
    run = start_run(shelf_flow, MANUAL)
    shelf.before_page = take_lane_away

    drain(Queue.BULK)

    run.refresh_from_db()
    assert (run.position, run.phase) == (None, Run.Phase.READ)
    assert not RunRecord.objects.exists()
    assert not shelf.things


def test_a_long_step_prolongs_the_lease_before_it_sends(shelf_flow: Flow, shelf: Shelf, env: Callable[..., None]):
    env(LANE_LEASE_SECONDS=180)
    shelf.rows = rows(1)
    start_run(shelf_flow, MANUAL)
    left: list[float] = []

    def spend(_position: object) -> None:
        Lane.objects.update(lease_until=timezone.now() + timedelta(seconds=1))

    def look(_code: str) -> None:
        until = Lane.objects.get().lease_until
        left.append((until - timezone.now()).total_seconds() if until else 0)

    shelf.before_page, shelf.before_create = spend, look
    drain(Queue.BULK)

    assert left[0] > 170


def test_a_slice_ends_in_time_and_the_rest_waits_its_turn(shelf_flow: Flow, shelf: Shelf, env: Callable[..., None]):
    env(SLICE_SECONDS=1e-6, SLICE_RECORDS=2)
    shelf.rows = rows(10)
    run = start_run(shelf_flow, MANUAL)

    slices = work_until_idle()

    assert slices > 3
    assert Tally.objects.get(run=finished(run)).created == len(shelf.things) == 10
