"""The engine: read a page, plan it, reserve, call, save, move on (design 2.3).

Every function here runs on the main thread; HTTP overlaps inside the connectors' thread pool. A record that was read
becomes a row (or a count, if nothing changed) in the same transaction that moves the position past it, so that nothing
can be read and forgotten. Rows that wait are planned again from what came, with the maps and tables of that moment.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apicenter.errors import RecordError
from connectors.base import Omitted, Page, ReadRecord, SourceRecord, Unreadable
from flows import store
from flows.bulk import insert_each, update_each
from flows.catalog.base import Ensured, Resolved
from flows.models import Binding, RunRecord
from flows.plan import Action, Change, Rules, filtered, plan_bound, plan_new, skip
from flows.work import Work
from flows.writing import Planned, write

logger = logging.getLogger(__name__)
NEW = "(new)"
PAIR_HOLDS = timedelta(hours=6)
State = RunRecord.State


def plan_records(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[Planned]:
    """Plan records of one kind, looking up what is needed for those without a binding."""
    bound = store.bound_records(work, kind, [record.key for record in records])
    rules = work.rules(kind)
    changes: dict[str, Change] = {}
    fresh: list[SourceRecord] = []
    for record in records:
        if not isinstance(record, SourceRecord):
            changes[record.key] = _without_core(record)
        elif change := _left_out(work, kind, record, rules):
            changes[record.key] = change
        elif record.key in bound:
            changes[record.key] = plan_bound(record, bound[record.key], rules)
        else:
            fresh.append(record)
    final: dict[str, ReadRecord] = {}
    for resolved, change in _plan_fresh(work, kind, fresh):
        changes[change.key] = change
        final[change.key] = resolved
    return [Planned(final.get(record.key, record), _named(work, changes[record.key])) for record in records]


def _named(work: Work, change: Change) -> Change:
    """Say a value without a pair by its name: a person knows “21 % BE”, not the other system's id of it."""
    if not change.code.endswith(".no_pair"):
        return change
    key = change.params.get("value", "")
    label = work.labels.get((change.params.get("table", ""), key), key)
    return replace(change, params={**change.params, "key": key, "value": label})


def _without_core(record: Unreadable | Omitted) -> Change:
    if isinstance(record, Omitted):
        return Change(Action.SKIP, record.key, record.natural_key, code=record.code, params=record.params)
    error = record.error
    return Change(Action.HOLD, record.key, record.natural_key, code=error.code, params=error.params, field=error.field)


def _left_out(work: Work, kind: str, record: SourceRecord, rules: Rules) -> Change | None:
    if kind != work.kind.key:
        return None
    reason = work.kind.omit(record, work.settings)
    if reason is not None:
        return skip(record, reason[0], **reason[1])
    return filtered(record, rules)


def _plan_fresh(work: Work, kind: str, fresh: Sequence[SourceRecord]) -> list[tuple[SourceRecord, Change]]:
    if not fresh:
        return []
    planned, unique = _without_doubles(work, kind, fresh)
    resolved = work.kind.resolve(work, kind, unique) if unique else []
    doubtful = store.keys_with_intent(work, kind, [one.record.key for one in resolved])
    resolved = [replace(one, existing=()) if one.record.key in doubtful else one for one in resolved]
    adopted = [existing.id for one in resolved for existing in one.existing]
    taken = store.taken_targets(work, kind, adopted) if adopted else set()
    rules = work.rules(kind)
    for one in resolved:
        planned.append((one.record, _plan_resolved(work, one, rules, taken)))
        taken.update(existing.id for existing in one.existing)
    return planned


def _without_doubles(
    work: Work, kind: str, fresh: Sequence[SourceRecord]
) -> tuple[list[tuple[SourceRecord, Change]], list[SourceRecord]]:
    """Hold records whose natural key another one has already: only the first may become that record there."""
    if kind not in work.kind.unique_keys:
        return [], list(fresh)
    owners = store.taken_natural_keys(work, kind, [record.natural_key for record in fresh])
    held: list[tuple[SourceRecord, Change]] = []
    unique: list[SourceRecord] = []
    for record in fresh:
        owner = owners.setdefault(record.natural_key.casefold(), record.key)
        if owner == record.key or not record.natural_key:
            unique.append(record)
            continue
        params = {"key": record.natural_key}
        held.append((record, Change(Action.HOLD, record.key, record.natural_key, code="key.duplicate", params=params)))
    return held, unique


def _plan_resolved(work: Work, one: Resolved, rules: Rules, taken: set[str]) -> Change:
    record = one.record
    if one.code:
        action = Action.SKIP if one.is_skip else Action.HOLD
        return Change(
            action, record.key, record.natural_key, code=one.code, params=dict(one.params), retry_at=one.retry_at
        )
    doubled = [existing for existing in one.existing if existing.id in taken]
    if doubled:
        params = {"key": record.natural_key}
        return Change(Action.HOLD, record.key, record.natural_key, code="key.duplicate", params=params)
    return plan_new(record, one.existing, rules, system=work.system)


def take_page(work: Work, page: Page) -> list[Planned]:
    """Plan a page and commit it: rows, tally and position in one transaction. Returns what is to be written."""
    assert work.run is not None
    run, kind = work.run, work.kind.key
    fresh = _not_in_hand(work, kind, page.records)
    planned = plan_records(work, kind, [record for record, change in fresh if change is None])
    planned += [Planned(record, change) for record, change in fresh if change is not None]
    with transaction.atomic():
        stored = commit(work, kind, planned)
        run.position = page.position
        if page.seen_until and (run.seen_until is None or page.seen_until > run.seen_until):
            run.seen_until = page.seen_until
        run.save(update_fields=["position", "seen_until"])
    return [one for one in stored if one.change.is_write]


