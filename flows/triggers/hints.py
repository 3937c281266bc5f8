"""Hints of a source that a record has changed: kept as one row per record, and read again by a run of their own.

A delivery is answered at once and only leaves rows. The run fetches the records by their keys and takes them through
the same engine as any other; it moves no cursor, so whatever no hint came for is found by the next scheduled run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apicenter.errors import SettingMissing
from apicenter.tenancy import organization_context, platform_context
from connectors.events import Hint
from connectors.models import Connection
from connectors.webhook_addresses import receive
from flows.catalog.registry import flow_kind
from flows.models import Flow, Job, KeyToRead, Run
from flows.plans.charging import require_paid
from flows.running.queue import Queue, enqueue
from flows.running.stopping import OPEN, reading_run
from flows.running.wake import ring_on_commit
from flows.services import start_run

SETTLE = timedelta(seconds=2)  # a change often comes as several events: they make one read
MOST_WAITING = 5000  # hints of one flow; what comes beyond that, the schedule finds
LOOK_PAUSE = timedelta(seconds=30)  # between two reads of “what changed lately”
LONGEST_KEY = 120


def take_delivery(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Note what a delivery points at. False when there is no such address."""
    received = receive(secret, body, headers)
    if received is None:
        return False
    with organization_context(received.connection.organization_id):
        note_hints(received.connection, received.hints)
    return True


def note_hints(connection: Connection, hints: Iterable[Hint]) -> None:
    """Leave a row for each record that flows of this connection should read again, and queue the reading."""
    told = list(hints)
    if not told:
        return
    for flow in Flow.objects.filter(source=connection, state=Flow.State.ACTIVE, reacts_at_once=True):
        source_kind = flow_kind(flow.kind).source_kind
        keys = {hint.key for hint in told if hint.kind in ("", source_kind) and len(hint.key) <= LONGEST_KEY}
        if keys:
            note_keys(flow, keys)


def note_keys(flow: Flow, keys: Iterable[str]) -> None:
    """Leave a row for each of these records of a flow's source, and queue the reading."""
    with transaction.atomic():
        _lock(flow)
        waiting = KeyToRead.objects.filter(flow=flow, run=None)
        for key in sorted(keys):
            seen = waiting.filter(source_key=key).update(times=F("times") + 1)
            if not seen and waiting.count() < MOST_WAITING:
                KeyToRead.objects.create(flow=flow, source_key=key)
        Flow.objects.filter(pk=flow.pk).update(hinted_at=timezone.now())
        with suppress(SettingMissing):  # the free days are over: it reads when a plan is chosen
            start_hinted(flow)


def start_hinted(flow: Flow) -> Run | None:
    """Queue the reading of what hints point at, unless that is queued already. Raises SettingMissing.

    Before the first run has read everything nothing is known of what exists in the target, so hints wait for that.
    """
    with transaction.atomic():
        locked = _lock(flow)
        if locked.state != Flow.State.ACTIVE or locked.adopted_at is None:
            return None
        waiting = KeyToRead.objects.filter(flow=locked, run=None)
        started = _look_again(locked) if waiting.filter(source_key="").exists() else None
        if not waiting.exclude(source_key="").exists() or _is_queued(locked):
            return started
        require_paid(locked)
        run = Run.objects.create(
            flow=locked, trigger=Run.Trigger.WEBHOOK, phase=Run.Phase.KEYS, map_version=locked.map_version
        )
        enqueue(run, priority=Job.SOON, at=timezone.now() + SETTLE)
        ring_on_commit(Queue.BULK)
    return run


def _look_again(flow: Flow) -> Run | None:
    """Read what changed lately, because something did and nobody said what; not more often than makes sense."""
    latest = Run.objects.filter(flow=flow, trigger=Run.Trigger.WEBHOOK).order_by("-created_at").first()
    is_recent = latest is not None and latest.created_at > timezone.now() - LOOK_PAUSE
    if is_recent or reading_run(flow) is not None:
        return None  # the clock asks again
    KeyToRead.objects.filter(flow=flow, run=None, source_key="").delete()
    return start_run(flow, Run.Trigger.WEBHOOK)


def _is_queued(flow: Flow) -> bool:
    queued = Run.objects.filter(flow=flow, trigger=Run.Trigger.WEBHOOK, phase=Run.Phase.KEYS, state__in=OPEN)
    return queued.exists()


def _lock(flow: Flow) -> Flow:
    locked = Flow.objects.select_for_update(of=("self",)).select_related("source", "target__lane", "map_version")
    return locked.get(pk=flow.pk)


def start_all_hinted() -> int:
    """Queue what hints of any organization wait for: those that came while a flow could not read. Returns how many."""
    waiting = KeyToRead.unscoped.filter(run=None, flow__state=Flow.State.ACTIVE, flow__adopted_at__isnull=False)
    with platform_context():
        flows = list(Flow.unscoped.filter(pk__in=waiting.values("flow")))
    started = 0
    for flow in flows:
        with organization_context(flow.organization_id), suppress(SettingMissing):
            started += start_hinted(flow) is not None
    return started
