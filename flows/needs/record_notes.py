"""Notes about a record for the team: written on one row of the log, read on every row of the same thing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count

from apicenter.audit import current_actor, record_change
from flows.models import RecordNote, RunRecord
from flows.needs.replays import record_name

LONGEST = 1000


def add_note(record: RunRecord, text: str) -> RecordNote:
    """Tell the team something about a record. Raises ValueError for an empty or much too long text."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ValueError("a note has 1 to 1000 characters")
    actor = current_actor()
    with transaction.atomic():
        record_change("record.noted", subject=record_name(record))
        who = str(actor.user) if actor.user and not actor.via else actor.via
        return RecordNote.objects.create(record=record, author=actor.user, who=who, text=text)


def notes_of(record: RunRecord) -> list[RecordNote]:
    """Return what was noted about this thing, in whichever run, oldest first."""
    rows = RecordNote.objects.filter(
        record__flow=record.flow_id, record__kind=record.kind, record__source_key=record.source_key
    )
    return list(rows.order_by("created_at", "pk"))


def count_notes(records: Sequence[RunRecord]) -> None:
    """Fill in how many notes there are about each of these records: one query."""
    flows, keys = {row.flow_id for row in records}, {row.source_key for row in records}
    rows = RecordNote.objects.filter(record__flow__in=flows, record__source_key__in=keys).order_by()
    names = ("record__flow_id", "record__kind", "record__source_key")
    counts = {tuple(found): number for *found, number in rows.values_list(*names).annotate(number=Count("pk"))}
    for row in records:
        row.note_count = counts.get((row.flow_id, row.kind, row.source_key), 0)
