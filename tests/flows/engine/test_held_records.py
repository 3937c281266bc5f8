"""What is held for a person: once in the log, and sent when they have answered."""

from __future__ import annotations

import pytest

from apicenter.errors import Rejected
from flows.models import Flow, Run, RunRecord
from flows.needs.replays import replay, set_aside
from flows.tables.value_tables import set_pair
from tests.flows.engine.passes import go_on, pass_over, record, tally
from tests.flows.memory import Memory, make_row, make_run

pytestmark = pytest.mark.django_db


def test_a_held_record_does_not_fill_the_log_again_and_again(flow: Flow, left: Memory, right: Memory):
    right.fail("B", Rejected(system="Memory", answer="no"), times=2)
    left.rows = [make_row("B")]
    first = pass_over(flow, left, right)

    second = pass_over(flow, left, right, make_run(flow, trigger=Run.Trigger.SCHEDULE))

    assert tally(second) == {"read": 1, "skipped": 1}
    assert [row.run_id for row in RunRecord.objects.all()] == [first.pk]
    assert record(first, "B").state == RunRecord.State.NEEDS_YOU


def test_a_held_record_is_not_sent_again_until_it_changes(flow: Flow, left: Memory, right: Memory):
    right.fail("B", Rejected(system="Memory", answer="no"), times=2)
    left.rows = [make_row("B")]
    first = pass_over(flow, left, right)

    second = pass_over(flow, left, right)
    assert tally(second) == {"read": 1, "skipped": 1}
    assert record(second, "B").code == "skip.held"
    assert len(right.failures["B"]) == 1

    left.rows[0].update(name="Better", at="2026-11-02T08:00:00+00:00")
    third = pass_over(flow, left, right)

    assert tally(third) == {"read": 1, "needs_you": 1}
    assert tally(first) == {"read": 1, "skipped": 1}
    assert record(first, "B").code == "skip.superseded"


def test_one_pair_sends_every_record_that_waited_for_it(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A", vat="12"), make_row("B", vat="12"), make_row("C", vat="6")]
    run = pass_over(flow, left, right)
    assert tally(run) == {"read": 3, "needs_you": 3}

    count = set_pair(flow.value_tables.get(), "12", "middle")

    assert count == 2
    go_on(flow, left, right, run)
    assert tally(run) == {"read": 3, "created": 2, "needs_you": 1}
    assert {one["vat"] for one in right.things.values()} == {"middle"}


def test_replay_plans_again_with_the_present_map(flow: Flow, left: Memory, right: Memory):
    right.fail("B", Rejected(system="Memory", answer="no"))
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)

    assert replay(RunRecord.objects.filter(run=run)) == 1
    go_on(flow, left, right, run)

    assert tally(run) == {"read": 1, "created": 1}


def test_setting_aside_keeps_the_sum_right(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("B", vat="12")]
    run = pass_over(flow, left, right)

    set_aside(record(run, "B"), who="Ann")

    assert tally(run) == {"read": 1, "skipped": 1}
