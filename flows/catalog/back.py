"""What flows back share: they read everything the target once got from us, and leave the rest alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from connectors.base import ReadRecord, SourceRecord
from flows.catalog.base import with_resolved
from flows.engine import pairs

if TYPE_CHECKING:
    from flows.engine.work import Work

NOT_OURS = "skip.not_ours"


def with_counterparts(
    work: Work,
    records: Sequence[ReadRecord],
    finish: Callable[[SourceRecord], SourceRecord] = lambda record: record,
    *,
    find_more: Callable[[Sequence[SourceRecord]], dict[str, str]] = lambda records: {},
) -> list[ReadRecord]:
    """Name on each record what it was made from (`resolved.counterpart`, "" for one that is not ours); ours are read
    in full, and `finish` adds what the kind needs. One query, and HTTP for ours only. `find_more` gets the others."""
    usable = [record for record in records if isinstance(record, SourceRecord)]
    ours = pairs.counterparts(work, work.kind.partners, [record.key for record in usable])
    ours |= find_more([record for record in usable if record.key not in ours])
    known = [record for record in usable if record.key in ours]
    full = {record.key: record for record in work.source.complete(known)} if known else {}

    def prepared(record: ReadRecord) -> ReadRecord:
        record = full.get(record.key, record)
        if not isinstance(record, SourceRecord):
            return record
        named = with_resolved(record, counterpart=ours.get(record.key, ""))
        return finish(named) if record.key in ours else named

    return [prepared(record) for record in records]


def counterpart_of(record: SourceRecord) -> str | None:
    """Return what the record was made from, "" if it is not ours, None if nobody has looked yet."""
    resolved = record.raw.get("resolved")
    return None if resolved is None else str(resolved.get("counterpart", ""))
