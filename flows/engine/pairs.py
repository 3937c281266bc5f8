"""What is known of records that belong together: which were sent as what, and under which name. ORM only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.base import ReadRecord
from connectors.choice import Known
from flows.engine.bulk import insert_each, update_each
from flows.engine.plan import Bound, Change
from flows.models import Binding, Flow, RunRecord

if TYPE_CHECKING:
    from flows.engine.work import Work

LONGEST_LABEL = 200
LONGEST_NAME = 120  # of a number or the path of a field


def bound_records(work: Work, kind: str, keys: Iterable[str]) -> dict[str, Bound]:
    """Return the bindings of these source keys: one query per page."""
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, source_key__in=keys
    )
    return {row.source_key: Bound(row.target_id, row.fingerprint, row.hashes, row.number) for row in rows}


def folded(natural_key: str) -> str:
    """Return a natural key as two are compared and as it is kept: case-folding can make a text longer."""
    return natural_key[:LONGEST_LABEL].casefold()[:LONGEST_LABEL]


def taken_natural_keys(work: Work, kind: str, natural_keys: Iterable[str]) -> dict[str, str]:
    """Return natural key (as `folded` gives it) -> source key of records that are bound under it already."""
    names = {folded(key) for key in natural_keys if key}
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, natural_key__in=names
    )
    return dict(rows.values_list("natural_key", "source_key"))


def known_names(flow: Flow, natural_keys: Iterable[str]) -> dict[str, Known]:
    """Return, by natural key (case-folded), the records of the flow's own kind that were sent or wait to be."""
    names = {key for key in natural_keys if key}
    open_rows = RunRecord.objects.filter(flow=flow, kind=flow.kind, state__in=RunRecord.OPEN)
    waiting = open_rows.filter(natural_key__in=names).values_list("natural_key", "source_key")
    found = {name.casefold(): Known(key, is_sent=False) for name, key in waiting}
    sent = Binding.objects.filter(
        from_connection=flow.source_id,
        to_connection=flow.target_id,
        kind=flow.kind,
        natural_key__in={folded(name) for name in names},
    )
    return found | {name: Known(key, is_sent=True) for name, key in sent.values_list("natural_key", "source_key")}


def taken_targets(work: Work, kind: str, target_ids: Iterable[str]) -> set[str]:
    """Return which of these target records are bound to some source record already."""
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, target_id__in=set(target_ids)
    )
    return set(rows.values_list("target_id", flat=True))


def source_of_target(work: Work, kind: str, target_ids: Iterable[str]) -> dict[str, str]:
    """Return target id -> natural key for pairs made by the flow that goes the other way between the same two."""
    rows = Binding.objects.filter(
        from_connection=work.flow.target_id, to_connection=work.flow.source_id, kind=kind, target_id__in=set(target_ids)
    )
    return dict(rows.values_list("target_id", "number"))


def counterparts(work: Work, kinds: Iterable[str], target_ids: Iterable[str]) -> dict[str, str]:
    """Return, for records of our source that flows of these kinds once made there, what they were made from."""
    rows = Binding.objects.filter(
        from_connection=work.flow.target_id,
        to_connection=work.flow.source_id,
        kind__in=tuple(kinds),
        target_id__in=set(target_ids),
    )
    return dict(rows.values_list("target_id", "source_key"))


def made_from(work: Work, kinds: Iterable[str], source_keys: Iterable[str]) -> dict[str, str]:
    """Return, for records that flows of these kinds sent to our source, what they were made: the other way round."""
    rows = Binding.objects.filter(
        from_connection=work.flow.target_id,
        to_connection=work.flow.source_id,
        kind__in=tuple(kinds),
        source_key__in=set(source_keys),
    )
    return dict(rows.values_list("source_key", "target_id"))


def first_sent_at(work: Work, kinds: Iterable[str]) -> datetime | None:
    """Return when flows of these kinds first sent a record to our source, None if they never did."""
    rows = Binding.objects.filter(
        from_connection=work.flow.target_id, to_connection=work.flow.source_id, kind__in=tuple(kinds)
    )
    return rows.order_by("created_at").values_list("created_at", flat=True).first()


def binding(
    work: Work,
    kind: str,
    change: Change,
    natural_key: str,
    target_id: str,
    number: str,
    now: datetime,
    modified_at: datetime | None,
) -> Binding:
    """Return the pair as it is to be saved: both of its records were seen a moment ago."""
    return Binding(
        modified_at=modified_at,
        organization_id=work.flow.organization_id,
        from_connection_id=work.flow.source_id,
        to_connection_id=work.flow.target_id,
        kind=kind,
        source_key=change.key,
        target_id=target_id,
        natural_key=folded(natural_key),
        number=(number or natural_key)[:LONGEST_NAME],
        fingerprint=change.fingerprint,
        hashes={**change.previous, **change.hashes},
        updated_at=now,
    )


def upsert(rows: Sequence[Binding]) -> None:
    """Insert bindings, or bring the ones that exist up to date."""
    insert_each(
        rows,
        unique=("from_connection", "to_connection", "kind", "source_key"),
        updates=(
            "target_id", "natural_key", "number", "fingerprint", "hashes", "modified_at", "source_gone_at",
            "target_gone_at", "updated_at",
        ),
    )  # fmt: skip


def note_versions(work: Work, kind: str, records: Iterable[ReadRecord]) -> None:
    """Note of paired records that need no write which version was read. In a transaction."""
    versions = {record.key: record.modified_at for record in records if record.modified_at is not None}
    if not versions:
        return
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, source_key__in=versions
    )
    stale = [
        row
        for row in rows.only("organization", "source_key", "modified_at")
        if row.modified_at != versions[row.source_key]
    ]
    for row in stale:
        row.modified_at = versions[row.source_key]
    update_each(stale, ["modified_at"])
