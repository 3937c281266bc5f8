"""Watching runs from a terminal: a live table while they work, the accounting equation when they are through."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.live import Live
from rich.table import Table

from flows.models import Job, Run, Tally
from flows.running.dispatcher import AlreadyRunning, Dispatcher
from flows.services import equation

LOOK_SECONDS = 0.25
WIDTH = 110
COLUMNS = ("read", *Tally.BUCKETS)


def dispatcher_if_needed() -> AbstractContextManager[object]:
    """Return a dispatcher of our own, or nothing while a running server does the work."""
    own = Dispatcher()
    try:
        own.take_over()
    except AlreadyRunning:
        return nullcontext()
    return own


def console_for(stream: Any) -> Console:
    """Return a console that is wide enough for the table also where no terminal says how wide it is."""
    console = Console(file=stream)
    return console if console.is_terminal else Console(file=stream, width=WIDTH)


def follow(runs: Sequence[Run], console: Console, *, patience: timedelta) -> None:
    """Show runs until each has ended or rests longer than `patience`; the caller has a dispatcher going."""
    if not runs:
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            fresh = [Run.objects.select_related("flow").get(pk=run.pk) for run in runs]
            live.update(table_of(fresh))
            if all(_is_through(run, patience) for run in fresh):
                return
            time.sleep(LOOK_SECONDS)


def _is_through(run: Run, patience: timedelta) -> bool:
    if run.state in {Run.State.DONE, Run.State.STOPPED}:
        return True
    job = Job.objects.filter(run=run).first()
    return job is not None and job.next_at > timezone.now() + patience


def table_of(runs: Sequence[Run], *, title: str = "") -> Table:
    """Return the reconciliation table: a row per run and kind of record."""
    table = Table(title=title or None)
    for heading in (_("Flow"), _("Records"), _("Read"), _("Created"), _("Updated"), _("Unchanged"), _("Skipped")):
        table.add_column(heading, justify="left" if heading in {_("Flow"), _("Records")} else "right")
    for heading in (_("Waiting"), _("Needs you"), _("Calls")):
        table.add_column(heading, justify="right")
    table.add_column("")
    for run in runs:
        _add_rows(table, run)
    return table


def _add_rows(table: Table, run: Run) -> None:
    tallies = equation(run) or [Tally(organization_id=run.organization_id, run=run, kind=run.flow.kind)]
    for index, tally in enumerate(tallies):
        calls = f"{run.calls_source}+{run.calls_target}" if index == 0 else ""
        verdict = "=" if tally.is_balanced else "≠"
        numbers = [str(getattr(tally, name)) for name in COLUMNS]
        table.add_row(run.flow.name if index == 0 else "", tally.kind, *numbers, calls, verdict)
    if run.state != Run.State.DONE:
        table.caption = f"{run.flow.name}: {run.problem or run.get_phase_display()}"


def is_accounted_for(runs: Sequence[Run]) -> bool:
    """Whether read = created + updated + unchanged + skipped + waiting + needs you, in every row."""
    return all(tally.is_balanced for run in runs for tally in equation(run))
