"""What people do with flows: start, pair values, send again, set aside, schedule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.errors import Rejected, SettingMissing
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow, Intent, Job, Run, RunRecord, Tally
from flows.needs.replays import replay, set_aside, take_back
from flows.running.queue import Queue
from flows.running.wake import wait
from flows.services import equation, resume, start_due_flows, start_run, wake_connection, window_start
from flows.setup.creation import publish
from flows.tables.value_tables import set_pair
from tests.factories import make_flow, make_record, make_run
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
MANUAL = Run.Trigger.MANUAL
State = RunRecord.State


def one_tally(run: Run) -> Tally:
    (tally,) = equation(run)
    assert tally.is_balanced, str(tally)
    return tally


def test_two_clicks_make_one_run(shelf_flow: Flow):
    assert start_run(shelf_flow, MANUAL) == start_run(shelf_flow, MANUAL)
    assert (Run.objects.count(), Job.objects.count()) == (1, 1)


def test_a_run_that_only_waits_for_records_does_not_keep_the_next_from_starting(shelf_flow: Flow):
    first = start_run(shelf_flow, MANUAL)
    Run.objects.update(phase=Run.Phase.SETTLE, state=Run.State.RUNNING)

    assert start_run(shelf_flow, MANUAL) != first


@pytest.mark.parametrize("state", [Flow.State.DRAFT, Flow.State.PAUSED])
def test_a_flow_that_is_not_active_does_not_start(shelf_flow: Flow, state: str):
    Flow.objects.update(state=state)

    with pytest.raises(SettingMissing):
        start_run(shelf_flow, MANUAL)

    assert not Run.objects.exists()


def test_the_first_run_of_a_kind_that_pairs_in_bulk_indexes_the_target(shelf_flow: Flow):
    Flow.objects.update(adopted_at=None)

    assert start_run(shelf_flow, MANUAL).phase == Run.Phase.INDEX


def test_changes_are_read_from_a_little_before_the_cursor(shelf_flow: Flow, env):
    env(CURSOR_LAG_SECONDS=300)
    assert window_start(shelf_flow) is None

    shelf_flow.start_from = START
    assert window_start(shelf_flow) == START

    shelf_flow.cursor = START + timedelta(days=1)
    assert window_start(shelf_flow) == START + timedelta(days=1) - timedelta(seconds=300)


def test_each_map_that_is_published_has_the_next_number(shelf_flow: Flow):
    assert shelf_flow.map_version is not None
    second = publish(shelf_flow, shelf_flow.map_version.maps, note="again")

    shelf_flow.refresh_from_db()
    assert (second.number, shelf_flow.map_version) == (2, second)


def test_a_pair_sends_again_only_the_records_that_wait_for_it(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6"), make_row("B", vat="12"), make_row("C")]
    run = start_run(shelf_flow, MANUAL)
    work_until_idle()
    assert one_tally(run).needs_you == 2

    assert set_pair(shelf_flow.value_tables.get(), "6", "low") == 1
    work_until_idle()

    tally = one_tally(run)
    assert (tally.read, tally.created, tally.needs_you) == (3, 2, 1)
    assert {thing["code"]: thing["vat"] for thing in shelf.things.values()} == {"A": "low", "C": "high"}


def test_a_replay_plans_afresh_and_counts_the_rounds_anew(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    shelf.fail("A", Rejected(system="Memory", answer="too dear"))
    run = start_run(shelf_flow, MANUAL)
    work_until_idle()
    record = RunRecord.objects.get()
    assert record.reason == "Memory refused this record: too dear"
    Intent.objects.create(
        to_connection=shelf_flow.target,
        kind="products",
        source_key="S-A",
        reference="r",
        fence=0,
        sent_at=START,
        look_at=START,
        rounds=3,
    )

    assert replay(RunRecord.objects.all()) == 1
    assert Intent.objects.get().rounds == 0
    run.refresh_from_db()
    assert (run.state, run.phase) == (Run.State.RUNNING, Run.Phase.SETTLE)
    work_until_idle()

    run.refresh_from_db()
    assert (run.state, one_tally(run).created) == (Run.State.DONE, 1)


def test_a_record_set_aside_is_skipped_with_the_name_of_who_did_it(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6")]
    run = start_run(shelf_flow, MANUAL)
    work_until_idle()
    record = RunRecord.objects.get()

    set_aside(record, who="Sofie")
    set_aside(record, who="Somebody else")

    assert record.reason == "Set aside by Sofie."
    tally = one_tally(run)
    assert (tally.read, tally.skipped, tally.needs_you) == (1, 1, 0)


def test_a_record_set_aside_is_taken_back_with_what_held_it(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6")]
    run = start_run(shelf_flow, MANUAL)
    work_until_idle()
    record = RunRecord.objects.get()
    held = (record.state, record.code, record.params)

    set_aside(record, who="Sofie")
    counts = (take_back(RunRecord.objects.all()), take_back(RunRecord.objects.all()))

    record.refresh_from_db()
    assert counts == (1, 0)
    assert (record.state, record.code, record.params) == held
    tally = one_tally(run)
    assert (tally.read, tally.skipped, tally.needs_you) == (1, 0, 1)


def test_what_a_later_run_read_again_is_not_taken_back(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6")]
    start_run(shelf_flow, MANUAL)
    work_until_idle()
    record = RunRecord.objects.get()
    set_aside(record, who="Sofie")
    make_record(make_run(shelf_flow, minutes_ago=-1), source_key=record.source_key)

    assert take_back(RunRecord.objects.filter(pk=record.pk)) == 0


def test_a_due_flow_is_started_once(shelf_flow: Flow):
    now = timezone.now()
    Flow.objects.update(every_minutes=15, next_run_at=now - timedelta(minutes=1))

    assert (start_due_flows(), start_due_flows()) == (1, 0)
    shelf_flow.refresh_from_db()
    assert shelf_flow.next_run_at is not None
    assert now + timedelta(minutes=14) < shelf_flow.next_run_at <= timezone.now() + timedelta(minutes=15)
    assert Run.objects.get().trigger == Run.Trigger.SCHEDULE


def test_the_schedule_serves_every_organization_and_passes_over_paused_flows(shelf_flow: Flow):
    Flow.objects.update(every_minutes=15, next_run_at=timezone.now(), state=Flow.State.PAUSED)
    other = Organization.objects.create(name="Theirs")
    with organization_context(other.pk):
        theirs = make_flow(every_minutes=15, next_run_at=timezone.now())

    assert start_due_flows() == 1
    assert not Run.objects.exists()
    with organization_context(other.pk):
        assert Run.objects.get().flow == theirs


def test_resuming_takes_up_what_waited_and_forgets_why_it_stopped(shelf_flow: Flow):
    start_run(shelf_flow, MANUAL)
    Job.objects.update(next_at=timezone.now() + timedelta(hours=1))
    shelf_flow.pause("setting.missing", {"setting": "branch"})
    assert shelf_flow.pause_reason == "The setting “branch” is empty. Fill it in to go on."

    resume(shelf_flow)

    shelf_flow.refresh_from_db()
    assert (shelf_flow.state, shelf_flow.pause_reason) == (Flow.State.ACTIVE, "")
    assert Job.objects.get().next_at <= timezone.now()


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_connection_wakes_the_flows_on_both_of_its_sides(
    shelf_flow: Flow, side: str, django_capture_on_commit_callbacks
):
    start_run(shelf_flow, MANUAL)
    Job.objects.update(next_at=timezone.now() + timedelta(hours=1))
    wait(Queue.BULK, 0)

    with django_capture_on_commit_callbacks(execute=True):
        wake_connection(getattr(shelf_flow, side))

    assert Job.objects.get().next_at <= timezone.now()
    assert wait(Queue.BULK, 0)
