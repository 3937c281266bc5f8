"""How the platform stands, in numbers: over all organizations, without a name or an id of any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from apicenter.tenancy import platform_context
from connectors.models import Connection
from flows.models import Alarm, Flow, Heartbeat, Job, Run, RunRecord

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Numbers:
    """One metric: a number, or one for each value of a label."""

    name: str
    about: str
    numbers: dict[str, float]
    label: str = ""


def platform_counts(now: datetime) -> list[Numbers]:
    """Return every number of the platform as it stands."""
    with platform_context():
        due = Job.unscoped.filter(next_at__lte=now)
        oldest = due.aggregate(at=Min("next_at"))["at"]
        beat = Heartbeat.objects.aggregate(at=Max("beat_at"))["at"]
        return [
            Numbers("connections", "Connections by state.", _by(Connection, "state"), "state"),
            Numbers("flows", "Flows by state.", _by(Flow, "state"), "state"),
            Numbers("runs", "Runs of the last 24 hours by state.", _by(Run, "state", since=now - DAY), "state"),
            Numbers(
                "records", "Records of the last 24 hours by state.", _by(RunRecord, "state", since=now - DAY), "state"
            ),
            Numbers("jobs_due", "Jobs that are due and not done.", {"": due.count()}),
            Numbers("oldest_job_seconds", "How long the oldest due job has waited.", {"": _age(oldest, now)}),
            Numbers(
                "heartbeat_seconds",
                "Since the dispatcher or beat was last heard of; -1: never.",
                {"": _age(beat, now, -1)},
            ),
            Numbers("alarms", "Open alarms by what is wrong.", _alarms(), "code"),
        ]


def _by(
    model: type[Connection | Flow | Run | RunRecord], name: str, *, since: datetime | None = None
) -> dict[str, float]:
    rows = model.unscoped.filter(**({"created_at__gte": since} if since else {})).order_by()
    return dict(rows.values_list(name).annotate(number=Count("pk")))


def _alarms() -> dict[str, float]:
    return dict.fromkeys(Alarm.objects.filter(over_at=None).values_list("code", flat=True), 1.0)


def _age(moment: datetime | None, now: datetime, never: float = 0) -> float:
    return (now - moment).total_seconds() if moment else never
