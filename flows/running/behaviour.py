"""How the runs of a flow behave: from which day on they read, in portions of how many, in which hours, and when they
give up. Turns that somebody starts by hand, and what the source tells by itself, know no hours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.organizations.zones import zone_of
from flows.models import Flow, Run, RunRecord
from flows.running.schedule import next_run

MOST = 100_000
MOST_ERRORS = 1000


class BehaviourError(ValueError):
    """The choice cannot be used; `field` is its name, and `str()` says why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a person may choose; None is no limit."""

    start_from: date | None = None
    most_per_run: int | None = None
    most_errors: int | None = None
    hours_from: time | None = None
    hours_until: time | None = None


def behaviour_of(flow: Flow) -> Behaviour:
    """Return how the flow's runs behave; the day is the organization's."""
    start = flow.start_from.astimezone(zone_of(flow.organization)).date() if flow.start_from else None
    return Behaviour(start, flow.most_per_run, flow.most_errors, flow.hours_from, flow.hours_until)


def set_behaviour(flow: Flow, wanted: Behaviour) -> None:
    """Store how the flow's runs behave from now on. Raises BehaviourError."""
    _check(wanted)
    before = behaviour_of(flow)
    zone = zone_of(flow.organization)
    if wanted.start_from != before.start_from:
        begin = wanted.start_from
        flow.start_from = datetime.combine(begin, time.min, tzinfo=zone) if begin else None
    flow.most_per_run, flow.most_errors = wanted.most_per_run, wanted.most_errors
    flow.hours_from, flow.hours_until = wanted.hours_from, wanted.hours_until
    flow.errors_from = timezone.now()
    if flow.state != Flow.State.DRAFT:
        flow.next_run_at = next_run(flow)
    with transaction.atomic():
        flow.save(update_fields=[*asdict(wanted), "errors_from", "next_run_at"])
        record_change("flow.behaviour_changed", subject=flow.name, before=_told(before), after=_told(wanted))


def _check(wanted: Behaviour) -> None:
    for name, most in (("most_per_run", MOST), ("most_errors", MOST_ERRORS)):
        value = getattr(wanted, name)
        if value is not None and not 1 <= value <= most:
            raise BehaviourError(name, _("Choose between 1 and %(most)s.") % {"most": most})
    if (wanted.hours_from is None) != (wanted.hours_until is None):
        missing = "hours_from" if wanted.hours_from is None else "hours_until"
        raise BehaviourError(missing, _("Fill in both times, or neither."))
    if wanted.hours_from is not None and wanted.hours_from == wanted.hours_until:
        raise BehaviourError("hours_until", _("Choose two different times."))


def _told(behaviour: Behaviour) -> dict[str, Any]:
    return {name: str(value) if value is not None else None for name, value in asdict(behaviour).items()}


def has_done_portion(run: Run) -> bool:
    """Whether the run has read as many records in this turn as it may. The next turn goes on from there."""
    most = run.flow.most_per_run
    if most is None or run.is_backfill or run.limit is not None:
        return False
    tally = run.tallies.filter(kind=run.flow.kind).first()
    return tally is not None and tally.read - run.turn_start >= most


def fails_in_a_row(run: Run) -> int:
    """Return how many records in a row need a person, if that is as many as the flow puts up with; else 0."""
    flow = run.flow
    if flow.most_errors is None:
        return 0
    rows = RunRecord.objects.filter(run=run, kind=flow.kind)
    if flow.errors_from is not None:
        rows = rows.filter(created_at__gte=flow.errors_from)
    states = list(rows.order_by("-created_at", "-pk").values_list("state", flat=True)[: flow.most_errors])
    is_enough = len(states) == flow.most_errors
    return len(states) if is_enough and set(states) == {RunRecord.State.NEEDS_YOU} else 0
