"""Runs as the pages list them: result, equation, how long, and the row of the last runs of a flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from dashboard.marks import READING, Mark, Sums, is_working, mark_of_run, sums_of
from flows.models import Run, Tally
from flows.running.run_progress import Progress, progress_of
from flows.running.stopping import may_leave_rest
from flows.services import equation

BEATS = 48
BEAT_STEP = 5  # drawing units per beat


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list."""

    run: Run
    sums: Sums
    by_kind: list[Tally]
    mark: Mark
    is_working: bool

    @property
    def is_reading(self) -> bool:
        return self.run.state in (Run.State.WAITING, Run.State.RUNNING) and self.run.phase in READING

    @property
    def done(self) -> int:
        """How many of the records read so far are through; the others wait for their turn."""
        return self.sums.read - self.sums.waiting

    @property
    def seconds(self) -> timedelta | None:
        if self.run.started_at is None:
            return None
        return (self.run.finished_at or timezone.now()) - self.run.started_at

    @property
    def progress(self) -> Progress:
        own = next((tally for tally in self.by_kind if tally.kind == self.run.flow.kind), None)
        return progress_of(self.run, own, now=timezone.now())

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still and may go on."""
        return self.run.state == Run.State.STOPPED and self.run.phase != Run.Phase.END

    @property
    def may_leave_rest(self) -> bool:
        return may_leave_rest(self.run)

    @property
    def why(self) -> str:
        """Who or what started it."""
        return str(self.run.started_by) if self.run.started_by else str(Run.Trigger(self.run.trigger).label)

    @property
    def calls(self) -> int:
        return self.run.calls_source + self.run.calls_target


@dataclass(frozen=True, slots=True)
class Beat:
    """One bar in the row of the last runs."""

    x: float
    css: str


def runs_of(**filters: Any) -> QuerySet[Run]:
    """Return runs of the organization in context, newest first, with what a line needs."""
    rows = (
        Run.objects.filter(**filters)
        .order_by("-created_at")
        .select_related("flow__source", "flow__target", "job", "started_by")
    )
    return rows.prefetch_related("tallies")


def line_of(run: Run) -> RunLine:
    tallies = equation(run)
    sums = sums_of(tallies)
    return RunLine(run, sums, tallies, mark_of_run(run, sums), is_working(run))


def lines_of(runs: QuerySet[Run]) -> list[RunLine]:
    return [line_of(run) for run in runs]


def beats_of(lines: list[RunLine]) -> list[Beat]:
    """Return one bar per run, oldest first, padded at the left with empty ones."""
    colours = {"bad": "b", "warn": "w", "run": "r"}
    shown = [colours.get(line.mark.kind, "") for line in reversed(lines[:BEATS])]
    padded = ["n"] * (BEATS - len(shown)) + shown
    return [Beat(round(index * BEAT_STEP + 0.6, 1), css) for index, css in enumerate(padded)]
