"""What people, commands and the clock do with flows as a whole: start, pause, go on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apicenter.errors import SettingMissing
from connectors.models import Connection
from flows.catalog.base import FlowKind
from flows.catalog.registry import flow_kind
from flows.models import Flow, Job, Run, Tally
from flows.queue import Queue, enqueue
from flows.wake import ring_on_commit

READING = (Run.Phase.INDEX, Run.Phase.READ)


def start_run(
    flow: Flow,
    trigger: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    is_interactive: bool = False,
) -> Run:
    """Queue a pass of the flow. One that is reading already is returned instead: two clicks make one run.

    Without `since` it reads what changed since the last one, a little overlapped. Raises SettingMissing for a flow
    that is not active.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update(of=("self",)).select_related("target", "map_version").get(pk=flow.pk)
        if flow.state != Flow.State.ACTIVE:
            raise SettingMissing("flow.inactive", flow=flow.name)
        running = Run.objects.filter(
            flow=flow, phase__in=READING, state__in=[Run.State.WAITING, Run.State.RUNNING]
        ).first()
        if running is not None:
            return running
        needs_index = flow_kind(flow.kind).indexes_target and flow.adopted_at is None
        run = Run.objects.create(
            flow=flow,
            trigger=trigger,
            phase=Run.Phase.INDEX if needs_index else Run.Phase.READ,
            since=since or window_start(flow),
            until=until,
            limit=limit,
            map_version=flow.map_version,
        )
        enqueue(run, priority=Job.INTERACTIVE if is_interactive else Job.BULK)
        ring_on_commit(Queue.INTERACTIVE if is_interactive else Queue.BULK)
    return run


def window_start(flow: Flow) -> datetime | None:
    """Return from when on changes are read: the cursor minus the lag, or the flow's start date."""
    if flow.cursor is None:
        return flow.start_from
    return flow.cursor - timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS)


def resume(flow: Flow) -> None:
    """Let a paused flow go on where it stopped; everything that waited is taken up at once."""
    flow.state, flow.pause_code, flow.pause_params, flow.internal_errors = Flow.State.ACTIVE, "", {}, 0
    with transaction.atomic():
        flow.save(update_fields=["state", "pause_code", "pause_params", "internal_errors"])
        Job.objects.filter(run__flow=flow).update(next_at=timezone.now())
        ring_on_commit(Queue.BULK)


def wake_connection(connection: Connection) -> None:
    """A connection works again: what waited for it goes on."""
    Job.objects.filter(run__flow__source=connection).update(next_at=timezone.now())
    Job.objects.filter(run__flow__target=connection).update(next_at=timezone.now())
    ring_on_commit(Queue.BULK)


def start_due_flows() -> int:
    """Queue every flow of every organization whose time has come. Returns how many."""
    from apicenter.tenancy import organization_context

    now = timezone.now()
    started = 0
    due = Flow.unscoped.filter(state=Flow.State.ACTIVE, every_minutes__isnull=False, next_run_at__lte=now)
    for flow in due.select_related("organization"):
        following = now + timedelta(minutes=flow.every_minutes or 0)
        claimed = Flow.unscoped.filter(pk=flow.pk, next_run_at=flow.next_run_at).update(next_run_at=following)
        if claimed:
            with organization_context(flow.organization_id), suppress(SettingMissing):  # paused in between
                start_run(flow, Run.Trigger.SCHEDULE)
                started += 1
    return started


def equation(run: Run) -> list[Tally]:
    """Return the accounting of a run, one row per kind of record, the flow's own first."""
    return sorted(run.tallies.all(), key=lambda tally: (tally.kind != run.flow.kind, tally.kind))


def kind_of(flow: Flow) -> FlowKind:
    return flow_kind(flow.kind)
