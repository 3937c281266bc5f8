"""When a message goes out: now, later, with the summary, or never. Pure: moments come in, decisions go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

SATURDAY = 5
REMINDER_AFTER = timedelta(days=1)
DAILY_REMINDERS = 7  # afterwards one a week: a cause that is left open on purpose should not tire
SUMMARY_LATE = timedelta(hours=4)  # a summary that could not go out by then is left out
RETRY_MINUTES = (1, 5, 15, 60, 180, 360, 720)


class Channel(StrEnum):
    """Where a message goes."""

    APP = "app"
    EMAIL = "email"
    WEBHOOK = "webhook"


class Mode(StrEnum):
    """How soon."""

    NOW = "now"
    DAILY = "daily"
    OFF = "off"


class Verdict(StrEnum):
    """What becomes of one message to one receiver."""

    SEND = "send"
    HOLD = "hold"  # until quiet hours end; what was held goes out as one
    COLLECT = "collect"  # into the daily summary
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and, for what is sent, from when on."""

    verdict: Verdict
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day without messages, in a time zone; with `weekend` all of Saturday and Sunday too."""

    start: time
    end: time
    zone: tzinfo
    weekend: bool = False


def decide(
    mode: Mode,
    channel: Channel,
    *,
    now: datetime,
    quiet: Quiet | None = None,
    paused_until: datetime | None = None,
    breaks_quiet: bool = False,
) -> Decision:
    """Return what becomes of a message. In the app it always stands at once: nobody is disturbed by it."""
    if mode is Mode.OFF:
        return Decision(Verdict.DROP)
    if channel is Channel.APP:
        return Decision(Verdict.SEND, now)
    if mode is Mode.DAILY:
        return Decision(Verdict.COLLECT)
    at = max(now, paused_until) if paused_until else now
    if quiet is not None and not breaks_quiet:
        at = quiet_end(quiet, at)
    return Decision(Verdict.SEND if at == now else Verdict.HOLD, at)


def quiet_end(quiet: Quiet, moment: datetime) -> datetime:
    """Return the first moment from `moment` on that is not quiet, in UTC when it is another."""
    at = moment
    for _ in range(8):  # at most an evening, two days of a weekend, a night, and an hour that exists twice
        local = at.astimezone(quiet.zone)
        if quiet.weekend and local.weekday() >= SATURDAY:
            at = _at(local.date() + timedelta(days=1), time(0), quiet.zone)
        elif _is_within(quiet, local.time()):
            at = _next(quiet.end, after=at, zone=quiet.zone)
        else:
            return at
    return at


def _is_within(quiet: Quiet, at: time) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end


def _next(wall: time, *, after: datetime, zone: tzinfo) -> datetime:
    """Return when the clock on the wall next shows this time; an hour that exists twice counts both times."""
    today = after.astimezone(zone).date()
    for day in (today, today + timedelta(days=1)):
        for fold in (0, 1):
            moment = _at(day, wall.replace(fold=fold), zone)
            if moment > after:
                return moment
    return after + timedelta(days=1)


def _at(day: date, wall: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def next_morning(moment: datetime, *, zone: tzinfo, wall: time) -> datetime:
    """Return this time of the next day: the end of "quiet until tomorrow"."""
    return _at(moment.astimezone(zone).date() + timedelta(days=1), wall, zone)


def next_reminder(last: datetime, count: int) -> datetime:
    """Return when an open cause is told again, `count` reminders after the first message."""
    return last + (REMINDER_AFTER if count < DAILY_REMINDERS else REMINDER_AFTER * 7)


def summary_day(now: datetime, *, at: time, zone: tzinfo, weekend: bool) -> date | None:
    """Return the day whose summary is due now, or None: before its time, long after it, or on a day off."""
    local = now.astimezone(zone)
    if local.weekday() >= SATURDAY and not weekend:
        return None
    due = _at(local.date(), at, zone)
    return local.date() if due <= now < due + SUMMARY_LATE else None


def retry_at(now: datetime, tries: int) -> datetime | None:
    """Return when to try again after so many tries; None when it is given up."""
    if tries > len(RETRY_MINUTES):
        return None
    return now + timedelta(minutes=RETRY_MINUTES[tries - 1])