def _not_in_hand(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[tuple[ReadRecord, Change | None]]:
    """Leave out what this run has already, and what an earlier run still holds in the same version."""
    keys = [record.key for record in records]
    seen, held = store.seen_in_run(work, kind, keys), store.open_elsewhere(work, kind, keys)
    left: list[tuple[ReadRecord, Change | None]] = []
    taken: set[str] = set()
    for record in records:
        if record.key in taken or (record.key in seen and seen[record.key].modified_at == record.modified_at):
            continue
        taken.add(record.key)
        earlier = held.get(record.key)
        is_same = earlier is not None and earlier.modified_at == record.modified_at and record.modified_at is not None
        if not is_same or earlier is None:
            left.append((record, None))
            continue
        code = "skip.held" if earlier.state == State.NEEDS_YOU else "skip.in_hand"
        left.append((record, Change(Action.SKIP, record.key, record.natural_key, code=code)))
    return left


def commit(work: Work, kind: str, planned: Sequence[Planned]) -> list[Planned]:
    """Store planned records: a row each, except for unchanged ones, which are only counted. In a transaction."""
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
        if earlier is not None and one.change.action is Action.UNCHANGED:
            stored.append(replace(one, row=earlier))
            continue
        row = store.new_row(work, kind, one.record, one.change)
        if earlier is not None:
            delta[earlier.state] -= 1
            row = store.take_up(work, earlier, row, one.record)
            again.append(row)
        else:
            delta["read"] += 1
            if one.change.action is not Action.UNCHANGED:
                new.append(row)
        delta[row.state] += 1
        stored.append(replace(one, row=row))
    _supersede([held[one.record.key] for one in planned if _takes_over(one, held)])
    insert_each(new)
    update_each(again, store.TAKEN_UP_FIELDS)
    store.count(work.run.pk, work.flow.organization_id, kind, delta)
    _save_adopted(work, kind, stored)
    return stored


def _takes_over(one: Planned, held: dict[str, RunRecord]) -> bool:
    return one.record.key in held and one.change.code not in {"skip.held", "skip.in_hand"}


def _supersede(rows: Sequence[RunRecord]) -> None:
    before = [row.state for row in rows]
    for row in rows:
        row.state, row.code, row.params, row.next_at = State.SKIPPED, "skip.superseded", {}, None
        row.finished_at = timezone.now()
    if rows:
        update_each(rows, ["state", "code", "params", "next_at", "finished_at"])
        store.move(rows, before)


def _save_adopted(work: Work, kind: str, stored: Sequence[Planned]) -> None:
    now = timezone.now()
    rows: list[Binding] = [
        store.binding(work, kind, one.change, one.record.natural_key, one.change.target_id, "", now)
        for one in stored
        if one.change.is_adopted and one.change.action is Action.UNCHANGED
    ]
    store.upsert(rows)


def ensure(work: Work, kind: str, records: Sequence[SourceRecord]) -> dict[str, Ensured]:
    """Make or update records that others depend on, in this same run. Raises Interrupted."""
    planned = plan_records(work, kind, records)
    with transaction.atomic():
        stored = commit(work, kind, planned)
    write(work, kind, [one for one in stored if one.change.is_write])
    return {one.record.key: _ensured(one) for one in stored}


def ensure_dry(work: Work, kind: str, records: Sequence[SourceRecord]) -> dict[str, Ensured]:
    """Say what `ensure` would come to, without writing: a record that would be made counts as there."""
    return {one.record.key: _ensured_dry(one) for one in plan_records(work, kind, records)}


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
    by_kind: dict[str, list[RunRecord]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    for kind in [kind for kind in reversed(work.kind.resources) if kind in by_kind]:  # what others depend on first
        of_kind = by_kind[kind]
        work.paired = {row.source_key: row.target_id for row in of_kind if _is_pair_known(row)}
        records = {row.source_key: _parse(work, row) for row in of_kind}
        planned = {one.change.key: one for one in plan_records(work, kind, list(records.values()))}
        write(work, kind, _settle_without_write(work, kind, of_kind, planned))


def _is_pair_known(row: RunRecord) -> bool:
    """Whether what was looked up when the record was read still holds: people make records in the target too."""
    return row.is_untried and row.created_at > timezone.now() - PAIR_HOLDS


def _parse(work: Work, row: RunRecord) -> ReadRecord:
    raw = work.vault.open(row.source, place=RunRecord.SOURCE_PLACE, row_id=row.pk)
    source = work.source if row.kind == work.source.kind else work.source.connector.source(row.kind)
    try:
        record = source.parse(raw)
    except RecordError as error:
        return Unreadable(row.source_key, row.natural_key, error, raw, row.modified_at)
    return record


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
        target_id = change.target_id if change.action is Action.UNCHANGED and change.is_adopted else ""
        outcomes.append(
            store.Outcome(
                row, change, state, change.code, change.params, change.field, target_id=target_id,
                next_at=change.retry_at, keeps_intent=True, counts_attempt=False,
            )
        )  # fmt: skip
    store.save(work, kind, outcomes)
    return writes
