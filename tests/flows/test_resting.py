"""When queued work rests, for how long, and what wakes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from apicenter.errors import AuthError, RemoteUnavailable
from connectors.models import Connection
from flows.models import Flow, Job, Run, RunRecord, Tally
from flows.running.queue import Queue, claim
from flows.running.runner import drain
from flows.services import resume, start_run
from tests.flows.shelf import Shelf, finished, rows, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State
MANUAL, BACKFILL = Run.Trigger.MANUAL, Run.Trigger.BACKFILL


def test_a_paused_flow_rests_and_goes_on(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(3)
    run = start_run(shelf_flow, MANUAL)
    shelf_flow.pause()
    work_until_idle()
    assert not shelf.asked

    resume(shelf_flow)
    work_until_idle()

    assert Tally.objects.get(run=finished(run)).created == 3


def test_a_side_that_is_away_rests_the_run_longer_each_time(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(1)
    run = start_run(shelf_flow, MANUAL)

    def fail(_position: object) -> None:
        raise RemoteUnavailable(system="Memory")

    shelf.before_page = fail
    rests: list[float] = []
    for _ in range(4):
        drain(Queue.BULK)
        rests.append((Job.objects.get().next_at - timezone.now()).total_seconds())
        Job.objects.update(next_at=timezone.now())
    run.refresh_from_db()

    assert run.problem == "Memory cannot be reached at the moment. It is tried again by itself."
    assert all(later > 1.5 * sooner for sooner, later in pairwise(rests))
    assert Job.objects.get().attempts == 4


def test_getting_on_in_between_makes_the_next_rest_short_again(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = rows(10)
    start_run(shelf_flow, MANUAL)
    Job.objects.update(attempts=6)

    def fail_later(position: int | None) -> None:
        if position == 8:
            raise RemoteUnavailable(system="Memory")

    shelf.before_page = fail_later
    drain(Queue.BULK)

    assert Job.objects.get().attempts == 1


def test_the_moment_the_other_side_names_is_kept(shelf_flow: Flow, shelf: Shelf):
    named = datetime.fromisoformat("2031-01-01T00:00:00+00:00")

    def fail(_position: object) -> None:
        raise RemoteUnavailable(system="Memory", retry_at=named)

    shelf.before_page = fail
    start_run(shelf_flow, MANUAL)
    drain(Queue.BULK)

    assert Job.objects.get().next_at == named


def test_a_revoked_authorisation_rests_the_run_and_leaves_the_flow_active(shelf_flow: Flow, shelf: Shelf):
    def fail(_position: object) -> None:
        raise AuthError(system="Memory")

    shelf.before_page = fail
    run = start_run(shelf_flow, MANUAL)
    drain(Queue.BULK)
    run.refresh_from_db()
    shelf_flow.refresh_from_db()

    assert run.problem.startswith("Memory no longer accepts the authorisation")
    assert shelf_flow.state == Flow.State.ACTIVE
    assert Job.objects.get().next_at > timezone.now() + timedelta(minutes=50)


def test_a_connection_that_works_again_wakes_what_waited(shelf_flow: Flow, shelf: Shelf):
    start_run(shelf_flow, MANUAL)
    Job.objects.update(next_at=timezone.now() + timedelta(hours=1))
    connection = Connection.objects.get(name="Right")
    connection.mark_problem("token.revoked", {"system": "Memory"})

    connection.mark_ok()

    assert Job.objects.get().next_at <= timezone.now()


def test_a_fault_of_ours_rests_the_run_and_pauses_the_flow_in_the_end(shelf_flow: Flow, shelf: Shelf):
    def fail(_position: object) -> None:
        raise ZeroDivisionError

    shelf.before_page = fail
    run = start_run(shelf_flow, MANUAL)
    for _ in range(4):
        drain(Queue.BULK)
        Job.objects.update(next_at=timezone.now())
    shelf_flow.refresh_from_db()
    assert shelf_flow.state == Flow.State.ACTIVE

    drain(Queue.BULK)
    run.refresh_from_db()
    shelf_flow.refresh_from_db()

    assert (run.problem_code, shelf_flow.state, shelf_flow.pause_code) == ("internal", Flow.State.PAUSED, "internal")
    assert claim(Queue.BULK) is None
