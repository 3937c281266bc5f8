"""What the pages of one flow show."""

from __future__ import annotations

from dataclasses import dataclass

from apicenter.errors import MappingError
from dashboard.flow.flow_checks import CheckLine, line_of_check
from dashboard.flow.flow_verdict import verdict_of
from dashboard.flow.instant_lines import InstantLine, line_of_flow
from dashboard.flow.run_list import RunFilter, RunPage, page_of_runs
from dashboard.flow.runs import RunLine, lines_of, runs_of
from dashboard.flow.schedule_form import schedule_words
from dashboard.flow_settings.setting_words import settings_in_order
from dashboard.marks import OPEN_RUNS, Mark, Sums, mark_of_flow, mark_of_run
from dashboard.overview.page import open_counts
from flows.lifecycle import pairs_of
from flows.maps.conditions import Condition, describe, parse_condition
from flows.models import Candidate, Flow, Run, RunRecord, ValueTable
from flows.running.schedule import schedule_of
from flows.running.stopping import reading_run

RULES = 3


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One flow with how it does."""

    flow: Flow
    mark: Mark
    verdict: str
    needs_you: int
    waiting: int
    table_count: int
    rule_count: int  # of its filter
    run_page: RunPage | None
    at_work: list[RunLine]
    stopped: list[RunLine]
    paired: int
    indexed: int
    is_reading: bool

    @property
    def current(self) -> RunLine | None:
        """The run that is at work now."""
        return next((line for line in self.at_work if line.is_reading or line.is_working), None)

    @property
    def is_working(self) -> bool:
        return self.current is not None

    @property
    def can_run(self) -> bool:
        return self.flow.state == Flow.State.ACTIVE and not self.is_reading

    @property
    def filter_words(self) -> str:
        """Which records it sends, or "" for all."""
        return describe(condition) if (condition := readable_filter(self.flow)) and condition.rules else ""

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The settings that matter most: the first ones in the order of the settings page."""
        return settings_in_order(self.flow)[:RULES]

    @property
    def schedule(self) -> str:
        return schedule_words(schedule_of(self.flow))

    @property
    def check(self) -> CheckLine:
        """What the last comparison of both systems came to."""
        return line_of_check(self.flow)

    @property
    def instant(self) -> InstantLine:
        """Whether it reads at once what its source announces."""
        return line_of_flow(self.flow)


def build_flow_page(flow: Flow, *, with_runs: bool = True, wanted: RunFilter | None = None) -> FlowPage:
    """Gather what the head of every page of a flow says, and its runs."""
    counts = open_counts()
    needs_you = counts.get((flow.pk, RunRecord.State.NEEDS_YOU), 0)
    waiting = counts.get((flow.pk, RunRecord.State.WAITING), 0)
    reading = reading_run(flow)
    has_run = Run.objects.filter(flow=flow).exists()
    stopped = runs_of(flow=flow, state=Run.State.STOPPED).exclude(phase=Run.Phase.END)
    condition = readable_filter(flow)
    return FlowPage(
        flow=flow,
        mark=mark_of_flow(flow, has_run=has_run, reading=_reading_mark(reading), needs_you=needs_you, waiting=waiting),
        verdict=verdict_of(flow, has_run=has_run, is_reading=reading is not None, needs_you=needs_you, waiting=waiting),
        needs_you=needs_you,
        waiting=waiting,
        table_count=ValueTable.objects.filter(flow=flow).count(),
        rule_count=condition.rule_count if condition else 0,
        run_page=page_of_runs(flow, wanted or RunFilter()) if with_runs else None,
        at_work=lines_of(runs_of(flow=flow, state__in=OPEN_RUNS)) if with_runs else [],
        stopped=lines_of(stopped) if with_runs else [],
        paired=pairs_of(flow),
        indexed=Candidate.objects.filter(flow=flow).count() if reading and reading.phase == Run.Phase.INDEX else 0,
        is_reading=reading is not None,
    )


def readable_filter(flow: Flow) -> Condition | None:
    """Return the flow's filter, None if there is none or it cannot be read."""
    try:
        return parse_condition(flow.filters)
    except MappingError:
        return None


def _reading_mark(run: Run | None) -> Mark | None:
    return mark_of_run(run, Sums()) if run is not None else None
