"""What the first page says: the verdict, the sum of today, the health of each flow, what waits and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Connection
from dashboard.flow.flow_health import FlowLine, flow_lines
from dashboard.flow.runs import RunLine, lines_of, runs_of
from dashboard.needs.cause_groups import CauseGroup, groups_of, open_records
from dashboard.overview.connection_lines import ConnectionLine, connection_lines
from dashboard.overview.day_chart import ChartChoice, DayChart, build_chart
from dashboard.overview.today import Today, today
from flows.models import IS_OPEN, Flow, RunRecord

LATEST = 8
GROUPS = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that go on by themselves, and when the first of them does."""

    count: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview."""

    day: Today
    flows: list[FlowLine]
    lines: list[ConnectionLine]
    groups: list[CauseGroup]
    needs_you: int
    waiting: Waiting
    runs: list[RunLine]
    chart: DayChart

    @property
    def is_working(self) -> bool:
        return any(line.is_working for line in self.runs)

    @property
    def has_drafts(self) -> bool:
        return any(line.flow.state == Flow.State.DRAFT for line in self.flows)

    @property
    def has_active(self) -> bool:
        return any(line.flow.state == Flow.State.ACTIVE for line in self.flows)

    @property
    def is_paused(self) -> bool:
        """Whether every flow that was set up is paused."""
        states = {line.flow.state for line in self.flows} - {Flow.State.DRAFT}
        return states == {Flow.State.PAUSED}

    @property
    def shown_groups(self) -> list[CauseGroup]:
        return self.groups[:GROUPS]

    @property
    def connections(self) -> list[Connection]:
        return [line.connection for line in self.lines]

    @property
    def troubled(self) -> list[Connection]:
        return [one for one in self.connections if one.state == Connection.State.NEEDS_PERSON]

    @property
    def are_all_connected(self) -> bool:
        return bool(self.lines) and all(one.state == Connection.State.OK for one in self.connections)

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
        if self.is_paused:
            return _("All flows are paused. Nothing is sent until you resume them.")
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


def build_overview(choice: ChartChoice | None = None) -> Overview:
    """Read everything the overview shows about the organization in context: a fixed number of queries."""
    records = open_records()
    day = today()
    lines = flow_lines(open_counts(), day.sent)
    return Overview(
        day=day,
        flows=lines,
        lines=connection_lines(Connection.objects.select_related("lane").order_by("created_at")),
        groups=groups_of(records),
        needs_you=len(records),
        waiting=waiting_now(),
        runs=lines_of(runs_of()[:LATEST]),
        chart=build_chart(choice or ChartChoice(), [line.flow for line in lines]),
    )


def waiting_now() -> Waiting:
    """Return what is tried again by itself."""
    rows = RunRecord.objects.filter(state=RunRecord.State.WAITING)
    return Waiting(**rows.aggregate(count=Count("pk"), next_at=Min("next_at")))


def open_counts() -> dict[tuple[object, str], int]:
    """Return how many records are open, by flow and state."""
    rows = RunRecord.objects.filter(IS_OPEN).order_by().values_list("flow_id", "state")
    return {(flow, state): number for flow, state, number in rows.annotate(number=Count("pk"))}
