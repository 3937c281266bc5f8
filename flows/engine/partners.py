"""Flows that go the other way and tell about the records of one: how far an order has come, that an invoice is paid."""

from __future__ import annotations

from collections.abc import Iterable

from flows.catalog.registry import FLOW_KINDS
from flows.models import Flow
from flows.triggers.hints import note_keys


def tell_partners(flow: Flow, kind: str, target_ids: Iterable[str]) -> None:
    """Have records that were just made in the target read by the flows that tell about them, if those react at once."""
    keys = [key for key in target_ids if key]
    telling = [one.key for one in FLOW_KINDS.values() if kind in one.partners]
    if not keys or not telling:
        return
    partners = Flow.objects.filter(
        kind__in=telling, source=flow.target_id, target=flow.source_id, state=Flow.State.ACTIVE, reacts_at_once=True
    )
    for partner in partners:
        note_keys(partner, keys)
