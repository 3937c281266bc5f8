"""Causes as tasks: opened, handed over, noted, solved by somebody or by themselves, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.audit import Actor, acting_as
from apicenter.organizations.models import AuditEntry, Organization, User
from flows.models import CauseTask, Flow, RunRecord, Tally
from flows.needs import remedies
from flows.needs.cause_tasks import (
    NotAMember,
    add_note,
    assign,
    cause_key,
    open_tasks,
    refresh_all_tasks,
    refresh_tasks,
    solved_tasks,
)
from flows.tables.value_tables import set_pair
from tests.factories import inside, make_flow, make_held_record, make_organization, make_run, make_table, make_user

pytestmark = pytest.mark.django_db
MISSING = {"table": "vat", "key": "5.5", "value": "FR 5.5 %"}


@pytest.fixture
def sofie() -> User:
    return make_user()


@pytest.fixture
def organization(sofie: User) -> Iterator[Organization]:
    with inside(make_organization(owner=sofie)) as organization:
        yield organization


@pytest.fixture
def flow(organization: Organization) -> Flow:
    flow = make_flow("orders", maps={})
    make_table(flow, "vat")
    return flow


@pytest.fixture
def held(flow: Flow) -> list[RunRecord]:
    run = make_run(flow)
    return [make_held_record(run, number, code="vat.no_pair", params=MISSING) for number in ("1", "2")]


def the_task() -> CauseTask:
    return CauseTask.objects.get()


def test_records_of_one_cause_are_one_task(held: list[RunRecord], flow: Flow):
    make_held_record(make_run(flow), "3", code="vat.no_pair", params={**MISSING, "key": "10"})

    refresh_tasks()
    refresh_tasks()

    assert sorted(task.record_count for task in open_tasks().values()) == [1, 2]


def test_a_task_is_solved_by_whoever_chooses_the_counterpart(held: list[RunRecord], flow: Flow, sofie: User):
    with acting_as(Actor(sofie)):
        set_pair(flow.value_tables.get(), "5.5", "FR055")

    task = the_task()
    assert (task.state, task.solved_by, task.solved_how, task.record_count) == ("solved", sofie, "pair", 2)
    assert list(solved_tasks()) == [task]
    assert not open_tasks()


def test_a_task_whose_records_went_away_solved_itself(held: list[RunRecord]):
    refresh_tasks()
    RunRecord.objects.update(state=RunRecord.State.SKIPPED)

    refresh_all_tasks()

    assert (the_task().solved_how, the_task().solved_by) == ("itself", None)


def test_a_cause_that_returns_keeps_its_person_and_its_notes(held: list[RunRecord], flow: Flow, sofie: User):
    refresh_tasks()
    assign(the_task(), sofie)
    add_note(the_task(), " Asked the bookkeeper. ", author=sofie)
    remedies.send_again(held)
    assert the_task().state == "solved"

    make_held_record(make_run(flow), "1", code="vat.no_pair", params=MISSING)
    refresh_tasks()

    task = open_tasks()[cause_key(flow.pk, "vat.no_pair", MISSING)]
    assert (task.assignee, task.solved_at, task.solved_how) == (sofie, None, "")
    assert [(note.text, note.who) for note in task.notes.all()] == [("Asked the bookkeeper.", "Sofie Claes")]


def test_only_members_are_given_a_task(held: list[RunRecord]):
    refresh_tasks()

    with pytest.raises(NotAMember):
        assign(the_task(), make_user("stranger@example.com"))


def test_handing_a_task_over_is_told(held: list[RunRecord], sofie: User):
    refresh_tasks()

    assign(the_task(), sofie)
    assign(the_task(), None)

    assert [entry.after for entry in AuditEntry.objects.order_by("created_at")] == [
        {"assignee": "Sofie Claes"},
        {"assignee": ""},
    ]
    assert the_task().assigned_at is None


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_a_note_has_something_to_say(held: list[RunRecord], sofie: User, text: str):
    refresh_tasks()

    with pytest.raises(ValueError, match="note"):
        add_note(the_task(), text, author=sofie)


def test_a_whole_cause_is_set_aside_with_its_reason_and_sent_after_all(held: list[RunRecord]):
    assert remedies.set_aside(held, who="Sofie", why="Paid in cash.") == 2

    record = RunRecord.objects.first()
    assert record is not None
    assert record.reason == "Set aside by Sofie: Paid in cash."
    assert the_task().solved_how == "aside"
    tally = Tally.objects.get()
    assert (tally.skipped, tally.needs_you, tally.is_balanced) == (2, 0, True)
    assert remedies.send_again([record]) == 1
    assert (Tally.objects.get().waiting, Tally.objects.get().is_balanced) == (1, True)


def test_what_was_solved_long_ago_is_not_shown_and_later_forgotten(held: list[RunRecord]):
    remedies.send_again(held)
    CauseTask.objects.update(solved_at=timezone.now() - timedelta(days=8))
    assert not solved_tasks().exists()
    CauseTask.objects.update(solved_at=timezone.now() - timedelta(days=91))

    assert refresh_all_tasks() == 1


def test_tasks_of_others_are_left_alone(held: list[RunRecord]):
    refresh_tasks()
    with inside(make_organization("Theirs")):
        refresh_tasks()
        assert not open_tasks()

    assert the_task().state == "open"
