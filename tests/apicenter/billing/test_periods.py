"""Days of the trial and periods of the plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apicenter.billing.periods import Trial, add_months, due_reminder, period_around, share_left

START = datetime(2026, 11, 13, 16, 12, tzinfo=UTC)
TRIAL = Trial(START, START + timedelta(days=14))


@pytest.mark.parametrize(
    ("days", "day", "left"), [(0, 1, 14), (0.5, 1, 14), (5.2, 6, 9), (13.9, 14, 1), (14, 14, 0), (30, 14, 0)]
)
def test_days_are_counted_from_the_moment_of_activation(days: float, day: int, left: int):
    now = START + timedelta(days=days)

    assert (TRIAL.day(now), TRIAL.days_left(now), TRIAL.is_over(now)) == (day, left, left == 0)


@pytest.mark.parametrize(
    ("days", "sent", "due"),
    [
        (6, None, None),
        (7, None, 7),
        (8, 7, None),
        (11, 7, 3),
        (12.5, None, 3),  # nobody was awake before: one reminder, not two
        (13.5, 3, 1),
        (13.5, 1, None),
        (14, 3, None),
    ],
)
def test_reminders_come_once_and_the_latest_counts(days: float, sent: int | None, due: int | None):
    assert due_reminder(TRIAL, [7, 3, 1], sent=sent, now=START + timedelta(days=days)) == due


def test_a_short_trial_is_not_reminded_of_before_it_has_begun():
    short = Trial(START, START + timedelta(days=5))

    assert due_reminder(short, [7, 3, 1], sent=None, now=START) is None


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-11-27", 1, "2026-12-27"), ("2026-12-31", 14, "2028-02-29")],
)
def test_a_month_later_is_the_same_day_or_the_last_one(start: str, months: int, end: str):
    assert add_months(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)


def test_a_period_that_began_on_the_31st_does_not_drift():
    anchor = datetime(2026, 1, 31, tzinfo=UTC)

    begin, end = period_around(anchor, "month", datetime(2026, 3, 5, tzinfo=UTC))

    assert (begin.date().isoformat(), end.date().isoformat()) == ("2026-02-28", "2026-03-31")


def test_before_the_plan_begins_there_is_no_period():
    assert period_around(START, "month", START - timedelta(days=3)) == (START, START)


def test_what_is_left_of_a_period_is_paid_by_the_day():
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    assert share_left(Decimal("29.00"), begin, end, datetime(2026, 11, 16, tzinfo=UTC)) == Decimal("14.50")
    assert share_left(Decimal("29.00"), begin, end, datetime(2026, 11, 30, 23, tzinfo=UTC)) == Decimal("0.97")
