"""Pairs whose record no longer exists in the target: the link is forgotten once a person has decided what follows."""

from __future__ import annotations

from collections.abc import Iterable

from apicenter.audit import record_change
from flows.engine.bulk import insert_each
from flows.models import Binding, LeftOut, RunRecord

GONE = "drift.target_gone"


def unlink_gone(records: Iterable[RunRecord]) -> int:
    """Forget the links of records held because their counterpart is gone; sent again, they count as new.

    Returns how many. In a transaction.
    """
    rows = [record for record in records if record.code == GONE]
    for row in rows:
        flow = row.flow
        pair = Binding.objects.filter(
            from_connection=flow.source_id, to_connection=flow.target_id, kind=row.kind, source_key=row.source_key
        )
        before = {"target": pair.values_list("target_id", flat=True).first() or ""}
        pair.delete()
        name = f"{flow.name}, {row.natural_key or row.source_key}"
        record_change("record.link_forgotten", subject=name, before=before)
    return len(rows)


def leave_alone(records: Iterable[RunRecord]) -> None:
    """Have comparisons pass over these records until they change in the source. In a transaction."""
    rows = [LeftOut(flow=row.flow, source_key=row.source_key, changed_at=row.modified_at) for row in records]
    insert_each(rows, unique=("flow", "source_key"), updates=("changed_at", "seen_at"))
