"""What the engine keeps of a run: its records, its tally, and how writes ended. ORM only, main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apicenter.crypto import redact
from apicenter.notifications.watch import mark_changed
from connectors.base import Omitted, ReadRecord, SourceRecord
from connectors.core import Totals
from flows.engine import tries
from flows.engine.bulk import insert_each, update_each
from flows.engine.made import MADE, made_mark
from flows.engine.pairs import LONGEST_LABEL, LONGEST_NAME, binding, upsert
from flows.engine.plan import PARTIAL, Action, Change
from flows.log.people import addresses_in, cut_addresses, marks_of
from flows.models import Intent, RecordMark, Run, RunRecord, Tally

if TYPE_CHECKING:
    from flows.engine.work import Work

State = RunRecord.State
STATE_OF = {
    Action.CREATE: State.WAITING,
    Action.UPDATE: State.WAITING,
    Action.CANCEL: State.WAITING,
    Action.UNCHANGED: State.UNCHANGED,
    Action.SKIP: State.SKIPPED,
    Action.HOLD: State.NEEDS_YOU,
}
OPEN_FAILURE_DAYS = 30
OMITTED = "omitted"
LARGEST_AMOUNT = Decimal(10) ** 15


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
    is_made: bool = False  # the document stands and is bound, whatever is still to be said about it
    is_partial: bool = False  # the record stands, and something that goes with it does not: bound, and planned again


def still_to_be_made(work: Work, kinds: Iterable[str], source_keys: Iterable[str]) -> set[str]:
    """Return which of these records flows of these kinds hold or will try again, to send them to our source."""
    rows = RunRecord.objects.filter(
        flow__source=work.flow.target_id,
        flow__target=work.flow.source_id,
        kind__in=tuple(kinds),
        source_key__in=set(source_keys),
        state__in=RunRecord.OPEN,
    )
    return set(rows.values_list("source_key", flat=True))


def open_elsewhere(work: Work, kind: str, keys: Iterable[str]) -> dict[str, RunRecord]:
    """Return the open records of earlier runs of this flow, by source key."""
    assert work.run is not None
    rows = (
        RunRecord.objects.filter(flow=work.flow, kind=kind, source_key__in=keys, state__in=RunRecord.OPEN)
        .exclude(run=work.run)
        .select_related("run")
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
    if State.NEEDS_YOU in changes:
        mark_changed(organization_id)
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


def expiry(work: Work, state: str, now: datetime) -> datetime:
    """Return when a log row is deleted: open ones are kept longer, as they are work."""
    days = work.flow.organization.log_days
    return now + timedelta(days=max(days, OPEN_FAILURE_DAYS) if state in RunRecord.OPEN else days)


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
        label=cut_addresses(record.label if isinstance(record, SourceRecord) else "")[:LONGEST_LABEL],
        state=state,
        code=change.code,
        params=dict(change.params),
        field=change.field[:LONGEST_NAME],
        next_at=change.retry_at or (now if state == State.WAITING else None),
        modified_at=record.modified_at,
        target_id=change.target_id,
        **_amount(record),
        map_version=work.map_version,
        created_at=now,
        finished_at=None if state in RunRecord.OPEN else now,
        expires_at=expiry(work, state, now),
    )
    if change.told:
        row.exchange = _sealed_exchange(work, change.told, row)
    if change.action is not Action.UNCHANGED:
        row.source = work.vault.seal(stored_source(record), place=RunRecord.SOURCE_PLACE, row_id=row.pk)
    return row


def _amount(record: ReadRecord) -> dict[str, Any]:
    """Return what a document comes to, for lists: its contents are sealed."""
    totals = getattr(record.core, "totals", None) if isinstance(record, SourceRecord) else None
    if not isinstance(totals, Totals) or abs(totals.including) >= LARGEST_AMOUNT:
        return {}
    return {"amount": totals.including, "currency": getattr(record.core, "currency", "")[:8]}  # type: ignore[union-attr]


TAKEN_UP_FIELDS = [
    "state", "code", "params", "field", "next_at", "modified_at", "target_id", "amount", "currency", "source",
    "exchange", "map_version", "finished_at", "expires_at",
]  # fmt: skip


def take_up(work: Work, earlier: RunRecord, planned: RunRecord, record: ReadRecord) -> RunRecord:
    """Bring this run's row of a record up to what is planned for it now; the caller saves TAKEN_UP_FIELDS.

    One that this run has made counts as created in the end, whatever is written to it afterwards.
    """
    made = made_mark(earlier.params) | ({MADE: "1"} if earlier.state == State.CREATED else {})
    for name in TAKEN_UP_FIELDS:
        if name not in ("source", "exchange"):
            setattr(earlier, name, getattr(planned, name))
    if earlier.state in RunRecord.OPEN:
        earlier.params = made | earlier.params
    earlier.source = work.vault.seal(stored_source(record), place=RunRecord.SOURCE_PLACE, row_id=earlier.pk)
    return earlier


def stored_source(record: ReadRecord) -> Any:
    """Return what came, without what was looked up for it: that is looked up afresh at each try.

    A record that its source leaves out says so, as its raw parts alone do not.
    """
    if isinstance(record, Omitted):
        return {**record.raw, OMITTED: {"code": record.code, "params": dict(record.params)}}
    return {name: value for name, value in record.raw.items() if name != "resolved"}


def mark_addresses(work: Work, stored: Iterable[tuple[RunRecord, ReadRecord]]) -> None:
    """Note, in a form that cannot be read back, which e-mail addresses stand in these rows; they replace the old."""
    found = [(row, addresses) for row, record in stored if (addresses := addresses_in(record.raw))]
    if not found:
        return
    RecordMark.objects.filter(record__in=[row.pk for row, _ in found]).delete()
    insert_each(
        [
            RecordMark(organization_id=row.organization_id, record_id=row.pk, mark=mark)
            for row, addresses in found
            for mark in marks_of(work.vault, addresses)
        ]
    )


def save(work: Work, kind: str, outcomes: Sequence[Outcome]) -> None:
    """Save how writes ended: bindings, intents, rows and tally in one transaction."""
    if not outcomes:
        return
    now = timezone.now()
    before = [outcome.row.state for outcome in outcomes]
    with transaction.atomic():
        work.guard()
        _save_bindings(work, kind, [one for one in outcomes if one.target_id and _is_bound(one)], now)
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
    "expires_at", "tries",
]  # fmt: skip


def _fill(work: Work, one: Outcome, now: datetime) -> None:
    row = one.row
    kept = made_mark(row.params) if one.state in {State.WAITING, State.NEEDS_YOU} else {}  # whatever holds it up next
    row.state, row.code, row.params, row.field = one.state, one.code, {**kept, **one.params}, one.field[:LONGEST_NAME]
    row.attempts += one.counts_attempt
    if one.counts_attempt:
        row.tries = tries.tried(row.tries, at=now, state=row.state, code=row.code)
    row.next_at = one.next_at
    row.target_id = one.target_id or row.target_id
    row.target_number = one.number[:LONGEST_NAME] or row.target_number
    row.finished_at = None if row.state in RunRecord.OPEN else now
    row.expires_at = expiry(work, row.state, now)
    if one.exchange is not None:
        row.exchange = _sealed_exchange(work, one.exchange, row)


def _sealed_exchange(work: Work, exchange: Mapping[str, Any], row: RunRecord) -> bytes:
    """Seal what was sent and answered, without secrets: it is only ever shown.

    What came is kept as it came, as a record that waits is sent from it.
    """
    return work.vault.seal(redact(exchange), place=RunRecord.EXCHANGE_PLACE, row_id=row.pk)


def _is_bound(one: Outcome) -> bool:
    return one.is_partial or one.is_made or one.state in BOUND_STATES


def _save_bindings(work: Work, kind: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    rows = []
    for one in outcomes:
        change = replace(one.change, fingerprint=PARTIAL) if one.is_partial else one.change
        rows.append(
            binding(work, kind, change, one.row.natural_key, one.target_id, one.number, now, one.row.modified_at)
        )
    upsert(rows)
