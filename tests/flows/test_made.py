"""What a run has made counts as created at its end, however often the record comes round in it."""

from __future__ import annotations

import pytest

from apicenter.errors import RemoteUnavailable
from connectors.base import Page
from flows.engine import intake
from flows.engine.made import MADE
from flows.engine.writing import write
from flows.models import Flow, Run, RunRecord, Tally
from tests.flows.memory import Memory, make_row, make_run, work_on

pytestmark = pytest.mark.django_db
State = RunRecord.State


def take(flow: Flow, left: Memory, right: Memory, run: Run) -> RunRecord:
    """Read the one record in this run, as an order does with a customer that it needs; returns its row."""
    with work_on(flow, run, left, right) as work:
        records = work.source.fetch([row["id"] for row in left.rows])
        write(work, "products", intake.take_page(work, Page(records, None, None)))
    return RunRecord.objects.get(run=run)


def counted(run: Run) -> dict[str, int]:
    tally = Tally.objects.get(run=run, kind="products")
    return {name: getattr(tally, name) for name in ("read", *Tally.BUCKETS) if getattr(tally, name)}


def test_a_record_that_changes_after_it_was_made_was_made(flow: Flow):
    left, right, run = Memory(), Memory(), make_run(flow)
    left.rows = [make_row("A")]
    take(flow, left, right, run)
    left.rows[0].update(price="11.00", at="2026-11-02T08:00:00+00:00")

    row = take(flow, left, right, run)

    assert [what for what, _code in right.writes] == ["create", "update"]
    assert row.state == State.CREATED
    assert counted(run) == {"read": 1, "created": 1}


def test_a_record_that_waits_for_its_rest_was_made_though_another_one_asks_for_it(flow: Flow):
    left, right, run = Memory(), Memory(), make_run(flow)
    left.rows = [make_row("A")]
    row = take(flow, left, right, run)
    row.state, row.params = State.WAITING, {MADE: "1"}  # as a part that could not be written leaves it
    row.save()
    Tally.objects.filter(run=run).update(created=0, waiting=1)
    left.rows[0].update(price="11.00", at="2026-11-02T08:00:00+00:00")
    right.fail("A", RemoteUnavailable(system="Right"))
    row = take(flow, left, right, run)
    assert row.state == State.WAITING

    with work_on(flow, run, left, right) as work:
        intake.take_waiting(work, [row])

    row.refresh_from_db()
    assert row.state == State.CREATED
    assert counted(run) == {"read": 1, "created": 1}
