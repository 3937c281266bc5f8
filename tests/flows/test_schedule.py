"""When a flow runs by itself, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apicenter.organizations.models import AuditEntry
from flows.models import Flow, Run
from flows.running.schedule import Schedule, ScheduleError, next_time, next_times, set_schedule
from flows.services import start_due_flows, start_run
from tests.flows.shelf import Shelf

BRUSSELS = ZoneInfo("Europe/Brussels")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (Schedule(every_minutes=15), utc("2026-11-19 14:25"), utc("2026-11-19 14:40")),
        (Schedule(daily_at=time(6)), local("2026-11-19 05:59"), utc("2026-11-19 05:00")),
        (Schedule(daily_at=time(6)), local("2026-11-19 06:00"), utc("2026-11-20 05:00")),
        (Schedule(daily_at=time(6)), local("2026-07-19 05:59"), utc("2026-07-19 04:00")),
        (Schedule(daily_at=time(0)), local("2026-12-31 23:59"), utc("2026-12-31 23:00")),
        # the night the clocks go forward has no 02:30: it comes at 03:30 instead
        (Schedule(daily_at=time(2, 30)), local("2026-03-28 12:00"), utc("2026-03-29 01:30")),
        # the night they go back has it twice: it comes the first time only
        (Schedule(daily_at=time(2, 30)), local("2026-10-24 12:00"), utc("2026-10-25 00:30")),
        (Schedule(daily_at=time(2, 30)), utc("2026-10-25 00:30"), utc("2026-10-26 01:30")),
        (Schedule(cron="0 6 * * 1-5"), local("2026-11-20 07:00"), utc("2026-11-23 05:00")),
        (Schedule(cron="30 2 * * *"), local("2026-10-24 12:00"), utc("2026-10-25 00:30")),
        (Schedule(cron="*/20 8-17 * * *"), local("2026-11-19 17:41"), utc("2026-11-20 07:00")),
        (Schedule(cron="0 0 29 2 *"), local("2026-11-19 12:00"), utc("2028-02-28 23:00")),
        (Schedule(), utc("2026-11-19 14:25"), None),
    ],
)
def test_the_next_time(schedule: Schedule, after: datetime, expected: datetime | None):
    assert next_time(schedule, after=after, zone=BRUSSELS) == expected


def test_a_daily_time_stays_the_same_on_the_clock_over_a_whole_year():
    moments = next_times(Schedule(daily_at=time(6)), after=local("2026-01-01 12:00"), zone=BRUSSELS, count=365)

    assert {moment.astimezone(BRUSSELS).time() for moment in moments} == {time(6)}
    assert len({moment.astimezone(BRUSSELS).date() for moment in moments}) == 365


def test_a_cron_expression_is_once_a_day_also_when_the_clocks_change():
    moments = next_times(Schedule(cron="30 2 * * *"), after=local("2026-03-27 12:00"), zone=BRUSSELS, count=3)

    assert [moment.astimezone(BRUSSELS).date().day for moment in moments] == [28, 29, 30]


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("0 6 * *", "five parts"),
        ("0 0 6 * * 1", "This one has 6."),
        ("61 6 * * *", "“61” cannot be read as minute."),
        ("0 25 * * *", "“25” cannot be read as hour."),
        ("0 6 * * monday", "“monday” cannot be read as day of the week."),
        ("0 6 30 2 *", "These times never come."),
        ("0 " * 60, "too long"),
    ],
)
def test_a_wrong_expression_is_told_in_plain_words(cron: str, sentence: str):
    with pytest.raises(ScheduleError, match=sentence):
        next_time(Schedule(cron=cron), after=utc("2026-11-19 14:25"), zone=BRUSSELS)


@pytest.mark.django_db
def test_a_schedule_replaces_the_one_before_and_leaves_a_trace(shelf_flow: Flow):
    set_schedule(shelf_flow, Schedule(every_minutes=30))
    set_schedule(shelf_flow, Schedule(cron=" 0  6 * * 1-5 "))

    shelf_flow.refresh_from_db()
    assert (shelf_flow.every_minutes, shelf_flow.daily_at, shelf_flow.cron) == (None, None, "0 6 * * 1-5")
    assert shelf_flow.next_run_at is not None
    entry = AuditEntry.objects.latest("created_at")
    assert (entry.action, entry.before["every_minutes"]) == ("flow.schedule_changed", 30)

    set_schedule(shelf_flow, Schedule())
    assert Flow.objects.get().next_run_at is None


@pytest.mark.django_db
def test_two_kinds_of_schedule_at_once_are_refused(shelf_flow: Flow):
    with pytest.raises(ScheduleError):
        set_schedule(shelf_flow, Schedule(every_minutes=5, daily_at=time(6)))


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"daily_at": time(6)}, {"cron": "0 6 * * *"}])
def test_every_kind_of_schedule_starts_its_flow(shelf_flow: Flow, values: dict[str, object]):
    Flow.objects.update(next_run_at=timezone.now(), **values)

    assert (start_due_flows(), start_due_flows()) == (1, 0)
    next_run_at = Flow.objects.get().next_run_at
    assert next_run_at is not None
    assert next_run_at.astimezone(BRUSSELS).strftime("%H:%M") == "06:00"


@pytest.mark.django_db
def test_a_turn_that_comes_while_a_run_reads_is_made_up_for_soon(shelf_flow: Flow, shelf: Shelf):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    Flow.objects.update(next_run_at=timezone.now(), daily_at=time(6))

    assert start_due_flows() == 0
    next_run_at = Flow.objects.get().next_run_at
    assert next_run_at is not None
    assert next_run_at <= timezone.now() + timedelta(minutes=1)
    assert Run.objects.count() == 1


@pytest.mark.django_db
def test_an_expression_that_went_bad_stops_its_own_flow_only(shelf_flow: Flow):
    Flow.objects.update(next_run_at=timezone.now(), cron="never")

    assert start_due_flows() == 0
    assert Flow.objects.get().next_run_at is None
