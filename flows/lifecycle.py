"""Renaming a flow, and taking one away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import FlowError
from connectors.models import Lane
from flows.models import Binding, Candidate, Flow, Job, MapVersion, Run, RunRecord, ValueTable
from flows.services import kind_of

LONGEST_NAME = 150


def rename(flow: Flow, name: str) -> None:
    """Give the flow another name. Raises ValueError for one that is empty or too long."""
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > LONGEST_NAME:
        raise ValueError(name)
    before, flow.name = flow.name, wanted
    with transaction.atomic():
        flow.save(update_fields=["name"])
        record_change("flow.renamed", subject=wanted, before={"name": before}, after={"name": wanted})


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with a flow, and the pairs that stay."""

    runs: int
    records: int
    needs_you: int
    maps: int
    tables: int
    pairs: int


def belongings_of(flow: Flow) -> Belongings:
    """Count what a flow has."""
    records = RunRecord.objects.filter(flow=flow)
    return Belongings(
        runs=Run.objects.filter(flow=flow).count(),
        records=records.count(),
        needs_you=records.filter(state=RunRecord.State.NEEDS_YOU).count(),
        maps=MapVersion.objects.filter(flow=flow).count(),
        tables=ValueTable.objects.filter(flow=flow).count(),
        pairs=pairs_of(flow),
    )


def pairs_of(flow: Flow) -> int:
    """Return how many records of the two systems are paired."""
    return Binding.objects.filter(
        from_connection=flow.source_id, to_connection=flow.target_id, kind__in=kind_of(flow).resources
    ).count()


def delete_flow(flow: Flow) -> None:
    """Take a flow away with its runs, log, maps and tables. Nothing changes in either system.

    The pairs stay, so that a new flow between the same two systems updates instead of making everything again; so do
    the notes of what may have been sent without an answer. Raises FlowError while a worker is at one of its runs.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update(of=("self",)).get(pk=flow.pk)
        _ensure_at_rest(flow)
        flow.pause()
        counted = belongings_of(flow)
        after = {"runs": counted.runs, "records": counted.records, "pairs kept": counted.pairs}
        record_change("flow.deleted", subject=flow.name, after={"kind": flow.kind, **after})
        Job.objects.filter(run__flow=flow).delete()
        Candidate.objects.filter(flow=flow).delete()
        RunRecord.objects.filter(flow=flow).delete()
        Run.objects.filter(flow=flow).update(map_version=None)
        Flow.objects.filter(pk=flow.pk).update(map_version=None)
        Flow.objects.filter(pk=flow.pk).delete()


def _ensure_at_rest(flow: Flow) -> None:
    """The lanes with a job of this flow stay locked until the transaction ends, so no worker begins meanwhile."""
    lanes = Lane.objects.select_for_update().filter(pk__in=Job.objects.filter(run__flow=flow).values("lane"))
    now = timezone.now()
    if any(lane.lease_until is not None and lane.lease_until >= now for lane in lanes):
        raise FlowError("flow.busy", flow=flow.title)
