"""Runs that read single records by their keys instead of a window of changes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.base import Omitted, Page, ReadRecord
from flows.catalog.registry import flow_kind
from flows.engine import intake
from flows.engine.bulk import insert_each
from flows.engine.plan import Action, Change, Planned
from flows.engine.work import Work
from flows.engine.writing import target_gone
from flows.models import Binding, Flow, KeyToRead, LeftOut, Run

AT_ONCE = 20  # keys: mostly a call each, so that an interruption loses no more than a few


@dataclass(frozen=True, slots=True)
class Portion:
    """Keys that are read together, as they stood when the reading began."""

    rows: tuple[KeyToRead, ...]

    @property
    def keys(self) -> list[str]:
        return [row.source_key for row in self.rows]

    def cross_off(self) -> None:
        """Take the keys off the list, except those that something pointed at again meanwhile."""
        by_times: dict[int, list[uuid.UUID]] = defaultdict(list)
        for row in self.rows:
            by_times[row.times].append(row.pk)
        for times, keys in by_times.items():
            KeyToRead.objects.filter(pk__in=keys, times=times).delete()


def keys_of(run: Run) -> QuerySet[KeyToRead]:
    """Return what a run has to read: its own list, or, told by the source, the hints of its flow."""
    if run.trigger == Run.Trigger.WEBHOOK:
        return KeyToRead.objects.filter(flow=run.flow_id, run=None).exclude(source_key="")
    return KeyToRead.objects.filter(run=run)


def next_portion(run: Run) -> Portion:
    """Return the keys to read next, oldest first."""
    return Portion(tuple(keys_of(run).order_by("created_at", "id")[:AT_ONCE]))


def read_portion(work: Work, portion: Portion) -> Sequence[Planned]:
    """Read records again and commit what is planned for them. Returns what is to be written."""
    assert work.run is not None
    records = work.source.reread(portion.keys)
    page = Page(tuple(records), position=work.run.position, seen_until=None)

    def note(planned: Sequence[Planned]) -> None:
        portion.cross_off()
        _note_gone(work, records)
        _note_left_out(work, portion, planned)

    return intake.take_page(work, page, decided=_decided(work, portion), also=note)


def _decided(work: Work, portion: Portion) -> dict[str, Change]:
    """Hold what is paired with a record that no longer exists in the target: to make it anew is a person's decision."""
    gone = [row.source_key for row in portion.rows if row.why == KeyToRead.Why.TARGET_GONE]
    held: dict[str, Change] = {}
    for pair in bindings_of(work.flow).filter(source_key__in=gone) if gone else ():
        code, params = target_gone(work.system, pair.number or pair.target_id)
        held[pair.source_key] = Change(
            Action.HOLD, pair.source_key, pair.number, target_id=pair.target_id, code=code, params=params
        )
    return held


def _note_gone(work: Work, records: Iterable[ReadRecord]) -> None:
    """Mark pairs whose record no longer exists in the source; nothing is deleted for that."""
    gone = [one.key for one in records if isinstance(one, Omitted) and one.code == "skip.deleted"]
    if gone:
        bindings_of(work.flow).filter(source_key__in=gone, source_gone_at=None).update(source_gone_at=timezone.now())


def _note_left_out(work: Work, portion: Portion, planned: Iterable[Planned]) -> None:
    """Remember what a comparison had read and the flow leaves out, so that the next one need not read it again."""
    sent = {one.change.key for one in planned if one.change.action is not Action.SKIP}
    rows = [
        LeftOut(flow=work.flow, source_key=row.source_key, changed_at=row.changed_at)
        for row in portion.rows
        if row.why in (KeyToRead.Why.MISSING, KeyToRead.Why.CHANGED) and row.source_key not in sent
    ]
    insert_each(rows, unique=("flow", "source_key"), updates=("changed_at", "seen_at"))


def bindings_of(flow: Flow) -> QuerySet[Binding]:
    """Return the pairs of the kinds of record that a flow reads."""
    kinds = flow_kind(flow.kind).read_kinds
    return Binding.objects.filter(from_connection=flow.source_id, to_connection=flow.target_id, kind__in=kinds)


def end_reading(work: Work) -> bool:
    """Close the reading when nothing is left to read. False when something came in the last moment.

    Whoever adds a key holds the flow's row as well, and so either is seen here or sees that this run reads no more.
    """
    run = work.run
    assert run is not None
    with transaction.atomic():
        work.guard()
        Flow.objects.select_for_update(of=("self",)).only("pk").get(pk=run.flow_id)
        if keys_of(run).exists():
            return False
        run.phase = Run.Phase.SETTLE
        run.save(update_fields=["phase"])
    return True
