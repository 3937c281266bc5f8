"""What may have arrived is looked up before it is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.errors import OutcomeUnknown
from flows.engine import intake
from flows.models import Binding, Flow, Intent, RunRecord
from flows.needs.replays import replay
from tests.flows.engine.passes import State, go_on, pass_over, record, tally
from tests.flows.memory import Memory, make_row, make_run, work_on

pytestmark = pytest.mark.django_db


def test_an_unknown_outcome_is_looked_up_and_never_sent_twice(flow: Flow, left: Memory, right: Memory):
    right.fail("B", OutcomeUnknown(system="Memory"), is_late=True)
    left.rows = [make_row("A"), make_row("B")]

    run = pass_over(flow, left, right)
    waiting = record(run, "B")
    assert (waiting.state, waiting.code) == (State.WAITING, "outcome.unknown")
    assert tally(run) == {"read": 2, "created": 1, "waiting": 1}

    go_on(flow, left, right, run)

    assert tally(run) == {"read": 2, "created": 2}
    assert right.look_ups == ["B"]
    assert [one["code"] for one in right.things.values()] == ["A", "B"]
    assert Binding.objects.get(natural_key="b").target_id == "T2"


def test_an_unknown_outcome_rests_for_the_quiet_period(flow: Flow, left: Memory, right: Memory):
    right.fail("B", OutcomeUnknown(system="Memory"))
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)
    RunRecord.objects.filter(run=run).update(next_at=timezone.now())

    with work_on(flow, run, left, right) as work:
        intake.take_waiting(work, list(RunRecord.objects.filter(run=run)))

    assert right.look_ups == []
    assert record(run, "B").next_at > timezone.now() + timedelta(seconds=60)


def test_what_was_not_found_is_sent_again(flow: Flow, left: Memory, right: Memory):
    right.fail("B", OutcomeUnknown(system="Memory"))
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)

    go_on(flow, left, right, run)

    assert tally(run) == {"read": 1, "created": 1}
    assert len(right.things) == 1


def test_after_three_rounds_a_person_is_asked(flow: Flow, left: Memory, right: Memory):
    right.fail("B", OutcomeUnknown(system="Memory"), times=9)
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)

    for _ in range(4):
        go_on(flow, left, right, run)

    assert record(run, "B").code == "outcome.unresolved"
    assert tally(run) == {"read": 1, "needs_you": 1}


def test_several_finds_are_never_guessed_between(flow: Flow, left: Memory, right: Memory):
    right.fail("B", OutcomeUnknown(system="Memory"), is_late=True)
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)
    right.things["twin"] = dict(right.things["T1"])

    go_on(flow, left, right, run)

    assert record(run, "B").code == "match.ambiguous"
    assert len(right.things) == 2


def test_a_worker_killed_after_the_reservation_leaves_an_intent_that_is_looked_up(
    flow: Flow, left: Memory, right: Memory
):
    left.rows = [make_row("A")]
    run = make_run(flow)

    class Killed(BaseException):
        """Nothing of ours catches it, as nothing catches kill -9."""

    original = right.api.settle
    right.api.settle = lambda function, items: [original(function, items), (_ for _ in ()).throw(Killed())]
    with pytest.raises(Killed):
        pass_over(flow, left, right, run)
    right.api.settle = original
    assert len(right.things) == 1
    assert Intent.objects.count() == 1

    go_on(flow, left, right, run)

    assert len(right.things) == 1
    assert tally(run) == {"read": 1, "created": 1}


def test_after_a_fault_of_ours_a_create_is_looked_up_before_it_is_sent_again(flow: Flow, left: Memory, right: Memory):
    right.fail("B", ZeroDivisionError(), is_late=True)  # it was made, and we failed at the answer
    left.rows = [make_row("B")]
    run = pass_over(flow, left, right)
    assert record(run, "B").code == "internal"

    replay(RunRecord.objects.filter(run=run))
    go_on(flow, left, right, run)

    assert right.look_ups == ["B"]
    assert len(right.things) == 1
    assert tally(run) == {"read": 1, "created": 1}
