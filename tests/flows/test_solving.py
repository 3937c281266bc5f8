"""What solves itself: a later run closes what an earlier one held back, with the reason, and both runs add up."""

from __future__ import annotations

import pytest

from apicenter.errors import Rejected
from flows.models import Flow, Run, RunRecord, Tally
from flows.needs.replays import set_aside
from flows.services import start_run
from flows.tables.value_tables import RowEdit, save_rows
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State


def run(flow: Flow) -> Run:
    started = start_run(flow, Run.Trigger.MANUAL)
    work_until_idle()
    return started


def hold_one(flow: Flow, shelf: Shelf, **values: object) -> RunRecord:
    shelf.rows = [make_row("A", **values)]
    first = run(flow)
    (record,) = RunRecord.objects.filter(run=first)
    assert record.state == State.NEEDS_YOU
    return record


def assert_closed(record: RunRecord, code: str) -> None:
    before = record.run
    record.refresh_from_db()
    assert (record.state, record.code) == (State.SKIPPED, code)
    assert record.finished_at is not None
    tally = Tally.objects.get(run=before)
    assert (tally.read, tally.skipped, tally.needs_you) == (1, 1, 0)
    assert all(one.is_balanced for one in Tally.objects.all())


def test_a_record_that_a_later_run_sends_is_solved(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")

    shelf.rows = [make_row("A", minutes=5, vat="21")]
    later = run(shelf_flow)

    assert_closed(held, "skip.solved")
    assert held.params == {"by_run": str(later.pk)}
    assert held.reason == "Solved by itself: a later run brought this record into step."
    assert Tally.objects.get(run=later).created == 1


def test_a_record_that_is_refused_is_solved_when_it_is_accepted_later(shelf_flow: Flow, shelf: Shelf):
    shelf.fail("A", Rejected(system="Memory", answer="too dear"))
    held = hold_one(shelf_flow, shelf)

    shelf.rows = [make_row("A", minutes=5, price="9.00")]
    run(shelf_flow)

    assert_closed(held, "skip.solved")


def test_a_record_that_is_held_again_stands_there_once(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")

    shelf.rows = [make_row("A", minutes=5, vat="6")]
    later = run(shelf_flow)

    assert_closed(held, "skip.superseded")
    assert RunRecord.objects.get(state=State.NEEDS_YOU).run == later


def test_a_record_that_a_later_run_leaves_out_needs_nobody(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")

    shelf.rows = [make_row("A", minutes=5, vat="6", sellable=False)]
    run(shelf_flow)

    assert_closed(held, "skip.dropped")


def test_a_record_that_vanishes_needs_nobody_even_without_a_new_date(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")

    shelf.rows = [make_row("A", vat="6", omit="skip.deleted")]
    run(shelf_flow)

    assert_closed(held, "skip.dropped")


def test_what_is_held_in_the_same_version_stays_held(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")

    run(shelf_flow)

    held.refresh_from_db()
    assert held.state == State.NEEDS_YOU


def test_what_was_set_aside_keeps_its_reason(shelf_flow: Flow, shelf: Shelf):
    held = hold_one(shelf_flow, shelf, vat="6")
    set_aside(held, who="Sofie", why="Not ours.")

    shelf.rows = [make_row("A", minutes=5)]
    run(shelf_flow)

    held.refresh_from_db()
    assert held.reason == "Set aside by Sofie: Not ours."


def test_a_pair_sends_what_an_earlier_and_a_later_run_hold(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6")]
    run(shelf_flow)
    shelf.rows.append(make_row("B", minutes=1, vat="6"))
    run(shelf_flow)

    assert save_rows(shelf_flow.value_tables.get(), [RowEdit("6", "low")]).sent == 2
    work_until_idle()

    assert {thing["code"]: thing["vat"] for thing in shelf.things.values()} == {"A": "low", "B": "low"}
    assert all(one.is_balanced for one in Tally.objects.all())
