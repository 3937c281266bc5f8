"""A pass of the engine over everything, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from connectors.base import Window
from flows.engine import intake
from flows.engine.writing import write
from flows.models import Flow, Intent, Run, RunRecord, Tally
from tests.flows.memory import Memory, make_run, work_on

State = RunRecord.State


def pass_over(flow: Flow, left: Memory, right: Memory, run: Run | None = None) -> Run:
    """Read every page and write what it asks for, as the runner does."""
    run = run or make_run(flow)
    position, is_first = None, True
    with work_on(flow, run, left, right) as work:
        while is_first or position is not None:
            page = work.source.page(engine_window(), position)
            planned = intake.take_page(work, page)
            position, is_first = page.position, False
            write(work, "products", planned)
    flow.adopted_at = timezone.now()
    flow.save(update_fields=["adopted_at"])
    return run


def engine_window() -> Window:
    return Window()


def go_on(flow: Flow, left: Memory, right: Memory, run: Run) -> None:
    """Take up everything of the run that waits, whatever the clock says."""
    RunRecord.objects.filter(run=run, state=State.WAITING).update(next_at=timezone.now())
    Intent.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    with work_on(flow, run, left, right) as work:
        intake.take_waiting(work, list(RunRecord.objects.filter(run=run, state=State.WAITING)))


def tally(run: Run) -> dict[str, int]:
    row = Tally.objects.get(run=run, kind="products")
    assert row.is_balanced, str(row)
    return {name: getattr(row, name) for name in ("read", *Tally.BUCKETS) if getattr(row, name)}


def record(run: Run, sku: str) -> RunRecord:
    return RunRecord.objects.get(run=run, natural_key=sku)
