"""What keeps a run from getting on stands on the run, also afterwards, and also when the database itself fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError
from django.utils import timezone

from apicenter.errors import RemoteUnavailable
from connectors.models import Lane
from flows.models import Flow, Job, Run
from flows.running import held_up
from flows.running.queue import Queue
from flows.running.runner import drain
from flows.services import start_run
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)  # a failing connection is closed, and opened anew
MINUTE = timedelta(minutes=1)


def vendor_error(kind: type[DatabaseError], cause: Exception, **marks: str) -> DatabaseError:
    """Return a failure as Django hands it on: its own class, caused by the driver's."""
    for name, value in marks.items():
        setattr(cause, name, value)
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def no_room() -> DatabaseError:
    cause = sqlite3.OperationalError("database or disk is full")
    return vendor_error(OperationalError, cause, sqlite_errorname="SQLITE_FULL")


def fail_while_reading(shelf: Shelf, error: Exception) -> None:
    def fail(position: object) -> None:
        shelf.before_page = lambda position: None
        raise error

    shelf.rows = [make_row("L01")]
    shelf.before_page = fail


def make_due() -> None:
    Job.objects.update(next_at=timezone.now())


def test_the_same_cause_in_a_row_is_counted_and_another_one_ends_it():
    entries = held_up.begun([], "remote.rate_limited", {"system": "A"}, at=START)
    entries = held_up.over(entries, at=START + MINUTE)
    entries = held_up.begun(entries, "remote.rate_limited", {"system": "A"}, at=START + 2 * MINUTE)
    entries = held_up.begun(entries, "database.lost", {}, at=START + 3 * MINUTE)

    assert [(one["code"], one["times"], one["until"] is None) for one in entries] == [
        ("remote.rate_limited", 2, False),
        ("database.lost", 1, True),
    ]
    assert entries[0]["since"] == START.isoformat()
    assert entries[0]["until"] == (START + 3 * MINUTE).isoformat()


def test_the_list_stays_short():
    entries: list[held_up.Entry] = []
    for number in range(100):
        entries = held_up.begun(entries, f"cause.{number % 2}", {}, at=START + number * MINUTE)

    assert len(entries) == held_up.MOST
    assert entries[-1]["since"] == (START + 99 * MINUTE).isoformat()


def test_a_run_says_what_held_it_up_when_it_has_long_gone_on(shelf_flow: Flow, shelf: Shelf):
    fail_while_reading(shelf, RemoteUnavailable(system="Left"))
    run = start_run(shelf_flow, Run.Trigger.MANUAL)

    drain(Queue.BULK)
    make_due()
    work_until_idle()

    run.refresh_from_db()
    assert (run.state, run.problem_code) == (Run.State.DONE, "")
    (told,) = held_up.told(run)
    assert told.reason == "Left cannot be reached at the moment. It is tried again by itself."
    assert told.until is not None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (no_room(), "database.full"),
        (vendor_error(OperationalError, Exception("could not extend file"), sqlstate="53100"), "database.full"),
        (vendor_error(OperationalError, Exception("terminating connection"), sqlstate="57P01"), "database.lost"),
        (OperationalError("database is locked"), "database.lost"),
        (IntegrityError("twice"), "internal"),
        (DataError("value too long"), "internal"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_a_failing_database_is_said_on_the_run(shelf_flow: Flow, shelf: Shelf, error: DatabaseError, code: str):
    fail_while_reading(shelf, error)
    run = start_run(shelf_flow, Run.Trigger.MANUAL)

    drain(Queue.BULK)

    run.refresh_from_db()
    assert run.problem_code == code
    assert Job.objects.get().next_at > timezone.now()
    assert Lane.objects.get(pk=shelf_flow.target.lane_id).lease_until is None


def test_it_goes_on_where_it_stood_when_there_is_room_again(shelf_flow: Flow, shelf: Shelf):
    fail_while_reading(shelf, no_room())
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    drain(Queue.BULK)

    make_due()
    work_until_idle()

    run.refresh_from_db()
    assert (run.state, run.problem_code, len(shelf.things)) == (Run.State.DONE, "", 1)
    assert [one["code"] for one in run.held_up] == ["database.full"]


def test_what_could_not_even_be_noted_is_noted_as_soon_as_it_can_be(
    shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    fail_while_reading(shelf, no_room())
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    save: Callable[..., None] = Run.save

    def full(self: Run, **options: object) -> None:
        if "held_up" in (options.get("update_fields") or ()) and self.problem_code:
            raise no_room()
        save(self, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "save", full)
        with pytest.raises(OperationalError):
            drain(Queue.BULK)
    run.refresh_from_db()
    assert run.held_up == []

    work_until_idle()

    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert [(one["code"], one["until"] is None) for one in run.held_up] == [("database.full", False)]
