"""Renaming a flow, and taking one away without losing what keeps a new one from doubling records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.errors import FlowError
from apicenter.organizations.models import AuditEntry
from connectors.models import Lane
from flows.lifecycle import belongings_of, delete_flow, rename
from flows.models import Binding, Flow, Job, MapVersion, Run, RunRecord, ValueTable
from flows.running.queue import Queue
from flows.services import start_run
from tests.flows.memory import make_flow, make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db


def work() -> None:
    for queue in Queue:
        work_until_idle(queue)


def test_a_new_name_is_kept_and_written_down(shelf_flow: Flow):
    rename(shelf_flow, "  Lamps  to  Teamleader ")

    shelf_flow.refresh_from_db()
    assert shelf_flow.name == "Lamps to Teamleader"
    assert AuditEntry.objects.get().before == {"name": "Products"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 151])
def test_a_name_that_says_nothing_is_refused(shelf_flow: Flow, name: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the view says it in words
        rename(shelf_flow, name)


def test_a_flow_goes_with_all_it_has_and_its_pairs_stay(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B", minutes=1, vat="6")]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work()
    counted = belongings_of(shelf_flow)
    assert (counted.runs, counted.records, counted.needs_you, counted.pairs) == (1, 2, 1, 1)

    delete_flow(shelf_flow)

    for model in (Flow, Run, RunRecord, MapVersion, ValueTable, Job):
        assert not model.objects.exists()
    assert Binding.objects.count() == 1
    assert AuditEntry.objects.get(action="flow.deleted").after == {
        "kind": "products",
        "runs": 1,
        "records": 2,
        "pairs kept": 1,
    }


def test_a_new_flow_updates_what_the_old_one_made(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work()
    left, right = shelf_flow.source, shelf_flow.target
    delete_flow(shelf_flow)
    Lane.objects.update(key="before")
    make_flow()
    Flow.objects.update(source=left, target=right, adopted_at=timezone.now())
    shelf.rows[0]["name"] = "Renamed"

    start_run(Flow.objects.get(), Run.Trigger.MANUAL)
    work()

    assert [thing["name"] for thing in shelf.things.values()] == ["Renamed"]


def test_a_flow_at_work_is_not_taken_away(shelf_flow: Flow):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))

    with pytest.raises(FlowError, match="is at work"):
        delete_flow(shelf_flow)

    assert Flow.objects.get().state == Flow.State.ACTIVE


def test_a_flow_whose_run_only_waits_its_turn_is_taken_away(shelf_flow: Flow):
    start_run(shelf_flow, Run.Trigger.MANUAL)

    delete_flow(shelf_flow)

    assert not Job.objects.exists()
