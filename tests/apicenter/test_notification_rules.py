"""When a message goes out: tables of moments and choices."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from apicenter.notifications.events import CONNECTION_LOST, DIGEST, RECORDS_HELD, WEBHOOK_OFF, default_mode
from apicenter.notifications.rules import (
    Channel,
    Mode,
    Quiet,
    Verdict,
    decide,
    next_morning,
    next_reminder,
    quiet_end,
    retry_at,
    summary_day,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
NIGHT = Quiet(time(20), time(7), BRUSSELS)
NIGHT_AND_WEEKEND = Quiet(time(20), time(7), BRUSSELS, weekend=True)


def at(text: str) -> datetime:
    """A moment on the wall clock of Brussels: "2026-11-18 21:30" is a Wednesday evening."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("mode", "channel", "hour", "breaks", "verdict"),
    [
        ("now", "email", "12:00", False, Verdict.SEND),
        ("now", "email", "20:00", False, Verdict.HOLD),
        ("now", "email", "06:59", False, Verdict.HOLD),
        ("now", "email", "07:00", False, Verdict.SEND),
        ("now", "email", "23:00", True, Verdict.SEND),
        ("now", "app", "23:00", False, Verdict.SEND),
        ("daily", "app", "23:00", False, Verdict.SEND),
        ("daily", "email", "12:00", False, Verdict.COLLECT),
        ("daily", "email", "23:00", True, Verdict.COLLECT),
        ("off", "email", "12:00", True, Verdict.DROP),
        ("off", "app", "12:00", False, Verdict.DROP),
    ],
)
def test_what_becomes_of_a_message(mode: str, channel: str, hour: str, breaks: bool, verdict: Verdict):
    now = at(f"2026-11-18 {hour}")

    decision = decide(Mode(mode), Channel(channel), now=now, quiet=NIGHT, breaks_quiet=breaks)

    assert decision.verdict is verdict


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-18 12:00", "2026-11-18 12:00"),  # not quiet
        ("2026-11-18 21:30", "2026-11-19 07:00"),  # across midnight
        ("2026-11-19 03:00", "2026-11-19 07:00"),
        ("2026-10-24 23:00", "2026-10-25 07:00"),  # the clock goes back in this night: an hour longer
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # and forward in this one
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now: str, end: str):
    assert quiet_end(NIGHT, at(now)) == at(end).astimezone(UTC)


def test_a_night_in_which_the_clock_goes_back_is_an_hour_longer():
    assert quiet_end(NIGHT, at("2026-10-24 20:00")) - at("2026-10-24 20:00").astimezone(UTC) == timedelta(hours=12)


def test_an_end_that_does_not_exist_in_spring_comes_an_hour_later():
    quiet = Quiet(time(22), time(2, 30), BRUSSELS)

    assert quiet_end(quiet, at("2026-03-28 23:00")) == at("2026-03-29 03:30").astimezone(UTC)


def test_an_end_that_exists_twice_in_autumn_is_reached_in_the_future():
    quiet = Quiet(time(22), time(2, 30), BRUSSELS)
    second_time = at("2026-10-25 02:10").replace(fold=1)

    end = quiet_end(quiet, second_time)

    assert end == at("2026-10-25 02:30").replace(fold=1).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-20 21:00", "2026-11-23 07:00"),  # Friday evening: until Monday morning
        ("2026-11-21 12:00", "2026-11-23 07:00"),
        ("2026-11-22 12:00", "2026-11-23 07:00"),
        ("2026-11-23 06:00", "2026-11-23 07:00"),
    ],
)
def test_a_quiet_weekend_ends_on_monday_morning(now: str, end: str):
    assert quiet_end(NIGHT_AND_WEEKEND, at(now)) == at(end).astimezone(UTC)


def test_a_pause_holds_even_what_breaks_through_quiet_hours():
    until = at("2026-11-30 08:00")

    decision = decide(
        Mode.NOW, Channel.EMAIL, now=at("2026-11-18 12:00"), quiet=NIGHT, paused_until=until, breaks_quiet=True
    )

    assert (decision.verdict, decision.at) == (Verdict.HOLD, until)


def test_a_pause_that_ends_at_night_lasts_until_the_morning():
    decision = decide(
        Mode.NOW, Channel.EMAIL, now=at("2026-11-18 12:00"), quiet=NIGHT, paused_until=at("2026-11-19 02:00")
    )

    assert decision.at == at("2026-11-19 07:00")


@pytest.mark.parametrize(
    ("now", "weekend", "day"),
    [
        ("2026-11-18 07:59", False, None),
        ("2026-11-18 08:00", False, date(2026, 11, 18)),
        ("2026-11-18 11:59", False, date(2026, 11, 18)),
        ("2026-11-18 12:00", False, None),  # too late to be a morning's summary
        ("2026-11-21 08:30", False, None),  # a Saturday
        ("2026-11-21 08:30", True, date(2026, 11, 21)),
    ],
)
def test_when_a_summary_is_due(now: str, weekend: bool, day: date | None):
    assert summary_day(at(now), at=time(8), zone=BRUSSELS, weekend=weekend) == day


def test_the_summary_follows_the_readers_zone():
    oslo_morning = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)

    assert summary_day(oslo_morning, at=time(8), zone=ZoneInfo("Europe/Oslo"), weekend=False)
    assert summary_day(oslo_morning, at=time(8), zone=ZoneInfo("Europe/London"), weekend=False) is None


def test_reminders_come_once_a_day_and_after_a_week_once_a_week():
    last = at("2026-11-18 09:00")

    assert next_reminder(last, 0) == last + timedelta(days=1)
    assert next_reminder(last, 7) == last + timedelta(days=7)


def test_tries_become_more_and_more_seldom_and_end():
    now = at("2026-11-18 09:00")
    rests = [retry_at(now, tries) for tries in range(1, 9)]

    assert rests[-1] is None
    assert rests[:-1] == sorted(rest for rest in rests if rest)


def test_tomorrow_begins_in_the_readers_morning():
    assert next_morning(at("2026-10-24 15:00"), zone=BRUSSELS, wall=time(7)) == at("2026-10-25 07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("event", "role", "app", "email"),
    [
        (CONNECTION_LOST, "editor", "now", "now"),
        (RECORDS_HELD, "viewer", "off", "off"),
        (DIGEST, "editor", "off", "now"),
        (WEBHOOK_OFF, "editor", "off", "off"),
        (WEBHOOK_OFF, "admin", "now", "now"),
    ],
)
def test_whom_an_event_concerns_without_a_choice(event: str, role: str, app: str, email: str):
    assert default_mode(event, Channel.APP, role=role) == app
    assert default_mode(event, Channel.EMAIL, role=role) == email
