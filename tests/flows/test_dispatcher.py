"""The embedded engine: one process, threads that find work with or without a hint."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow, Heartbeat, Job, Run
from flows.running.dispatcher import NAME, AlreadyRunning, Dispatcher
from flows.running.queue import enqueue
from flows.services import start_run
from tests.connectors.file_database import file_database
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, make_authorised_flow

PATIENCE_SECONDS = 30.0  # only ends a test that hangs


@pytest.fixture
def threaded_flow(transactional_db: None, tmp_path: Path, shelf: Shelf) -> Iterator[Flow]:
    with file_database(tmp_path):
        organization = Organization.objects.create(name="Ours")
        with organization_context(organization.pk):
            yield make_authorised_flow()


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_done() -> bool:
    return not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_does_the_queued_work(threaded_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row(f"L{number:02}") for number in range(10)]

    with Dispatcher(threads=3):
        run = start_run(threaded_flow, Run.Trigger.MANUAL)
        wait_for(is_done)

    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert len(shelf.writes) == 10
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_finds_work_that_nobody_hinted_at(threaded_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]

    with Dispatcher(threads=2):
        run = Run.objects.create(flow=threaded_flow, trigger="manual", map_version=threaded_flow.map_version)
        enqueue(run, priority=Job.BULK)
        wait_for(is_done)

    assert len(shelf.things) == 1


@pytest.mark.django_db(transaction=True)
def test_goes_on_after_a_fault_in_a_slice(threaded_flow: Flow, shelf: Shelf, env: Callable[..., None]):
    env(RETRY_BASE_SECONDS=0.01)
    shelf.rows = [make_row("A")]
    faults = [ZeroDivisionError(), KeyError("x")]

    def fail(_position: object) -> None:
        if faults:
            raise faults.pop()

    shelf.before_page = fail
    with Dispatcher(threads=2):
        start_run(threaded_flow, Run.Trigger.MANUAL)
        wait_for(is_done)

    assert len(shelf.things) == 1


def heart(owner: str, *, seconds_ago: float = 0) -> None:
    Heartbeat.objects.create(name=NAME, owner=owner, beat_at=timezone.now() - timedelta(seconds=seconds_ago))


@pytest.mark.django_db
def test_a_second_one_is_refused_while_the_first_is_alive():
    heart("elsewhere:7")

    with pytest.raises(AlreadyRunning, match="elsewhere:7"):
        Dispatcher().take_over()

    assert Heartbeat.objects.get().owner == "elsewhere:7"


@pytest.mark.django_db
def test_one_that_fell_silent_is_replaced():
    heart("elsewhere:7", seconds_ago=60)
    dispatcher = Dispatcher()

    dispatcher.take_over()

    assert Heartbeat.objects.get().owner == dispatcher.owner


@pytest.mark.django_db
def test_one_whose_process_is_gone_from_this_machine_is_replaced_at_once():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = Dispatcher().owner.rpartition(":")[0]
    heart(f"{host}:{ended.pid}")

    Dispatcher().take_over()

    assert Heartbeat.objects.get().owner == Dispatcher().owner


@pytest.mark.django_db
def test_one_whose_process_lives_on_this_machine_is_not():
    host = Dispatcher().owner.rpartition(":")[0]
    heart(f"{host}:1")

    with pytest.raises(AlreadyRunning):
        Dispatcher().take_over()
