"""Runs as the pages list them: result, equation, how long, and the row of the last runs of a flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from dashboard.marks import READING, Mark, Sums, is_working, mark_of_run, sums_of
from flows.models import Flow, Run, Tally
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
    def seconds(self) -> timedelta | None:
        if self.run.started_at is None:
            return None
        return (self.run.finished_at or timezone.now()) - self.run.started_at

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
    rows = Run.objects.filter(**filters).order_by("-created_at").select_related("flow__source", "flow__target", "job")
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


def reading_run(flow: Flow) -> Run | None:
    """Return the run that is reading now: until it has read all, another one cannot start."""
    return Run.objects.filter(flow=flow, phase__in=READING, state__in=[Run.State.WAITING, Run.State.RUNNING]).first()
