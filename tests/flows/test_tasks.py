"""Hints and the tasks behind them: they may be lost, doubled or late, and a broken broker hurts nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from apicenter.celery import app
from flows.models import Flow, Heartbeat, Job, Run, RunRecord
from flows.running.queue import Queue
from flows.running.wake import ring, wait
from flows.services import start_run
from flows.tasks import drain_queue, periodic, sweep
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.django_db
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _silent_bells() -> None:
    for queue in Queue:
        wait(queue, 0)


@pytest.fixture
def broken_broker(env, monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery as it is configured, with a broker that nobody serves."""
    env(REDIS_URL=NOWHERE)
    conf = app.conf
    monkeypatch.setitem(conf, "broker_url", NOWHERE)
    monkeypatch.setitem(conf, "broker_transport_options", {"max_retries": 0})
    monkeypatch.setitem(conf, "task_publish_retry", False)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)


def test_celery_runs_with_our_settings():
    assert current_app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1
    assert {"flows.drain_queue", "flows.sweep", "flows.periodic"} <= set(app.tasks)
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == {"flows.sweep", "flows.periodic"}


def test_a_task_works_through_the_queue_and_may_run_twice(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B")]
    start_run(shelf_flow, Run.Trigger.MANUAL)

    drain_queue.apply(args=["bulk"], throw=True)
    drain_queue.apply(args=["bulk"], throw=True)

    assert not Job.objects.exists()
    assert len(shelf.writes) == 2


def test_the_sweeper_hints_again_at_work_whose_hint_was_lost(shelf_flow: Flow):
    start_run(shelf_flow, Run.Trigger.MANUAL)  # within a transaction: its own hint is not sent
    assert not wait(Queue.BULK, 0)

    sweep.apply(throw=True)

    assert wait(Queue.BULK, 0)
    assert not wait(Queue.INTERACTIVE, 0)
    assert Heartbeat.objects.get(name="sweeper").beat_at <= timezone.now()


def test_the_sweeper_is_silent_when_nothing_is_due(shelf_flow: Flow):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    Job.objects.update(next_at=timezone.now() + timedelta(minutes=1))

    sweep.apply(throw=True)

    assert not wait(Queue.BULK, 0)


def test_the_clock_starts_what_is_scheduled(shelf_flow: Flow):
    Flow.objects.update(every_minutes=15, next_run_at=timezone.now())

    periodic.apply(args=["schedule"], throw=True)

    assert Run.objects.get().trigger == Run.Trigger.SCHEDULE


def test_the_purge_deletes_what_has_expired(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    drain_queue.apply(args=["bulk"], throw=True)
    RunRecord.objects.update(expires_at=timezone.now() - timedelta(days=1))

    periodic.apply(args=["purge"], throw=True)

    assert not RunRecord.objects.exists()


def test_a_hint_for_people_wakes_both_pools():
    ring(Queue.INTERACTIVE)

    assert [wait(queue, 0) for queue in (Queue.INTERACTIVE, Queue.BULK)] == [True, True]


@pytest.mark.usefixtures("broken_broker")
def test_a_broken_broker_is_only_a_line_in_the_log(caplog: pytest.LogCaptureFixture):
    ring(Queue.BULK)

    assert "no broker for a hint to bulk" in caplog.text


@pytest.mark.usefixtures("broken_broker")
def test_a_broken_broker_does_not_fail_who_starts_a_run(shelf_flow: Flow, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(shelf_flow, Run.Trigger.MANUAL)

    assert Job.objects.get().run == run


@pytest.mark.django_db(transaction=True)
def test_a_hint_that_fails_in_any_other_way_does_not_fail_the_request_either(
    env, monkeypatch: pytest.MonkeyPatch, shelf_flow: Flow
):
    env(REDIS_URL=NOWHERE)
    monkeypatch.setitem(app.conf, "broker_url", "no-such-transport://")
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)

    run = start_run(shelf_flow, Run.Trigger.MANUAL)

    assert Job.objects.get().run == run
