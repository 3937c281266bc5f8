"""What the engine keeps: bindings, intents, the records of a run and their tally. ORM only, main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from connectors.base import ReadRecord, SourceRecord
from flows.bulk import insert_each, update_each
from flows.models import Binding, Intent, Run, RunRecord, Tally
from flows.plan import Action, Bound, Change

if TYPE_CHECKING:
    from flows.work import Work

State = RunRecord.State
STATE_OF = {
    Action.CREATE: State.WAITING,
    Action.UPDATE: State.WAITING,
    Action.UNCHANGED: State.UNCHANGED,
    Action.SKIP: State.SKIPPED,
    Action.HOLD: State.NEEDS_YOU,
}
OPEN_FAILURE_DAYS = 30
LONGEST_LABEL = 200


@dataclass
class Outcome:
    """How one write ended, ready to be saved."""

    row: RunRecord
    change: Change
    state: str
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    field: str = ""
    target_id: str = ""
    number: str = ""
    exchange: Any = None
    next_at: datetime | None = None
    keeps_intent: bool = False
    counts_attempt: bool = True


def bound_records(work: Work, kind: str, keys: Iterable[str]) -> dict[str, Bound]:
    """Return the bindings of these source keys: one query per page."""
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, source_key__in=keys
    )
    return {row.source_key: Bound(row.target_id, row.fingerprint, row.hashes) for row in rows}


def taken_natural_keys(work: Work, kind: str, natural_keys: Iterable[str]) -> dict[str, str]:
    """Return natural key (case-folded) -> source key of records that are bound under it already."""
    folded = {key.casefold() for key in natural_keys if key}
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, natural_key__in=folded
    )
    return dict(rows.values_list("natural_key", "source_key"))


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


def keys_with_intent(work: Work, kind: str, keys: Iterable[str]) -> set[str]:
    """Return the keys that may have been sent already: they are looked up by our reference, not adopted by key."""
    rows = Intent.objects.filter(to_connection=work.flow.target_id, kind=kind, source_key__in=keys)
    return set(rows.values_list("source_key", flat=True))


def open_elsewhere(work: Work, kind: str, keys: Iterable[str]) -> dict[str, RunRecord]:
    """Return the open records of earlier runs of this flow, by source key."""
    assert work.run is not None
    rows = (
        RunRecord.objects.filter(flow=work.flow, kind=kind, source_key__in=keys, state__in=RunRecord.OPEN)
        .exclude(run=work.run)
        .defer("source", "exchange")
    )
    return {row.source_key: row for row in rows}


def seen_in_run(work: Work, kind: str, keys: Iterable[str]) -> dict[str, RunRecord]:
    """Return the rows this run has made already, by source key."""
    rows = RunRecord.objects.filter(run=work.run, kind=kind, source_key__in=keys).defer("source", "exchange")
    return {row.source_key: row for row in rows}


def count(run_id: Any, organization_id: Any, kind: str, delta: Mapping[str, int]) -> None:
    """Add to a tally; the caller holds the transaction that makes it true."""
    changes = {name: F(name) + by for name, by in delta.items() if by}
    if not changes:
        return
    updated = Tally.objects.filter(run_id=run_id, kind=kind).update(**changes)
    if not updated:
        Tally.objects.create(run_id=run_id, kind=kind, **{name: by for name, by in delta.items() if by})


def move(rows: Sequence[RunRecord], before: Sequence[str], run: Run | None = None) -> None:
    """Move records between buckets of their tallies; `before` holds their old states."""
    deltas: dict[tuple[Any, str], dict[str, int]] = {}
    for row, old in zip(rows, before, strict=True):
        if row.state == old:
            continue
        delta = deltas.setdefault((row.run_id, row.kind), {})
        delta[old] = delta.get(old, 0) - 1
        delta[row.state] = delta.get(row.state, 0) + 1
    for (run_id, kind), delta in deltas.items():
        count(run_id, rows[0].organization_id, kind, delta)


def expiry(work: Work, state: str) -> datetime:
    """Return when a log row is deleted: open ones are kept longer, as they are work."""
    days = work.flow.organization.log_days
    return timezone.now() + timedelta(days=max(days, OPEN_FAILURE_DAYS) if state in RunRecord.OPEN else days)


def new_row(work: Work, kind: str, record: ReadRecord, change: Change) -> RunRecord:
    """Return the row of a record as planned, not saved yet."""
    assert work.run is not None
    state = State.WAITING if change.retry_at else STATE_OF[change.action]
    now = timezone.now()
    row = RunRecord(
        organization_id=work.flow.organization_id,
        flow_id=work.flow.pk,
        run_id=work.run.pk,
        kind=kind,
        source_key=record.key,
        natural_key=record.natural_key[:LONGEST_LABEL],
        label=(record.label if isinstance(record, SourceRecord) else "")[:LONGEST_LABEL],
        state=state,
        code=change.code,
        params=dict(change.params),
        field=change.field,
        next_at=change.retry_at or (now if state == State.WAITING else None),
        modified_at=record.modified_at,
        target_id=change.target_id,
        map_version=work.map_version,
        created_at=now,
        finished_at=None if state in RunRecord.OPEN else now,
        expires_at=expiry(work, state),
    )
    if change.action is not Action.UNCHANGED:
        row.source = work.vault.seal(stored_source(record), place=RunRecord.SOURCE_PLACE, row_id=row.pk)
    return row


TAKEN_UP_FIELDS = [
    "state", "code", "params", "field", "next_at", "modified_at", "target_id", "source", "map_version", "finished_at",
    "expires_at",
]  # fmt: skip


def take_up(work: Work, earlier: RunRecord, planned: RunRecord, record: ReadRecord) -> RunRecord:
    """Bring this run's row of a record up to what is planned for it now; the caller saves TAKEN_UP_FIELDS."""
    for name in TAKEN_UP_FIELDS:
        if name != "source":
            setattr(earlier, name, getattr(planned, name))
    earlier.source = work.vault.seal(stored_source(record), place=RunRecord.SOURCE_PLACE, row_id=earlier.pk)
    return earlier


