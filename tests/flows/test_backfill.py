"""Older records: the count beforehand, how long it takes, and that the cursor stays where it is."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apicenter.errors import FlowError, SettingMissing
from apicenter.organizations.models import AuditEntry
from apicenter.tenancy import organization_context
from flows.models import Flow, Run, RunRecord, Tally
from flows.running.backfill import (
    MOST_PAGES,
    Pace,
    Period,
    PeriodError,
    count_records,
    estimate,
    pace_of,
    period_of,
    seconds_for,
    start_backfill,
)
from flows.running.queue import Queue
from flows.running.run_progress import Progress, progress_of
from flows.services import start_run
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, work_until_idle

BRUSSELS = ZoneInfo("Europe/Brussels")
TODAY = date(2026, 11, 25)
PERIOD = Period(START, START + timedelta(minutes=6))


def work() -> None:
    for queue in Queue:
        work_until_idle(queue)


def test_a_period_is_whole_days_of_the_organization():
    period = period_of(date(2026, 3, 29), date(2026, 3, 29), today=TODAY, zone=BRUSSELS)

    assert period.since.astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert period.until.astimezone(UTC) == datetime(2026, 3, 29, 22, tzinfo=UTC)  # a day of 23 hours


@pytest.mark.parametrize(
    ("since", "until", "field", "sentence"),
    [
        (date(2026, 11, 26), TODAY, "since", "This day has not come yet."),
        (date(2026, 11, 1), date(2026, 11, 26), "until", "Choose today or an earlier day."),
        (date(2026, 11, 2), date(2026, 11, 1), "until", "The last day is before the first one."),
        (date(1026, 11, 2), TODAY, "since", "Choose a day in this century."),
    ],
)
def test_dates_that_make_no_sense_are_told_at_their_field(since: date, until: date, field: str, sentence: str):
    with pytest.raises(PeriodError, match=sentence) as error:
        period_of(since, until, today=TODAY, zone=BRUSSELS)

    assert error.value.field == field


@pytest.mark.django_db
def test_the_count_is_of_the_period_only(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row(f"L{number:02}", minutes=number) for number in range(10)]

    count = count_records(shelf_flow, PERIOD)

    assert (count.number, count.is_complete) == (6, True)


@pytest.mark.django_db
def test_a_long_count_ends_early_and_says_so(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row(f"L{number:03}", minutes=number) for number in range(100)]

    count = count_records(shelf_flow, Period(START, START + timedelta(days=1)))

    assert (count.number, count.is_complete) == (4 * MOST_PAGES, False)
    assert len(shelf.asked) == MOST_PAGES


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", [None, START + timedelta(minutes=3), START + timedelta(days=9)])
def test_a_backfill_never_moves_the_cursor(shelf_flow: Flow, shelf: Shelf, cursor: datetime | None):
    shelf.rows = [make_row(f"L{number:02}", minutes=number) for number in range(10)]
    Flow.objects.update(cursor=cursor)

    run = start_backfill(shelf_flow, PERIOD, expected=6)
    work()

    run.refresh_from_db()
    shelf_flow.refresh_from_db()
    assert (run.state, run.trigger, run.expected) == (Run.State.DONE, Run.Trigger.BACKFILL, 6)
    assert shelf_flow.cursor == cursor
    assert Tally.objects.get(run=run).created == 6
    assert AuditEntry.objects.get(action="run.backfill_started").after == {"since": "2026-11-01", "until": "2026-10-31"}


@pytest.mark.django_db
def test_what_is_paired_is_updated_and_not_made_again(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B", minutes=1)]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work()
    shelf.rows[0]["name"] = "Renamed"

    run = start_backfill(shelf_flow, PERIOD)
    work()

    tally = Tally.objects.get(run=run)
    assert (tally.read, tally.created, tally.updated, tally.unchanged) == (2, 0, 1, 1)
    assert len(shelf.things) == 2


@pytest.mark.django_db
def test_a_backfill_does_not_start_while_a_run_reads_or_the_flow_rests(shelf_flow: Flow, shelf: Shelf):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    with pytest.raises(FlowError, match="is at work"):
        start_backfill(shelf_flow, PERIOD)

    work()
    shelf_flow.pause()
    with pytest.raises(SettingMissing):
        start_backfill(shelf_flow, PERIOD)
    assert Run.objects.count() == 1


@pytest.mark.django_db
def test_the_pace_is_that_of_past_runs_with_something_to_do(shelf_flow: Flow):
    at = timezone.now()
    for read, seconds, calls in ((100, 50, 200), (2, 100, 2)):
        run = Run.objects.create(
            flow=shelf_flow,
            trigger="schedule",
            state=Run.State.DONE,
            started_at=at,
            finished_at=at + timedelta(seconds=seconds),
            calls_source=10,
            calls_target=calls,
        )
        Tally.objects.create(run=run, kind="products", read=read, created=read)

    assert pace_of(shelf_flow) == Pace(2.0, 0.1, 2.0)


@pytest.mark.parametrize(
    ("source_per_second", "target_per_second", "seconds"),
    [(None, None, 50), (10.0, 200 / 60, 60), (0.1, None, 100), (10.0, 1000.0, 50)],
)
def test_the_slower_of_speed_and_limits_decides(
    source_per_second: float | None, target_per_second: float | None, seconds: float
):
    pace = Pace(per_second=2.0, source_calls=0.1, target_calls=2.0)

    found = seconds_for(100, pace, source_per_second=source_per_second, target_per_second=target_per_second)

    assert found == pytest.approx(seconds)


@pytest.mark.django_db
def test_an_estimate_without_any_past_is_still_one(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]

    found = estimate(shelf_flow, PERIOD)

    assert (found.count.number, found.calls, found.minutes) == (1, 2, 1)


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phase", "expected", "tally", "progress"),
    [
        ("read", None, {"read": 62, "waiting": 2}, Progress(62, 60, None, 60, None)),
        ("read", 97, {"read": 62, "waiting": 2}, Progress(62, 60, 97, 60, 1)),
        ("read", 10, {"read": 62, "waiting": 2}, Progress(62, 60, None, 60, None)),  # more came than were counted
        ("settle", None, {"read": 180, "waiting": 120}, Progress(180, 60, 180, 60, 2)),
        ("read", 97, {}, Progress(0, 0, 97, None, None)),
    ],
)
def test_progress(phase: str, expected: int | None, tally: dict[str, int], progress: Progress):
    with organization_context(uuid.uuid4()):
        run = Run(phase=phase, expected=expected, started_at=NOW - timedelta(minutes=1))

        assert progress_of(run, Tally(**tally) if tally else None, now=NOW) == progress


@pytest.mark.django_db
def test_a_record_of_a_backfill_that_an_earlier_run_holds_is_not_sent_twice(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6")]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work()

    run = start_backfill(shelf_flow, PERIOD)
    work()

    assert RunRecord.objects.get(run=run).code == "skip.held"
    assert not shelf.things
