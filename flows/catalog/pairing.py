"""Finding records of the target by their natural key: from the index of the first run, later one look-up each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from connectors.base import Existing, SourceRecord
from flows.catalog.base import Resolved
from flows.models import Candidate

if TYPE_CHECKING:
    from flows.engine.work import Work

LOOK_UPS_AT_ONCE = 48  # about what a slice writes


def find_by_key(work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
    """Return each record with what stands in the target under its natural key."""
    if work.flow.adopted_at is None and not work.is_dry:  # before the first run there is no index to look in
        return _from_index(work, records)
    unknown = iter(_look_up(work, kind, [record for record in records if record.key not in work.paired]))
    return [_as_paired(record, work) if record.key in work.paired else next(unknown) for record in records]


def _look_up(work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
    """Look up as many as one step may; the others are stored first, so that a tight limit loses no progress."""
    target = work.target(kind)
    now, later = (records, []) if work.is_dry else (records[:LOOK_UPS_AT_ONCE], records[LOOK_UPS_AT_ONCE:])
    hits = work.target_side.api.overlap(lambda record: target.find(target.natural_key, record.natural_key), now)
    found = [Resolved(record, tuple(existing)) for record, existing in zip(now, hits, strict=True)]
    at, params = timezone.now(), {"system": work.system}
    return found + [Resolved(record, code="lookup.waiting", params=params, retry_at=at) for record in later]


def _from_index(work: Work, records: Sequence[SourceRecord]) -> list[Resolved]:
    keys = {record.natural_key.casefold() for record in records}
    found: dict[str, list[Existing]] = {}
    for row in Candidate.objects.filter(flow=work.flow, natural_key__in=keys):
        found.setdefault(row.natural_key, []).append(Existing(row.target_id, row.natural_key, row.label))
    return [Resolved(record, tuple(found.get(record.natural_key.casefold(), ()))) for record in records]


def _as_paired(record: SourceRecord, work: Work) -> Resolved:
    """Take over what was found when the record was read: under a tight limit it waits here many times."""
    target_id = work.paired[record.key]
    return Resolved(record, (Existing(target_id, record.natural_key),) if target_id else ())
