"""The engine against connectors in memory: every record ends in one bucket, and nothing is written twice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.catalog import pairing
from flows.engine import planning
from flows.models import Binding, Flow, Intent, RunRecord
from tests.flows.engine.passes import go_on, pass_over, record, tally
from tests.flows.memory import TOUCH_MAP, Memory, make_flow, make_row, work_on

pytestmark = pytest.mark.django_db


def test_creates_what_is_new_and_sends_nothing_the_second_time(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row(f"L{number}") for number in range(10)]

    first = pass_over(flow, left, right)
    second = pass_over(flow, left, right)

    assert tally(first) == {"read": 10, "created": 10}
    assert tally(second) == {"read": 10, "unchanged": 10}
    assert len(right.things) == len(right.writes) == 10
    assert not Intent.objects.exists()


def test_writes_exactly_the_records_that_changed(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row(f"L{number}") for number in range(10)]
    pass_over(flow, left, right)
    right.writes.clear()
    for row in left.rows[:3]:
        row.update(price="11.00", at="2026-11-02T08:00:00+00:00")

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 10, "updated": 3, "unchanged": 7}
    assert right.writes == [("update", "L0"), ("update", "L1"), ("update", "L2")]


def test_a_field_for_new_records_only_is_no_change(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A", text="first")]
    pass_over(flow, left, right)
    left.rows[0]["text"] = "second"

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 1, "unchanged": 1}
    assert right.things["T1"]["text"] == "first"


def test_adopts_what_exists_under_its_key(flow: Flow, left: Memory, right: Memory):
    flow.adopted_at = timezone.now()
    right.things["X"] = {"code": "A", "name": "By hand", "text": "by hand"}
    left.rows = [make_row("A", text="ours")]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 1, "updated": 1}
    assert right.things == {
        "X": {"code": "A", "name": "Lamp A", "price": right.things["X"]["price"], "text": "by hand", "vat": "high"}
    }
    assert Binding.objects.get().target_id == "X"


def test_asks_when_two_records_fit(flow: Flow, left: Memory, right: Memory):
    flow.adopted_at = timezone.now()
    right.things = {"X": {"code": "A"}, "Y": {"code": "A"}}
    left.rows = [make_row("A"), make_row("B")]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 2, "created": 1, "needs_you": 1}
    assert record(run, "A").code == "match.ambiguous"


def test_a_second_record_with_the_same_key_is_held(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A"), make_row("A", id="other"), make_row("B")]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 3, "created": 2, "needs_you": 1}
    assert RunRecord.objects.get(run=run, source_key="other").code == "key.duplicate"


def test_hand_edits_win_where_the_map_says_so(left: Memory, right: Memory):
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        flow = make_flow(TOUCH_MAP)
        left.rows = [make_row("A", text="ours"), make_row("B", text="ours")]
        pass_over(flow, left, right)
        right.things["T1"].update(name="By hand", text="")
        for row in left.rows:
            row["name"] = row["text"] = "New"

        run = pass_over(flow, left, right)

        assert right.things["T1"]["name"] == "By hand"
        assert right.things["T1"]["text"] == "New"
        assert right.things["T2"]["name"] == "New"
        assert right.things["T2"]["text"] == "ours"
        assert tally(run) == {"read": 2, "updated": 2}


def test_a_dry_run_writes_nothing_anywhere(flow: Flow, left: Memory, right: Memory):
    flow.adopted_at = timezone.now()
    left.rows = [make_row("A"), make_row("B", vat="12")]

    with work_on(flow, None, left, right) as work:
        planned = planning.plan_records(work, "products", [work.source.read(row) for row in left.rows])

    assert [one.change.action for one in planned] == ["create", "hold"]
    assert not right.things
    assert not RunRecord.objects.exists()
    assert not Binding.objects.exists()


def test_many_new_records_are_looked_up_step_by_step(
    flow: Flow, left: Memory, right: Memory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pairing, "LOOK_UPS_AT_ONCE", 2)
    flow.adopted_at = timezone.now()
    right.things["X"] = {"code": "L3", "name": "By hand", "text": ""}
    left.rows = [make_row(f"L{number}") for number in range(4)]

    run = pass_over(flow, left, right)
    assert tally(run) == {"read": 4, "created": 2, "waiting": 2}
    assert record(run, "L3").code == "lookup.waiting"

    go_on(flow, left, right, run)
    assert tally(run) == {"read": 4, "created": 3, "updated": 1}
