"""What people, commands and the clock do with flows as a whole: start, pause, go on."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apicenter.audit import current_actor, record_change
from apicenter.errors import SettingMissing
from apicenter.notifications.watch import mark_changed
from apicenter.tenancy import organization_context, platform_context
from connectors.models import Connection
from flows.catalog.base import FlowKind
from flows.catalog.registry import flow_kind
from flows.models import Flow, Job, Run, Tally
from flows.plans.charging import require_paid
from flows.running.queue import Queue, enqueue
from flows.running.schedule import ScheduleError, next_run
from flows.running.stopping import reading_run, take_up_stopped
from flows.running.wake import ring_on_commit

logger = logging.getLogger(__name__)
BUSY_REST = timedelta(minutes=1)  # a turn that comes while a run still reads is made up for as soon after it
BY_THE_CLOCK = (Run.Trigger.SCHEDULE, Run.Trigger.COMMAND, Run.Trigger.WEBHOOK)


def start_run(
    flow: Flow,
    trigger: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    expected: int | None = None,
    is_interactive: bool = False,
) -> Run:
    """Queue a pass of the flow. One that is reading already is returned instead: two clicks make one run.

    Without `since` it reads what changed since the last one, a little overlapped, and a run that was stopped is
    finished first. `expected` is what a count has found, to show progress by. Raises SettingMissing for a flow that is
    not active, or that neither the free days nor the plan let run.
    """
    with transaction.atomic():
        locked = Flow.objects.select_for_update(of=("self",)).select_related("source", "target", "map_version")
        flow = locked.get(pk=flow.pk)
        require_paid(flow)
        if flow.state != Flow.State.ACTIVE:
            raise SettingMissing("flow.inactive", flow=flow.title)
        running = reading_run(flow)
        if running is None and since is None and until is None and limit is None:
            running = take_up_stopped(flow)
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
            expected=expected,
            started_by=current_actor().user if trigger not in BY_THE_CLOCK else None,
            map_version=flow.map_version,
        )
        enqueue(run, priority=Job.INTERACTIVE if is_interactive else Job.BULK)
        ring_on_commit(Queue.INTERACTIVE if is_interactive else Queue.BULK)
    return run


def window_start(flow: Flow) -> datetime | None:
    """Return from when on changes are read: the cursor minus the lag, or the flow's start date."""
    if flow.cursor is None:
        return flow.start_from
    begin = flow.cursor - timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS)
    return max(begin, flow.start_from) if flow.start_from else begin


def pause(flow: Flow) -> None:
    """A person stops the flow; what waits goes on when it is resumed."""
    with transaction.atomic():
        flow.pause()
        record_change("flow.paused", subject=flow.name)


def resume(flow: Flow) -> None:
    """Let a paused flow go on where it stopped; everything that waited is taken up at once.

    Raises SettingMissing when the free days are over and no plan covers it.
    """
    require_paid(flow)
    flow.state, flow.pause_code, flow.pause_params, flow.internal_errors = Flow.State.ACTIVE, "", {}, 0
    flow.errors_from = timezone.now()
    with transaction.atomic():
        flow.save(update_fields=["state", "pause_code", "pause_params", "internal_errors", "errors_from"])
        record_change("flow.resumed", subject=flow.name)
        mark_changed(flow.organization_id)
        Job.objects.filter(run__flow=flow).update(next_at=timezone.now())
        if reading_run(flow) is None:
            take_up_stopped(flow)
        ring_on_commit(Queue.BULK)


def wake_connection(connection: Connection) -> None:
    """A connection works again: what waited for it goes on."""
    Job.objects.filter(run__flow__source=connection).update(next_at=timezone.now())
    Job.objects.filter(run__flow__target=connection).update(next_at=timezone.now())
    ring_on_commit(Queue.BULK)


def start_due_flows() -> int:
    """Queue every flow of every organization whose time has come. Returns how many."""
    now = timezone.now()
    with platform_context():
        due = list(Flow.unscoped.filter(state=Flow.State.ACTIVE, next_run_at__lte=now).select_related("organization"))
    return sum(_start_due(flow, now) for flow in due)


def _start_due(flow: Flow, now: datetime) -> bool:
    """Claim the turn of one flow and start it, unless it is busy: then its turn comes a little later."""
    following = _following(flow, now)
    with organization_context(flow.organization_id), suppress(SettingMissing):  # paused in between
        is_busy = reading_run(flow) is not None
        later = min(following, now + BUSY_REST) if is_busy and following else following
        claimed = Flow.objects.filter(pk=flow.pk, next_run_at=flow.next_run_at).update(next_run_at=later)
        if claimed and not is_busy and following is not None:
            start_run(flow, Run.Trigger.SCHEDULE)
            return True
    return False


def _following(flow: Flow, now: datetime) -> datetime | None:
    try:
        return next_run(flow, after=now)
    except ScheduleError as error:
        logger.warning("the schedule of flow %s cannot be used: %s", flow.pk, error)
        return None


def equation(run: Run) -> list[Tally]:
    """Return the accounting of a run, one row per kind of record, the flow's own first."""
    return sorted(run.tallies.all(), key=lambda tally: (tally.kind != run.flow.kind, tally.kind))


def kind_of(flow: Flow) -> FlowKind:
    return flow_kind(flow.kind)
