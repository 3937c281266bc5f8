"""Flows that add to records another flow makes: when one was made, theirs is read; their first run comes second."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from flows.catalog.registry import FLOW_KINDS, flow_kind
from flows.models import Flow, Run
from flows.running.stopping import OPEN
from flows.triggers.hints import note_keys

FIRST_RUN_WAIT = timedelta(hours=12)  # longer than that the first one is not worth waiting for


def tell(leader: Flow, kind: str, keys: Iterable[str]) -> None:
    """Have the flows that follow this kind between the same two systems read these records. In a transaction."""
    made = set(keys)
    kinds = [one.key for one in FLOW_KINDS.values() if one.follows == kind]
    if not made or not kinds:
        return
    same_pair = Flow.objects.filter(source=leader.source_id, target=leader.target_id, state=Flow.State.ACTIVE)
    for flow in same_pair.filter(kind__in=kinds).exclude(adopted_at=None):
        note_keys(flow, made)


def leader_at_work(run: Run) -> Flow | None:
    """Return the flow whose first run this one's first run has to wait for, or None."""
    flow = run.flow
    followed = flow_kind(flow.kind).follows
    if not followed or flow.adopted_at is not None or run.created_at < timezone.now() - FIRST_RUN_WAIT:
        return None
    leader = Flow.objects.filter(source=flow.source_id, target=flow.target_id, kind=followed, state=Flow.State.ACTIVE)
    found = leader.first()
    if found is None:
        return None
    has_run = Run.objects.filter(flow=found).exists()
    is_busy = Run.objects.filter(flow=found, state__in=OPEN, since=None).exclude(phase=Run.Phase.KEYS).exists()
    return found if is_busy or (found.adopted_at is None and has_run) else None
