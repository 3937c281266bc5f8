"""Days of a trial and periods of a plan. Pure: the clock comes in as an argument."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apicenter.billing.prices import MONTHS, YEAR, rounded

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """The free days of an organization."""

    started_at: datetime
    ends_at: datetime

    @property
    def days(self) -> int:
        return max(1, round((self.ends_at - self.started_at) / DAY))

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at

    def days_left(self, now: datetime) -> int:
        """Return how many days are left, a day that has begun counted whole; 0 once it is over."""
        return max(0, math.ceil((self.ends_at - now) / DAY))

    def day(self, now: datetime) -> int:
        """Return which day of it this is, from 1."""
        return min(self.days, max(1, math.floor((now - self.started_at) / DAY) + 1))


def due_reminder(trial: Trial, marks: Iterable[int], *, sent: int | None, now: datetime) -> int | None:
    """Return the mark (days before the end) to remind of now, or None.

    Of several that were missed only the nearest to the end counts; one at or before what was sent never comes again.
    """
    passed = [mark for mark in marks if mark < trial.days and now >= trial.ends_at - mark * DAY]
    if not passed or trial.is_over(now) or (sent is not None and min(passed) >= sent):
        return None
    return min(passed)


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later; the last day of a month that is too short."""
    years, month = divmod(moment.month - 1 + months, MONTHS)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def period_around(anchor: datetime, period: str, now: datetime) -> tuple[datetime, datetime]:
    """Return begin and end of the period that `now` lies in; before the anchor nothing has begun: (anchor, anchor)."""
    if now < anchor:
        return anchor, anchor
    step = MONTHS if period == YEAR else 1
    count = 0
    while add_months(anchor, (count + 1) * step) <= now:
        count += 1
    return add_months(anchor, count * step), add_months(anchor, (count + 1) * step)


def share_left(amount: Decimal, begin: datetime, end: datetime, now: datetime) -> Decimal:
    """Return what of a period's amount falls on the rest of it, by whole days, the present one counted."""
    days = max(1, round((end - begin) / DAY))
    left = min(days, math.ceil((end - now) / DAY))
    return rounded(amount * left / days)
