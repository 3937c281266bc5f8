"""The engine: read a page, plan it, reserve, call, save, move on (design 2.3).

Every function here runs on the main thread; HTTP overlaps inside the connectors' thread pool. A record that was read
becomes a row (or a count, if nothing changed) in the same transaction that moves the position past it, so that nothing
can be read and forgotten. Rows that wait are planned again from what came, with the maps and tables of that moment.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connectors.base import Omitted, Page, ReadRecord, SourceRecord
from connectors.memory import KEPT_FOR
from flows.catalog.base import Ensured
from flows.documents.confirming import note_unconfirmed
from flows.engine import pairs, solving, store
from flows.engine.bulk import insert_each, update_each
from flows.engine.in_hand import IN_HAND, is_abandoned, not_in_hand
from flows.engine.made import CONFIRMS, MADE
from flows.engine.plan import Action, Change, Planned
from flows.engine.planning import plan_records, records_by_kind
from flows.engine.poison import read_again
from flows.engine.work import Work
from flows.engine.writing import write
from flows.models import Binding, Run, RunRecord
from flows.running.portions import Part, remembered
from flows.running.source_clock import ensure_same_clock

logger = logging.getLogger(__name__)
NEW = "(new)"
PAIR_HOLDS = timedelta(hours=6)  # what was looked up when a record was read: people make records in the target too
State = RunRecord.State


def take_page(
    work: Work,
    page: Page,
    *,
    decided: Mapping[str, Change] | None = None,
    also: Callable[[Sequence[Planned]], object] = lambda planned: None,
) -> list[Planned]:
    """Plan a page and commit it: rows, tally and position in one transaction. Returns what is to be written.

    `decided` holds what is to happen to records whatever planning would say; `also` is done in the transaction too.
    """
    assert work.run is not None
    run = work.run
    planned_by_kind = {
        kind: _plan_fresh_ones(work, kind, records, decided) for kind, records in records_by_kind(work, page.records)
    }
    stored: list[Planned] = []
    with transaction.atomic():
        ensure_same_clock(work)
        for kind, planned in planned_by_kind.items():
            stored += commit(work, kind, planned)
        run.position = page.position
        if page.seen_until and (run.seen_until is None or page.seen_until > run.seen_until):
            run.seen_until = page.seen_until
        run.save(update_fields=["position", "seen_until"])
        also([one for planned in planned_by_kind.values() for one in planned])
    return [one for one in stored if one.change.is_write]


def _plan_fresh_ones(
    work: Work, kind: str, records: Sequence[ReadRecord], decided: Mapping[str, Change] | None
) -> list[Planned]:
    fresh = [(record, _decided(record, decided) or change) for record, change in not_in_hand(work, kind, records)]
    planned = plan_records(work, kind, [record for record, change in fresh if change is None])
    return planned + [Planned(record, change) for record, change in fresh if change is not None]


def _decided(record: ReadRecord, decided: Mapping[str, Change] | None) -> Change | None:
    return decided.get(record.key) if decided and isinstance(record, SourceRecord) else None


def commit(work: Work, kind: str, planned: Sequence[Planned]) -> list[Planned]:
    """Store planned records: a row each, except for those that are only counted. In a transaction."""
    assert work.run is not None
    work.guard()
    keys = [one.record.key for one in planned]
    seen, held = store.seen_in_run(work, kind, keys), store.open_elsewhere(work, kind, keys)
    stored: list[Planned] = []
    new: list[RunRecord] = []
    again: list[RunRecord] = []
    delta: Counter[str] = Counter()
    for one in planned:
        earlier = seen.get(one.record.key)
        is_counted = _is_counted(work, work.run, one.change)
        if earlier is not None and is_counted:
            stored.append(replace(one, row=earlier))
            continue
        row = store.new_row(work, kind, one.record, one.change)
        if earlier is not None:
            delta[earlier.state] -= 1
            row = store.take_up(work, earlier, row, one.record)
            again.append(row)
        else:
            delta["read"] += 1
            if not is_counted:
                new.append(row)
        delta[row.state] += 1
        stored.append(replace(one, row=row))
    _supersede(work, [(held[one.record.key], one.change) for one in planned if _takes_over(one, held)])
    insert_each(new)
    update_each(again, store.TAKEN_UP_FIELDS)
    kept = {row.pk for row in (*new, *again)}
    store.mark_addresses(work, [(one.row, one.record) for one in stored if one.row and one.row.pk in kept])
    store.count(work.run.pk, work.flow.organization_id, kind, delta)
    _save_adopted(work, kind, stored)
    pairs.note_versions(work, kind, [one.record for one in stored if one.change.action is Action.UNCHANGED])
    if work.kind.is_needed_first(kind):
        in_step = [one.record.key for one in stored if one.change.action is Action.UNCHANGED]
        solving.settle_keys(work, kind, in_step)
    return stored


def _is_counted(work: Work, run: Run, change: Change) -> bool:
    """Whether a record leaves a number and no row.

    One that an earlier run holds has its row there: another one for each run by the clock would bury the log. Whoever
    starts a run by hand sees what became of each record.
    """
    is_told_elsewhere = change.code in IN_HAND and run.trigger in Run.REPEATED
    return change.action is Action.UNCHANGED or change.code in work.kind.counted_only or is_told_elsewhere


def _takes_over(one: Planned, held: dict[str, RunRecord]) -> bool:
    return one.record.key in held and one.change.code not in IN_HAND


def _supersede(work: Work, taken: Sequence[tuple[RunRecord, Change]]) -> None:
    """Close what earlier runs hold of these records, each with the reason; their tallies stay balanced."""
    if not taken:
        return
    assert work.run is not None
    rows = [row for row, _change in taken]
    before = [row.state for row in rows]
    for row, change in taken:
        code = "skip.taken_over" if is_abandoned(row) else solving.closing_code(change)
        row.state, row.code, row.next_at = State.SKIPPED, code, None
        row.params, row.finished_at = {"by_run": str(work.run.pk)}, timezone.now()
    update_each(rows, ["state", "code", "params", "next_at", "finished_at"])
    store.move(rows, before)


def _save_adopted(work: Work, kind: str, stored: Sequence[Planned]) -> None:
    now = timezone.now()
    rows: list[Binding] = [
        pairs.binding(
            work, kind, one.change, one.record.natural_key, one.change.target_id, "", now, one.record.modified_at
        )
        for one in stored
        if one.change.is_adopted and one.change.action is Action.UNCHANGED
    ]
    pairs.upsert(rows)


def ensure(work: Work, kind: str, records: Sequence[SourceRecord]) -> dict[str, Ensured]:
    """Make or update records that others depend on, in this same run. Raises Interrupted."""
    planned = plan_records(work, kind, records)
    with transaction.atomic():
        stored = commit(work, kind, planned)
    write(work, kind, [one for one in stored if one.change.is_write])
    return {one.record.key: _ensured(one) for one in stored}


def ensure_dry(
    work: Work,
    kind: str,
    records: Sequence[SourceRecord],
    *,
    note: Callable[[str, Sequence[Planned]], None] = lambda kind, planned: None,
) -> dict[str, Ensured]:
    """Say what `ensure` would come to, without writing: a record that would be made counts as there."""
    planned = plan_records(work, kind, records)
    note(kind, planned)
    return {one.record.key: _ensured_dry(one) for one in planned}


def _ensured(one: Planned) -> Ensured:
    row = one.row
    assert row is not None
    target_id = row.target_id or one.change.target_id
    if target_id:
        return Ensured(target_id)
    if row.state == State.WAITING:
        return Ensured(code="dependency.missing", retry_at=row.next_at)
    return Ensured(code="dependency.failed")


def _ensured_dry(one: Planned) -> Ensured:
    if one.change.action is Action.CREATE:
        return Ensured(NEW)
    return Ensured(one.change.target_id) if one.change.target_id else Ensured(code="dependency.failed")


def take_waiting(work: Work, rows: Sequence[RunRecord]) -> None:
    """Plan stored rows again from what came, and write them."""
    records_by_kind: dict[str, list[RunRecord]] = {}
    for row in rows:
        records_by_kind.setdefault(row.kind, []).append(row)
    for kind in _what_others_need_first(work, records_by_kind):
        of_kind = records_by_kind[kind]
        note_unconfirmed(work, of_kind)
        untried = [row for row in of_kind if row.is_untried]
        work.paired = {row.source_key: row.target_id for row in untried if _is_younger(row, PAIR_HOLDS)}
        work.unsent = frozenset(row.source_key for row in untried if not row.target_id and _is_younger(row, KEPT_FOR))
        records = {row.source_key: _parse(work, row) for row in of_kind}
        with remembered(work, Part.WAITING):
            planned = {one.change.key: one for one in plan_records(work, kind, list(records.values()))}
        write(work, kind, _settle_without_write(work, kind, of_kind, planned))


def _what_others_need_first(work: Work, kinds: Container[str]) -> list[str]:
    own = work.kind.read_kinds
    carried = [kind for kind in reversed(work.kind.resources) if kind not in own]
    return [kind for kind in (*carried, *own) if kind in kinds]


def _is_younger(row: RunRecord, age: timedelta) -> bool:
    return row.created_at > timezone.now() - age


def _parse(work: Work, row: RunRecord) -> ReadRecord:
    raw = work.vault.open(row.source, place=RunRecord.SOURCE_PLACE, row_id=row.pk)
    if left_out := raw.get(store.OMITTED):
        rest = {name: value for name, value in raw.items() if name != store.OMITTED}
        return Omitted(row.source_key, row.natural_key, left_out["code"], rest, left_out["params"], row.modified_at)
    return read_again(work.source_of(row.kind).parse, row, raw)


def _settle_without_write(
    work: Work, kind: str, rows: Sequence[RunRecord], planned: dict[str, Planned]
) -> list[Planned]:
    """Save what planning settled by itself; return what is to be written, with its rows."""
    outcomes: list[store.Outcome] = []
    writes: list[Planned] = []
    for row in rows:
        one = planned[row.source_key]
        change = one.change
        if change.is_write:
            writes.append(replace(one, row=row))
            continue
        state = State.WAITING if change.retry_at else store.STATE_OF[change.action]
        if change.action is Action.UNCHANGED:
            state = row.params.get(CONFIRMS, State.CREATED if row.params.get(MADE) else state)
        target_id = change.target_id if change.action is Action.UNCHANGED and change.is_adopted else ""
        outcomes.append(
            store.Outcome(
                row, change, state, change.code, change.params, change.field, target_id=target_id,
                exchange=dict(change.told) or None, next_at=change.retry_at, keeps_intent=True, counts_attempt=False,
            )
        )  # fmt: skip
    with transaction.atomic():
        store.save(work, kind, outcomes)
        solving.settle_older(work, kind, outcomes)
    return writes
