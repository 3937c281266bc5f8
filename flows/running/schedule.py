"""When a flow runs by itself: every so many minutes, daily at a time, by a cron expression, or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.organizations.zones import zone_of
from flows.models import Flow

LONGEST_CRON = 100
CRON_PARTS = 5
MOST_MINUTES = 7 * 24 * 60


class ScheduleError(ValueError):
    """The schedule cannot be used; `str()` says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """At most one of the three is set; without any the flow runs by hand only."""

    every_minutes: int | None = None
    daily_at: time | None = None
    cron: str = ""

    @property
    def is_by_hand(self) -> bool:
        return self.every_minutes is None and self.daily_at is None and not self.cron


def next_time(schedule: Schedule, *, after: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first moment after `after` (aware) at which it is due, in UTC; None = by hand only.

    Local times follow the clocks: a time that a change of the clocks leaves out comes as much later, one that it
    repeats comes once. Raises ScheduleError for a cron expression that cannot be read.
    """
    if schedule.cron:
        return _cron_times(schedule.cron, after=after, zone=zone, count=1)[0]
    if schedule.daily_at is not None:
        return _next_daily(schedule.daily_at, after=after, zone=zone)
    if schedule.every_minutes:
        return after.astimezone(UTC) + timedelta(minutes=schedule.every_minutes)
    return None


def next_times(schedule: Schedule, *, after: datetime, zone: ZoneInfo, count: int = 3) -> list[datetime]:
    """Return the next few moments, in UTC. Raises ScheduleError."""
    found: list[datetime] = []
    moment = next_time(schedule, after=after, zone=zone)
    while moment is not None and len(found) < count:
        found.append(moment)
        moment = next_time(schedule, after=moment, zone=zone)
    return found


def _next_daily(at: time, *, after: datetime, zone: ZoneInfo) -> datetime:
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if moment > after:
            return moment
        day += timedelta(days=1)


def _cron_times(expression: str, *, after: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
    check_cron(expression)
    times = CronSim(expression, after.astimezone(zone))
    try:
        return [next(times).astimezone(UTC) for _number in range(count)]
    except StopIteration as error:
        raise ScheduleError(_("These times never come.")) from error


def check_cron(expression: str) -> None:
    """Raises ScheduleError, in plain words, for an expression that cannot be used."""
    parts = expression.split()
    if len(expression) > LONGEST_CRON:
        raise ScheduleError(_("This expression is too long."))
    if len(parts) != CRON_PARTS:
        raise ScheduleError(
            _(
                "A cron expression has five parts: minute, hour, day of the month, month, day of the week. "
                "This one has %(count)s."
            )
            % {"count": len(parts)}
        )
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ScheduleError(_wrong_part(parts)) from error


def _wrong_part(parts: list[str]) -> str:
    """Say which part cannot be read: each is tried with stars in the places of the others."""
    names = (_("minute"), _("hour"), _("day of the month"), _("month"), _("day of the week"))
    for index, (part, name) in enumerate(zip(parts, names, strict=True)):
        alone = ["*"] * CRON_PARTS
        alone[index] = part
        try:
            CronSim(" ".join(alone), datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError:
            return _("“%(part)s” cannot be read as %(name)s.") % {"part": part, "name": name}
    return _("These times never come.")


def schedule_of(flow: Flow) -> Schedule:
    """Return when the flow runs by itself."""
    return Schedule(flow.every_minutes, flow.daily_at, flow.cron)


def next_run(flow: Flow, *, after: datetime | None = None) -> datetime | None:
    """Return when the flow is due next, counted from now unless said otherwise. Raises ScheduleError."""
    zone = zone_of(flow.organization)
    moment = next_time(schedule_of(flow), after=after or timezone.now(), zone=zone)
    if moment is None or flow.hours_from is None or flow.hours_until is None:
        return moment
    return into_hours(moment, flow.hours_from, flow.hours_until, zone=zone)


def into_hours(moment: datetime, begin: time, end: time, *, zone: ZoneInfo) -> datetime:
    """Return the moment, or when the hours next begin if it lies outside of them. Hours may go over midnight."""
    local = moment.astimezone(zone)
    now = local.time()
    is_inside = begin <= now < end if begin < end else now >= begin or now < end
    if is_inside:
        return moment
    day = local.date() if now < begin else local.date() + timedelta(days=1)
    return datetime.combine(day, begin, tzinfo=zone).astimezone(moment.tzinfo)


def set_schedule(flow: Flow, schedule: Schedule) -> None:
    """Store when the flow runs by itself; the next turn counts from now. Raises ScheduleError."""
    if schedule.every_minutes is not None and not 1 <= schedule.every_minutes <= MOST_MINUTES:
        raise ScheduleError(_("Choose between a minute and a week."))
    if sum(map(bool, (schedule.every_minutes, schedule.daily_at is not None, schedule.cron))) > 1:
        raise ScheduleError(_("Choose one kind of schedule."))
    if schedule.cron:
        check_cron(schedule.cron)
    before = _as_data(schedule_of(flow))
    flow.every_minutes, flow.daily_at = schedule.every_minutes, schedule.daily_at
    flow.cron = " ".join(schedule.cron.split())
    flow.next_run_at = next_run(flow) if flow.state != Flow.State.DRAFT else None
    with transaction.atomic():
        flow.save(update_fields=["every_minutes", "daily_at", "cron", "next_run_at"])
        record_change("flow.schedule_changed", subject=flow.name, before=before, after=_as_data(schedule_of(flow)))


def _as_data(schedule: Schedule) -> dict[str, object]:
    return {
        "every_minutes": schedule.every_minutes,
        "daily_at": schedule.daily_at.strftime("%H:%M") if schedule.daily_at else None,
        "cron": schedule.cron,
    }