def stored_source(record: ReadRecord) -> Any:
    """Return what came, without what was looked up for it: that is looked up afresh at each try."""
    return {name: value for name, value in record.raw.items() if name != "resolved"}


def reserve(work: Work, kind: str, changes: Sequence[Change]) -> dict[str, Intent]:
    """Commit the intents of new creates before anything is sent. Returns them by source key.

    A key that has an intent already is left out: somebody may have sent it, so it must be looked up first.
    """
    now = timezone.now()
    with transaction.atomic():
        work.guard()
        standing = keys_with_intent(work, kind, [change.key for change in changes])
        intents = [
            Intent(
                organization_id=work.flow.organization_id,
                to_connection_id=work.flow.target_id,
                kind=kind,
                source_key=change.key,
                reference=work.reference(kind, change.key),
                natural_key=change.natural_key[:LONGEST_LABEL],
                fence=work.fence,
                sent_at=now,
                look_at=work.look_at(now),
            )
            for change in changes
            if change.key not in standing
        ]
        insert_each(intents)
    return {intent.source_key: intent for intent in intents}


def reserve_again(work: Work, intent: Intent) -> bool:
    """Take over an intent that was looked up and not found, to send it once more. False = another worker has it."""
    now = timezone.now()
    taken = Intent.objects.filter(pk=intent.pk, fence=intent.fence, sent_at=intent.sent_at).update(
        fence=work.fence, sent_at=now, look_at=work.look_at(now), rounds=F("rounds") + 1
    )
    return bool(taken)


def save(work: Work, kind: str, outcomes: Sequence[Outcome]) -> None:
    """Save how writes ended: bindings, intents, rows and tally in one transaction."""
    if not outcomes:
        return
    now = timezone.now()
    before = [outcome.row.state for outcome in outcomes]
    with transaction.atomic():
        work.guard()
        _save_bindings(work, kind, [one for one in outcomes if one.target_id and one.state in BOUND_STATES], now)
        settled = [one.change.key for one in outcomes if not one.keeps_intent]
        Intent.objects.filter(
            to_connection=work.flow.target_id, kind=kind, source_key__in=settled, fence=work.fence
        ).delete()
        _date_look_ups(work, kind, outcomes)
        for one in outcomes:
            _fill(work, one, now)
        update_each([one.row for one in outcomes], ROW_FIELDS)
        move([one.row for one in outcomes], before)


def _date_look_ups(work: Work, kind: str, outcomes: Sequence[Outcome]) -> None:
    """A call of ours that ended without an answer is looked up as long after its end as the row says."""
    for one in outcomes:
        if one.keeps_intent and one.code == "outcome.unknown" and one.next_at is not None:
            mine = Intent.objects.filter(to_connection=work.flow.target_id, kind=kind, source_key=one.change.key)
            mine.filter(fence=work.fence).update(look_at=one.next_at)


BOUND_STATES = {State.CREATED, State.UPDATED, State.UNCHANGED}
ROW_FIELDS = [
    "state", "code", "params", "field", "attempts", "next_at", "target_id", "target_number", "exchange", "finished_at",
    "expires_at",
]  # fmt: skip


def _fill(work: Work, one: Outcome, now: datetime) -> None:
    row = one.row
    row.state, row.code, row.params, row.field = one.state, one.code, dict(one.params), one.field
    row.attempts += one.counts_attempt
    row.next_at = one.next_at
    row.target_id = one.target_id or row.target_id
    row.target_number = one.number or row.target_number
    row.finished_at = None if row.state in RunRecord.OPEN else now
    row.expires_at = expiry(work, row.state)
    if one.exchange is not None:
        row.exchange = work.vault.seal(one.exchange, place=RunRecord.EXCHANGE_PLACE, row_id=row.pk)


def _save_bindings(work: Work, kind: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    rows = [binding(work, kind, one.change, one.row.natural_key, one.target_id, one.number, now) for one in outcomes]
    upsert(rows)


def binding(
    work: Work, kind: str, change: Change, natural_key: str, target_id: str, number: str, now: datetime
) -> Binding:
    """Return the pair as it is to be saved."""
    return Binding(
        organization_id=work.flow.organization_id,
        from_connection_id=work.flow.source_id,
        to_connection_id=work.flow.target_id,
        kind=kind,
        source_key=change.key,
        target_id=target_id,
        natural_key=natural_key.casefold(),
        number=number or natural_key,
        fingerprint=change.fingerprint,
        hashes={**change.previous, **change.hashes},
        updated_at=now,
    )


def upsert(rows: Sequence[Binding]) -> None:
    """Insert bindings, or bring the ones that exist up to date."""
    insert_each(
        rows,
        unique=("from_connection", "to_connection", "kind", "source_key"),
        updates=("target_id", "natural_key", "number", "fingerprint", "hashes", "updated_at"),
    )
