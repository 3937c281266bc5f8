"""Stopping a run after the record it is at, and letting it go on.

A run that stops keeps its place: what it has read and not sent stays accounted for as waiting, and the cursor has not
passed what it has not read. The next pass of the flow begins by finishing it. A backfill that was stopped goes on only
when a person says so; until then any later run that reads one of its records takes the record over.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import FlowError, SettingMissing
from connectors.models import Lane
from flows.engine import store
from flows.engine.bulk import update_each
from flows.models import Flow, Intent, Job, Run, RunRecord
from flows.running.queue import Queue, enqueue
from flows.running.wake import ring_on_commit

READING = (Run.Phase.INDEX, Run.Phase.READ)
OPEN = (Run.State.WAITING, Run.State.RUNNING)
State = RunRecord.State


def reading_run(flow: Flow) -> Run | None:
    """Return the run that is reading now: until it has read all, another one cannot start."""
    return Run.objects.filter(flow=flow, phase__in=READING, state__in=OPEN).first()


def request_stop(run: Run) -> bool:
    """Ask a run to stop once the records under way are done. False when there is nothing to stop."""
    with transaction.atomic():
        asked = Run.objects.filter(pk=run.pk, state__in=OPEN).exclude(phase=Run.Phase.END).update(stop_requested=True)
        if not asked:
            return False
        record_change("run.stopped", subject=run.flow.name)
        job = Job.objects.filter(run=run).first()
        if job is None or _is_nobody_at_work(job.lane_id):
            run.refresh_from_db()
            come_to_rest(run)
            Job.objects.filter(run=run).delete()
        else:
            Job.objects.filter(run=run).update(next_at=timezone.now())
            ring_on_commit(Queue.INTERACTIVE)
    return True


def _is_nobody_at_work(lane_id: int) -> bool:
    """Whether the lane is free; it stays so until the present transaction ends."""
    lane = Lane.objects.select_for_update().get(pk=lane_id)
    return lane.lease_until is None or lane.lease_until < timezone.now()


def is_stop_requested(run: Run) -> bool:
    """Whether somebody asked for it since the run was loaded."""
    return Run.objects.filter(pk=run.pk, stop_requested=True).exists()


def come_to_rest(run: Run, code: str = "", **params: str) -> None:
    """Note that the run stands still, and why; the caller takes its job away in the same transaction or after it."""
    run.state, run.stop_requested, run.finished_at = Run.State.STOPPED, False, timezone.now()
    run.problem_code, run.problem_params = code, params
    run.save(update_fields=["state", "stop_requested", "finished_at", "problem_code", "problem_params"])


def go_on(run: Run) -> bool:
    """Let a stopped run go on where it stopped, with the present maps. False when it does not stand still.

    Raises SettingMissing for a flow that is not active, FlowError while another run reads.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update(of=("self",)).get(pk=run.flow_id)
        if flow.state != Flow.State.ACTIVE:
            raise SettingMissing("flow.inactive", flow=flow.title)
        if run.phase in READING and reading_run(flow) is not None:
            raise FlowError("flow.busy", flow=flow.title)
        taken = _take_up(run, flow)
        if taken:
            record_change("run.resumed", subject=flow.name)
    return taken


def take_up_stopped(flow: Flow) -> Run | None:
    """Let the stopped runs of a flow go on, except for backfills. Returns the one that reads, if any.

    The caller holds the flow's row in a transaction and knows that nothing reads.
    """
    stopped = Run.objects.filter(flow=flow, state=Run.State.STOPPED, limit=None).exclude(phase=Run.Phase.END)
    reading: Run | None = None
    for run in stopped.exclude(trigger=Run.Trigger.BACKFILL).order_by("created_at"):
        if run.phase not in READING:
            _take_up(run, flow)
        elif reading is None and _take_up(run, flow):
            reading = run
    return reading


def _take_up(run: Run, flow: Flow) -> bool:
    state = Run.State.RUNNING if run.started_at else Run.State.WAITING
    taken = (
        Run.objects.filter(pk=run.pk, state=Run.State.STOPPED)
        .exclude(phase=Run.Phase.END)
        .update(
            state=state,
            stop_requested=False,
            finished_at=None,
            map_version=flow.map_version,
            problem_code="",
            problem_params={},
            turn_start=_read_so_far(run),
        )
    )
    if not taken:
        return False
    run.refresh_from_db()
    enqueue(run, priority=Job.INTERACTIVE)
    ring_on_commit(Queue.INTERACTIVE)
    return True


def _read_so_far(run: Run) -> int:
    tally = run.tallies.filter(kind=run.flow.kind).first()
    return tally.read if tally else 0


def may_leave_rest(run: Run) -> bool:
    """Whether what a stopped run still holds may be left out: it then counts on no later run to read it."""
    is_extra = run.is_backfill or run.limit is not None
    return run.state == Run.State.STOPPED and run.phase != Run.Phase.END and is_extra


def leave_rest(run: Run) -> int:
    """Close a stopped backfill: what it has not sent is left out, with that reason. Returns how many records.

    One that may have been sent already is looked up first, as always; only then the run ends.
    """
    with transaction.atomic():
        claimed = Run.objects.select_for_update().filter(pk=run.pk, state=Run.State.STOPPED).first()
        if claimed is None or not may_leave_rest(claimed):
            return 0
        rows = _unsent(claimed)
        before = [row.state for row in rows]
        now = timezone.now()
        for row in rows:
            row.state, row.code, row.params, row.next_at, row.finished_at = State.SKIPPED, "skip.stopped", {}, None, now
        update_each(rows, ["state", "code", "params", "next_at", "finished_at"])
        store.move(rows, before)
        record_change("run.closed", subject=run.flow.name)
        claimed.phase = Run.Phase.SETTLE
        if not RunRecord.objects.filter(run=claimed, state=State.WAITING).exists():
            claimed.phase = Run.Phase.END
        claimed.save(update_fields=["phase"])
        if claimed.phase == Run.Phase.SETTLE:
            _take_up(claimed, claimed.flow)
    return len(rows)


def _unsent(run: Run) -> list[RunRecord]:
    """Return the waiting records of a run that certainly never left."""
    waiting = RunRecord.objects.filter(run=run, state=State.WAITING).defer("source", "exchange")
    rows = list(waiting)
    doubtful = set(
        Intent.objects.filter(
            to_connection=run.flow.target_id, source_key__in=[row.source_key for row in rows]
        ).values_list("kind", "source_key")
    )
    return [row for row in rows if (row.kind, row.source_key) not in doubtful]
