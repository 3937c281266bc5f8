"""What the pages of one flow show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.cause_groups import groups_of, known_values
from dashboard.fixes import NO_PAIR
from dashboard.marks import Mark, Sums, mark_of_flow, mark_of_run
from dashboard.overview import open_counts
from dashboard.runs import RunLine, lines_of, reading_run, runs_of
from dashboard.words import table_title
from flows.models import Binding, Flow, Run, RunRecord, ValueRow, ValueTable
from flows.services import kind_of

RUNS = 25


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One flow with how it does."""

    flow: Flow
    mark: Mark
    needs_you: int
    waiting: int
    table_count: int
    runs: list[RunLine]
    paired: int
    is_reading: bool

    @property
    def current(self) -> RunLine | None:
        """The run that is at work now."""
        return next((line for line in self.runs if line.is_reading or line.is_working), None)

    @property
    def is_working(self) -> bool:
        return self.current is not None

    @property
    def can_run(self) -> bool:
        return self.flow.state == Flow.State.ACTIVE and not self.is_reading


def build_flow_page(flow: Flow, *, with_runs: bool = True) -> FlowPage:
    """Gather what the head of every page of a flow says, and its runs."""
    counts = open_counts()
    needs_you = counts.get((flow.pk, RunRecord.State.NEEDS_YOU), 0)
    waiting = counts.get((flow.pk, RunRecord.State.WAITING), 0)
    runs = lines_of(runs_of(flow=flow)[:RUNS]) if with_runs else []
    reading = reading_run(flow)
    return FlowPage(
        flow=flow,
        mark=mark_of_flow(
            flow,
            has_run=bool(runs) or Run.objects.filter(flow=flow).exists(),
            reading=_reading_mark(reading),
            needs_you=needs_you,
            waiting=waiting,
        ),
        needs_you=needs_you,
        waiting=waiting,
        table_count=ValueTable.objects.filter(flow=flow).count(),
        runs=runs,
        paired=Binding.objects.filter(
            from_connection=flow.source, to_connection=flow.target, kind__in=kind_of(flow).resources
        ).count(),
        is_reading=reading is not None,
    )


def _reading_mark(run: Run | None) -> Mark | None:
    return mark_of_run(run, Sums()) if run is not None else None


@dataclass(frozen=True, slots=True)
class MissingPair:
    """A value without a counterpart, and how many records wait for one."""

    key: str
    label: str
    count: int
    id: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A value table as it is shown."""

    table: ValueTable
    title: str
    rows: list[ValueRow]
    missing: list[MissingPair]
    known: list[ValueRow]


def tables_of(flow: Flow) -> list[TableView]:
    """Return the flow's value tables, those with something missing first."""
    held = RunRecord.objects.filter(flow=flow, state=RunRecord.State.NEEDS_YOU, code__in=NO_PAIR)
    groups = groups_of(held.select_related("flow__source", "flow__target").defer("source", "exchange"))
    views = [
        TableView(
            table=table,
            title=table_title(flow.kind, table.name),
            rows=sorted(table.rows.all(), key=lambda row: (row.key_label or row.key).casefold()),
            missing=[
                MissingPair(group.params.get("key", ""), group.params.get("value", ""), group.count, group.key)
                for group in groups
                if group.params.get("table") == table.name
            ],
            known=known_values(table),
        )
        for table in ValueTable.objects.filter(flow=flow).prefetch_related("rows")
    ]
    return sorted(views, key=lambda view: (not view.missing, view.title))
