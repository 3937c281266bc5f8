"""The engine against connectors in memory: every record ends in one bucket, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from apicenter.errors import OutcomeUnknown, RateLimited, Rejected, RemoteUnavailable
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Window
from flows.catalog import pairing
from flows.engine import intake, planning
from flows.engine.writing import Interrupted, write
from flows.models import Binding, Flow, Intent, Run, RunRecord, Tally
from flows.needs.replays import replay, set_aside
from flows.tables.value_tables import set_pair
from tests.flows.memory import TOUCH_MAP, Memory, make_flow, make_row, make_run, work_on

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def flow() -> Iterator[Flow]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield make_flow()


@pytest.fixture
def left() -> Memory:
    return Memory()


@pytest.fixture
def right() -> Memory:
    return Memory()


def pass_over(flow: Flow, left: Memory, right: Memory, run: Run | None = None) -> Run:
    """Read every page and write what it asks for, as the runner does."""
    run = run or make_run(flow)
    position, is_first = None, True
    with work_on(flow, run, left, right) as work:
        while is_first or position is not None:
            page = work.source.page(engine_window(), position)
            planned = intake.take_page(work, page)
            position, is_first = page.position, False
            write(work, "products", planned)
    flow.adopted_at = timezone.now()
    flow.save(update_fields=["adopted_at"])
    return run


def engine_window() -> Window:
    return Window()


def go_on(flow: Flow, left: Memory, right: Memory, run: Run) -> None:
    """Take up everything of the run that waits, whatever the clock says."""
    RunRecord.objects.filter(run=run, state=State.WAITING).update(next_at=timezone.now())
    Intent.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    with work_on(flow, run, left, right) as work:
        intake.take_waiting(work, list(RunRecord.objects.filter(run=run, state=State.WAITING)))


def tally(run: Run) -> dict[str, int]:
    row = Tally.objects.get(run=run, kind="products")
    assert row.is_balanced, str(row)
    return {name: getattr(row, name) for name in ("read", *Tally.BUCKETS) if getattr(row, name)}


def record(run: Run, sku: str) -> RunRecord:
    return RunRecord.objects.get(run=run, natural_key=sku)


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
