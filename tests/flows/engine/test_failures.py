"""What fails stops no more than it has to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from apicenter.errors import RateLimited, Rejected, RemoteUnavailable
from flows.engine.writing import Interrupted
from flows.models import Flow, Intent, RunRecord
from tests.flows.engine.passes import State, go_on, pass_over, record, tally
from tests.flows.memory import Memory, make_row, make_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "bucket", "code"),
    [
        ({"vat": "12"}, "needs_you", "vat.no_pair"),
        ({"sku": ""}, "needs_you", "mapping.required"),
        ({"broken": True}, "needs_you", "record.unreadable"),
        ({"sellable": False}, "skipped", "skip.not_sellable"),
        ({"omit": "skip.no_quotation"}, "skipped", "skip.no_quotation"),
    ],
)
def test_one_bad_record_never_stops_the_others(
    flow: Flow, left: Memory, right: Memory, changes: dict[str, object], bucket: str, code: str
):
    left.rows = [make_row("A"), {**make_row("B"), **changes}, make_row("C")]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 3, "created": 2, bucket: 1}
    assert RunRecord.objects.get(run=run, source_key="S-B").code == code


def test_a_refusal_holds_one_record_and_says_why(flow: Flow, left: Memory, right: Memory):
    right.fail("B", Rejected(system="Memory", answer="name too long", field="name", detail="name too long"))
    left.rows = [make_row("A"), make_row("B"), make_row("C")]

    run = pass_over(flow, left, right)

    held = record(run, "B")
    assert tally(run) == {"read": 3, "created": 2, "needs_you": 1}
    with override("en"):
        assert held.reason == "Memory refused this record: name too long"
    assert held.read_exchange()["sent"]["code"] == "B"
    assert not Intent.objects.exists()


def test_the_limit_stops_the_slice_and_counts_no_attempt(flow: Flow, left: Memory, right: Memory):
    later = timezone.now() + timedelta(seconds=30)
    right.fail("B", RateLimited(retry_at=later, system="Memory"))
    left.rows = [make_row("A"), make_row("B")]
    run = make_run(flow)

    with pytest.raises(Interrupted) as stop:
        pass_over(flow, left, right, run)

    assert stop.value.error.retry_at == later
    waiting = record(run, "B")
    assert (waiting.state, waiting.next_at, waiting.attempts) == (State.WAITING, later, 0)
    assert not Intent.objects.exists()


def test_a_dead_server_stops_the_slice_and_loses_nothing(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row(f"L{number}") for number in range(4)]
    for row in left.rows:
        right.fail(row["sku"], RemoteUnavailable(system="Memory"))
    run = make_run(flow)

    with pytest.raises(Interrupted):
        pass_over(flow, left, right, run)

    assert tally(run) == {"read": 4, "waiting": 4}
    go_on(flow, left, right, run)
    assert tally(run) == {"read": 4, "created": 4}


def test_five_faults_of_ours_in_a_row_pause_the_flow(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row(f"L{number}") for number in range(4)]
    left.rows += [make_row(f"M{number}") for number in range(4)]
    right.next_failure = lambda code: 1 / 0

    with pytest.raises(Interrupted):
        pass_over(flow, left, right)

    flow.refresh_from_db()
    assert flow.state == Flow.State.PAUSED
    assert flow.pause_code == "internal"
