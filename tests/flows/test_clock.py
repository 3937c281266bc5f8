"""A clock that jumps ahead, or ahead and back, neither holds a run up nor makes anything twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.utils import timezone

from apicenter.errors import OutcomeUnknown
from connectors.allowance import Heard, LaneState, grant, hear
from connectors.models import Lane
from flows.models import Flow, Heartbeat, Intent, Job, Run, RunRecord
from flows.running import clock
from flows.running.beat import Scheduler
from flows.running.dispatcher import _is_alive
from flows.running.queue import LeaseLost, Queue, claim, release, renew
from flows.services import start_run
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

AN_HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def move_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + by)


def lose_first_answer(shelf: Shelf) -> None:
    """The create is done over there, and its answer is lost."""

    def lose(code: str) -> None:
        shelf.before_create = lambda code: None
        shelf.things[code] = {"code": code}
        raise OutcomeUnknown(system="Right")

    shelf.rows = [make_row("L01")]
    shelf.before_create = lose


@pytest.mark.django_db
def test_what_a_clock_that_was_ahead_has_put_off_is_due(
    shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    shelf.rows = [make_row("L01"), make_row("L02")]
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        assert claim(Queue.BULK)  # and dies: nothing gives the lane back
        Job.objects.update(next_at=timezone.now())
    assert claim(Queue.INTERACTIVE) is None

    assert clock.mend_all() == 1
    work_until_idle()

    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert len(shelf.things) == 2


@pytest.mark.django_db
def test_a_lease_that_is_longer_than_one_can_be_keeps_nobody_out(shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        claim(Queue.BULK)

    lease = claim(Queue.BULK)

    assert lease is not None
    assert Lane.objects.get(pk=lease.lane_id).served_at <= timezone.now()


@pytest.mark.django_db
def test_what_was_put_off_by_a_clock_that_jumped_during_a_slice_is_due(
    shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch
):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    lease = claim(Queue.BULK)
    assert lease is not None
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        Job.objects.update(next_at=timezone.now())
        release(lease)

    assert clock.mend_all() == 1
    assert Job.objects.get().next_at <= timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize("keeps_it", [True, False], ids=["given back", "taken over"])
def test_what_was_put_off_by_a_clock_that_was_ahead_within_a_slice_is_due(
    shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch, keeps_it: bool
):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    lease = claim(Queue.BULK)
    assert lease is not None
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        lease = renew(lease)
        Job.objects.update(next_at=timezone.now())
    if keeps_it:
        release(renew(lease))

    assert clock.mend_all() == 1
    assert Job.objects.get().next_at <= timezone.now()


@pytest.mark.django_db
def test_whoever_works_while_what_was_put_off_is_mended_stores_nothing_of_it(
    shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch
):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        lease = claim(Queue.BULK)
    assert lease is not None

    clock.mend_all()

    with pytest.raises(LeaseLost):
        renew(lease)
    following = claim(Queue.BULK)
    assert following is not None
    renew(following)


@pytest.mark.django_db
def test_a_lease_of_the_right_clock_is_left_alone(shelf_flow: Flow):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    claim(Queue.BULK)

    assert clock.mend_all() == 0
    assert claim(Queue.BULK) is None


@pytest.mark.django_db
def test_a_create_without_an_answer_rests_as_long_as_it_ever_may(
    shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    lose_first_answer(shelf)
    start_run(shelf_flow, Run.Trigger.MANUAL)
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        work_until_idle()
    assert Intent.objects.get().look_at > timezone.now() + AN_HOUR

    clock.mend_all()

    latest = timezone.now() + clock.longest_rest()
    assert timezone.now() < Intent.objects.get().look_at <= latest
    assert timezone.now() < RunRecord.objects.get(state=RunRecord.State.WAITING).next_at <= latest


@pytest.mark.django_db
def test_a_turn_that_a_clock_ahead_has_put_off_is_brought_forward(shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    Flow.objects.update(every_minutes=15, next_run_at=timezone.now() + 2 * AN_HOUR)
    with monkeypatch.context() as jumped:
        move_clock(jumped, AN_HOUR)
        claim(Queue.BULK)

    clock.mend_all()

    assert Flow.objects.get(pk=shelf_flow.pk).next_run_at <= timezone.now() + timedelta(minutes=15)


@pytest.mark.django_db
def test_nothing_is_looked_up_right_after_a_jump_ahead(shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "JUMPS", clock.JumpWatch(clock=lambda: timezone.now()))
    lose_first_answer(shelf)
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()
    before = Intent.objects.get().look_at

    move_clock(monkeypatch, AN_HOUR)
    work_until_idle()

    assert [intent.look_at > before for intent in Intent.objects.all()] == [True]
    assert [intent.look_at > timezone.now() for intent in Intent.objects.all()] == [True]


def test_a_jump_is_doubted_for_as_long_as_a_create_may_rest():
    wall, steady = [NOW], [0.0]
    watch = clock.JumpWatch(clock=lambda: wall[0], steady=lambda: steady[0])

    def go_on(clock_says: timedelta, has_passed: timedelta) -> timedelta:
        wall[0] += clock_says
        steady[0] += has_passed.total_seconds()
        return watch.look()

    assert go_on(AN_HOUR, AN_HOUR) == timedelta(0)
    assert go_on(AN_HOUR, timedelta(0)) == clock.longest_rest()
    assert go_on(clock.longest_rest(), clock.longest_rest()) == timedelta(0)
    assert go_on(-AN_HOUR, timedelta(0)) == timedelta(0)


@pytest.mark.django_db
def test_a_lease_ends_by_the_time_that_passed_whatever_the_clock_says(
    shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch
):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    lease = claim(Queue.BULK)
    assert lease is not None

    move_clock(monkeypatch, -AN_HOUR)

    assert lease.seconds_left() <= settings.ENV.LANE_LEASE_SECONDS


def test_calls_noted_by_a_clock_ahead_count_and_what_the_server_said_then_does_not():
    now, later = 1_000.0, 4_600.0
    state = LaneState(10, 60, grants=((later, 4),), remaining=0, reset_at=later + 60, heard_at=later)

    after, granted = grant(state, 10, now, False)

    assert granted.count == 6
    assert after.grants == ((now, 10),)


def test_the_server_is_heard_again_though_something_later_seems_known():
    state = LaneState(10, 60, remaining=0, heard_at=4_600.0)

    assert hear(state, Heard(1_000.0, 10, 7, 1_060.0)).remaining == 7


def test_a_heart_of_another_machine_that_beats_in_the_future_is_dead():
    heart = Heartbeat(name="dispatcher", owner="elsewhere:1", beat_at=NOW + AN_HOUR)

    assert not _is_alive(heart, NOW)
    assert _is_alive(Heartbeat(owner="elsewhere:1", beat_at=NOW - timedelta(seconds=5)), NOW)


class Beat(Scheduler):
    """Notes what it would send."""

    sent: list[str]

    def apply_async(self, entry: Any, **_: Any) -> None:
        self.sent.append(entry.task)


@pytest.fixture
def beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beat]:
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.update(beat_schedule={name: {"task": name, "schedule": 5} for name in ("one", "other")}, timezone="UTC")
    monkeypatch.setattr(Celery, "now", lambda self: timezone.now())
    beat = Beat(app=app, schedule_filename=str(tmp_path / "beat"), lazy=False)
    beat.sent = []
    yield beat
    beat.close()


def test_beat_goes_on_when_the_clock_is_put_back(beat: Beat, monkeypatch: pytest.MonkeyPatch):

    def tick(*moments: timedelta) -> None:
        for by in moments:
            with monkeypatch.context() as jumped:
                move_clock(jumped, by)
                beat.tick()
                beat.tick()

    seconds = timedelta(seconds=1)
    tick(AN_HOUR, AN_HOUR + 6 * seconds)
    beat.sent.clear()
    tick(0 * seconds, 6 * seconds, 12 * seconds)

    assert set(beat.sent) == {"one", "other"}
