"""What the first page says: the verdict, the sum of today, the health of each flow, what waits and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Connection
from dashboard import access
from dashboard.cause_groups import CauseGroup, groups_of, open_records
from dashboard.marks import Mark, Sums, mark_of_flow, sums_of
from dashboard.runs import BEATS, Beat, RunLine, beats_of, lines_of, runs_of
from dashboard.words import FLOW_ICONS
from flows.models import Flow, RunRecord, Tally

LATEST = 8
GROUPS = 4


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One flow in the menu and on the overview."""

    flow: Flow
    mark: Mark
    needs_you: int
    icon: str
    beats: list[Beat]
    last: RunLine | None
    sent_today: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that go on by themselves, and when the first of them does."""

    count: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview."""

    today: Sums
    flows: list[FlowLine]
    connections: list[Connection]
    groups: list[CauseGroup]
    needs_you: int
    waiting: Waiting
    runs: list[RunLine]

    @property
    def is_working(self) -> bool:
        return any(line.is_working for line in self.runs)

    @property
    def has_drafts(self) -> bool:
        return any(line.flow.state == Flow.State.DRAFT for line in self.flows)

    @property
    def shown_groups(self) -> list[CauseGroup]:
        return self.groups[:GROUPS]

    @property
    def troubled(self) -> list[Connection]:
        return [one for one in self.connections if one.state == Connection.State.NEEDS_PERSON]

    @property
    def last_read_at(self) -> datetime | None:
        return max((line.run.finished_at for line in self.runs if line.run.finished_at), default=None)

    @property
    def verdict(self) -> str:
        """How things are, in one sentence."""
        if self.troubled:
            names = ", ".join(one.name for one in self.troubled)
            return _("%(connections)s: the connection needs you. Everything waits, nothing is lost.") % {
                "connections": names
            }
        if not self.needs_you:
            return self._verdict_without_you
        if self.is_working or self.waiting.count:
            return ngettext("%(count)s record needs you.", "%(count)s records need you.", self.needs_you) % {
                "count": self.needs_you
            }
        return ngettext(
            "%(count)s record needs you. Everything else is in step.",
            "%(count)s records need you. Everything else is in step.",
            self.needs_you,
        ) % {"count": self.needs_you}

    @property
    def _verdict_without_you(self) -> str:
        if self.is_working:
            return _("A run is at work. Nothing needs you so far.")
        if self.waiting.count:
            return _("Nothing needs you. What waits goes on by itself.")
        return _("Everything is in step.") if self.runs else _("Nothing has run yet.")


def build_overview() -> Overview:
    """Read everything the overview shows about the organization in context."""
    records = open_records()
    return Overview(
        today=sums_of(Tally.objects.filter(run__created_at__gte=start_of_today())),
        flows=flow_lines(),
        connections=list(Connection.objects.select_related("lane").order_by("created_at")),
        groups=groups_of(records),
        needs_you=len(records),
        waiting=waiting_now(),
        runs=lines_of(runs_of()[:LATEST]),
    )


def start_of_today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def waiting_now() -> Waiting:
    """Return what is tried again by itself."""
    rows = RunRecord.objects.filter(state=RunRecord.State.WAITING)
    return Waiting(**rows.aggregate(count=Count("pk"), next_at=Min("next_at")))


def flow_lines() -> list[FlowLine]:
    """Return every flow with its health."""
    counts = open_counts()
    return [_flow_line(flow, counts) for flow in access.flows()]


def _flow_line(flow: Flow, counts: dict[tuple[object, str], int]) -> FlowLine:
    lines = lines_of(runs_of(flow=flow)[:BEATS])
    needs_you = counts.get((flow.pk, RunRecord.State.NEEDS_YOU), 0)
    waiting = counts.get((flow.pk, RunRecord.State.WAITING), 0)
    today = start_of_today()
    return FlowLine(
        flow=flow,
        mark=mark_of_flow(
            flow,
            has_run=bool(lines),
            reading=next((line.mark for line in lines if line.is_reading), None),
            needs_you=needs_you,
            waiting=waiting,
        ),
        needs_you=needs_you,
        icon=FLOW_ICONS.get(flow.kind, "refresh"),
        beats=beats_of(lines),
        last=lines[0] if lines else None,
        sent_today=sum(line.sums.sent for line in lines if line.run.created_at >= today),
    )


def open_counts() -> dict[tuple[object, str], int]:
    """Return how many records are open, by flow and state."""
    rows = RunRecord.objects.filter(state__in=RunRecord.OPEN).order_by().values_list("flow_id", "state")
    return {(flow, state): number for flow, state, number in rows.annotate(number=Count("pk"))}
