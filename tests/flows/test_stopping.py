"""A run that is stopped in the middle: the sum stays right, nothing is lost, nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.errors import FlowError, OutcomeUnknown, Rejected, SettingMissing
from apicenter.organizations.models import AuditEntry
from connectors.models import Lane
from flows.models import Flow, Intent, Job, Run, RunRecord, Tally
from flows.needs.replays import replay
from flows.running.queue import Queue
from flows.running.runner import drain
from flows.running.stopping import go_on, leave_rest, request_stop
from flows.services import resume, start_run
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State
MANUAL, BACKFILL, SCHEDULE = Run.Trigger.MANUAL, Run.Trigger.BACKFILL, Run.Trigger.SCHEDULE
CODES = [f"L{number:02}" for number in range(10)]


def work() -> None:
    for queue in Queue:
        work_until_idle(queue)


def tally_of(run: Run) -> Tally:
    tally = Tally.objects.get(run=run)
    assert tally.is_balanced, str(tally)
    return tally


def sent(shelf: Shelf) -> list[str]:
    return sorted(thing["code"] for thing in shelf.things.values())


@pytest.fixture
def rows(shelf: Shelf, env: Callable[..., None]) -> None:
    env(SLICE_RECORDS=1, CALL_THREADS=1)  # one record at a time
    shelf.rows = [make_row(code, minutes=number) for number, code in enumerate(CODES)]


def stop_at(shelf: Shelf, run: Run, code: str) -> None:
    def look(sending: str) -> None:
        if sending == code:
            shelf.before_create = lambda what: None
            request_stop(run)

    shelf.before_create = look


@pytest.mark.parametrize("code", ["L00", "L02", "L03", "L05", "L08", "L09"])
@pytest.mark.parametrize("trigger", [MANUAL, SCHEDULE])
def test_the_record_under_way_is_finished_and_the_next_run_does_the_rest(
    shelf_flow: Flow, shelf: Shelf, rows: None, code: str, trigger: str
):
    run = start_run(shelf_flow, MANUAL)
    stop_at(shelf, run, code)

    work()

    run.refresh_from_db()
    assert (run.state, run.stop_requested) == (Run.State.STOPPED, False)
    assert sent(shelf) == CODES[: CODES.index(code) + 1]
    tally = tally_of(run)
    assert (tally.created, tally.waiting) == (len(shelf.things), tally.read - len(shelf.things))
    assert not Job.objects.exists()
    shelf_flow.refresh_from_db()
    unread = [row for row in CODES if not RunRecord.objects.filter(natural_key=row).exists()]
    assert shelf_flow.cursor is None or not unread  # it has not moved past what was not read

    start_run(shelf_flow, trigger)
    work()

    assert sent(shelf) == CODES
    assert len(shelf.writes) == 10
    assert not RunRecord.objects.filter(state=State.WAITING).exists()
    run.refresh_from_db()
    shelf_flow.refresh_from_db()
    assert (run.state, tally_of(run).created) == (Run.State.DONE, 10)
    assert shelf_flow.cursor == START + timedelta(minutes=9)


def test_a_run_that_nobody_works_on_stops_at_once(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)

    assert request_stop(run)

    run.refresh_from_db()
    assert run.state == Run.State.STOPPED
    assert not Job.objects.exists()
    assert not request_stop(run)
    assert AuditEntry.objects.filter(action="run.stopped").count() == 1


def test_a_run_that_rests_stops_without_opening_what_cannot_be_opened(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)
    Job.objects.update(next_at=timezone.now() + timedelta(hours=1))
    Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))  # a worker is busy with another flow
    assert request_stop(run)
    run.refresh_from_db()
    assert run.state == Run.State.WAITING

    Lane.objects.update(lease_until=None)
    drain(Queue.BULK)

    run.refresh_from_db()
    assert run.state == Run.State.STOPPED
    assert not shelf.asked


def test_a_stopped_run_goes_on_where_it_stood_with_the_present_map(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)
    stop_at(shelf, run, "L05")
    work()
    asked = len(shelf.asked)

    assert go_on(run)
    work()

    assert [position for _, position in shelf.asked[asked:]] == [8]
    assert sent(shelf) == CODES
    assert not go_on(run)


def test_a_stopped_run_does_not_go_on_while_another_reads_or_the_flow_rests(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)
    request_stop(run)
    run.refresh_from_db()
    start_run(shelf_flow, BACKFILL)
    with pytest.raises(FlowError):
        go_on(run)

    shelf_flow.pause()
    with pytest.raises(SettingMissing):
        go_on(run)


def test_resuming_the_flow_lets_its_stopped_run_go_on(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)
    stop_at(shelf, run, "L04")
    work()
    shelf_flow.pause()

    resume(shelf_flow)
    work()

    assert sent(shelf) == CODES


def test_what_waits_in_a_stopped_backfill_is_taken_over_by_a_run_that_reads_it(
    shelf_flow: Flow, shelf: Shelf, rows: None
):
    backfill = start_run(shelf_flow, BACKFILL, since=START)
    stop_at(shelf, backfill, "L01")
    work()
    assert tally_of(backfill).waiting == 2

    run = start_run(shelf_flow, MANUAL)
    assert run != backfill
    work()

    assert sent(shelf) == CODES
    assert len(shelf.writes) == 10
    tally = tally_of(backfill)
    assert (tally.created, tally.skipped, tally.waiting) == (2, 2, 0)
    assert tally_of(run).created == 8
    assert {record.code for record in RunRecord.objects.filter(run=backfill, state=State.SKIPPED)} == {
        "skip.taken_over"
    }


def test_the_rest_of_a_stopped_backfill_can_be_left_out(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, BACKFILL, since=START)
    stop_at(shelf, run, "L01")
    work()

    assert leave_rest(run) == 2

    run.refresh_from_db()
    assert (run.state, run.phase) == (Run.State.STOPPED, Run.Phase.END)
    tally = tally_of(run)
    assert (tally.read, tally.created, tally.skipped) == (4, 2, 2)
    assert leave_rest(run) == 0
    assert not go_on(run)


def test_what_may_have_been_sent_is_looked_up_before_a_backfill_is_closed(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, BACKFILL, since=START)
    shelf.fail("L00", OutcomeUnknown(system="Memory"), is_late=True)
    stop_at(shelf, run, "L01")
    work()

    assert leave_rest(run) == 2
    Intent.objects.update(look_at=timezone.now())
    RunRecord.objects.filter(state=State.WAITING).update(next_at=timezone.now())
    Job.objects.update(next_at=timezone.now())
    work()

    tally = tally_of(run)
    assert (tally.created, tally.skipped, tally.waiting) == (2, 2, 0)
    assert shelf.look_ups == ["L00"]
    assert sent(shelf) == ["L00", "L01"]


def test_the_rest_of_an_ordinary_run_is_never_left_out(shelf_flow: Flow, shelf: Shelf, rows: None):
    run = start_run(shelf_flow, MANUAL)
    stop_at(shelf, run, "L01")
    work()

    assert leave_rest(run) == 0
    assert tally_of(run).waiting == 2


def test_a_replay_in_a_stopped_run_is_sent_and_the_next_run_reads_the_rest(shelf_flow: Flow, shelf: Shelf, rows: None):
    shelf.fail("L00", Rejected(system="Memory", answer="too dear"))
    run = start_run(shelf_flow, MANUAL)
    stop_at(shelf, run, "L01")
    work()

    assert replay(RunRecord.objects.filter(natural_key="L00")) == 1
    work()
    assert "L00" in sent(shelf)

    start_run(shelf_flow, MANUAL)
    work()
    assert sent(shelf) == CODES
    assert len(shelf.writes) == 10


def test_a_run_is_stopped_while_it_looks_at_what_exists(shelf_flow: Flow, shelf: Shelf, rows: None):
    Flow.objects.update(adopted_at=None)
    run = start_run(shelf_flow, MANUAL)
    Run.objects.update(stop_requested=True)
    work()
    run.refresh_from_db()
    assert (run.state, run.phase) == (Run.State.STOPPED, Run.Phase.INDEX)

    assert start_run(shelf_flow, MANUAL) == run
    work()

    assert sent(shelf) == CODES
