"""Reading older records again: how many there are, how long that takes, and starting it. It never moves the cursor."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.errors import FlowError
from apicenter.organizations.zones import zone_of
from connectors.base import Window
from connectors.models import Lane
from connectors.services import open_connector
from flows.engine.work import given_for, source_for
from flows.models import Flow, Run
from flows.running.stopping import reading_run
from flows.services import kind_of, start_run

OLDEST = date(2000, 1, 1)
MOST_PAGES = 10
MOST_SECONDS = 3.0  # a person waits
PAST_RUNS = 10
FEWEST_READ = 10  # a run with less says little about speed
USUAL_CALLS = 1.0  # per record in the target, as long as nothing has run yet
USUAL_RECORDS_PER_SECOND = 2.0


class PeriodError(ValueError):
    """The dates do not make sense; `field` is "since" or "until", `str()` says why in one sentence."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of a day to the end of another one, as aware datetimes."""

    since: datetime
    until: datetime


def period_of(since: date, until: date, *, today: date, zone: ZoneInfo) -> Period:
    """Return the period from one day to another, both included. Raises PeriodError."""
    if since > today:
        raise PeriodError("since", _("This day has not come yet."))
    if until > today:
        raise PeriodError("until", _("This day has not come yet. Choose today or an earlier day."))
    if since < OLDEST:
        raise PeriodError("since", _("Choose a day in this century."))
    if until < since:
        raise PeriodError("until", _("The last day is before the first one."))
    following = until + timedelta(days=1)
    return Period(datetime.combine(since, time.min, tzinfo=zone), datetime.combine(following, time.min, tzinfo=zone))


@dataclass(frozen=True, slots=True)
class Count:
    """How many records a period holds; if not complete, at least so many."""

    number: int
    is_complete: bool


def count_records(flow: Flow, period: Period) -> Count:
    """Count what a backfill would read, for a few seconds at most. Raises RetryableError, FlowError."""
    number, until = 0, clock.monotonic() + MOST_SECONDS
    with open_connector(flow.source, is_interactive=True) as connector:
        given = given_for(flow)
        source = source_for(kind_of(flow), connector, given.settings, given.tables)
        for pages, found in enumerate(source.counts(Window(since=period.since, until=period.until)), start=1):
            number += found
            if pages >= MOST_PAGES or clock.monotonic() > until:
                return Count(number, is_complete=False)
    return Count(number, is_complete=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a flow was lately, and how many calls a record cost on each side."""

    per_second: float = USUAL_RECORDS_PER_SECOND
    source_calls: float = USUAL_CALLS
    target_calls: float = USUAL_CALLS


def pace_of(flow: Flow) -> Pace:
    """Return the pace of the flow's last runs that had something to do."""
    runs = Run.objects.filter(flow=flow, state=Run.State.DONE, started_at__isnull=False, finished_at__isnull=False)
    return pace_of_runs(list(runs.prefetch_related("tallies").order_by("-created_at")[:PAST_RUNS]), flow.kind)


def pace_of_runs(runs: Sequence[Run], kind: str) -> Pace:
    """Return the average over these finished runs."""
    read, seconds, source_calls, target_calls = 0, 0.0, 0, 0
    for run in runs:
        number = sum(tally.read for tally in run.tallies.all() if tally.kind == kind)
        if number < FEWEST_READ or run.started_at is None or run.finished_at is None:
            continue
        read += number
        seconds += max(1.0, (run.finished_at - run.started_at).total_seconds())
        source_calls += run.calls_source
        target_calls += run.calls_target
    return Pace(read / seconds, source_calls / read, target_calls / read) if read else Pace()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a backfill will cost."""

    count: Count
    calls: int
    duration: timedelta

    @property
    def minutes(self) -> int:
        """Whole minutes, at least one."""
        return max(1, round(self.duration.total_seconds() / 60))


def estimate(flow: Flow, period: Period) -> Estimate:
    """Count, and say how many calls and how long it takes. Raises RetryableError, FlowError."""
    count, pace = count_records(flow, period), pace_of(flow)
    calls = round(count.number * (pace.source_calls + pace.target_calls))
    seconds = seconds_for(
        count.number,
        pace,
        source_per_second=_calls_per_second(flow.source.lane),
        target_per_second=_calls_per_second(flow.target.lane),
    )
    return Estimate(count, calls, timedelta(seconds=seconds))


def seconds_for(number: int, pace: Pace, *, source_per_second: float | None, target_per_second: float | None) -> float:
    """Return how long so many records take: by past speed, but no faster than either side lets us call."""
    seconds = [number / pace.per_second]
    if source_per_second:
        seconds.append(number * pace.source_calls / source_per_second)
    if target_per_second:
        seconds.append(number * pace.target_calls / target_per_second)
    return max(seconds)


def _calls_per_second(lane: Lane | None) -> float | None:
    return lane.limit_calls / lane.limit_seconds if lane and lane.limit_calls and lane.limit_seconds else None


def start_backfill(flow: Flow, period: Period, *, expected: int | None = None) -> Run:
    """Read a period again and send what differs; what is paired is updated, never made a second time.

    `expected` is the number that was counted. Raises SettingMissing for a flow that is not active, FlowError while
    another run reads.
    """
    with transaction.atomic():
        Flow.objects.select_for_update(of=("self",)).get(pk=flow.pk)
        if reading_run(flow) is not None:
            raise FlowError("flow.busy", flow=flow.title)
        run = start_run(
            flow,
            Run.Trigger.BACKFILL,
            since=period.since,
            until=period.until,
            expected=expected,
            is_interactive=True,
        )
        zone = zone_of(flow.organization)
        days = {
            "since": period.since.astimezone(zone).date().isoformat(),
            "until": (period.until.astimezone(zone).date() - timedelta(days=1)).isoformat(),
        }
        record_change("run.backfill_started", subject=flow.name, after=days)
    return run
