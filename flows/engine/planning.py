"""Planning what was read: what has to happen to each record, with what the systems and earlier runs know of it.

Nothing is stored and nothing is sent here; `flows/engine/plan.py` holds the rules for one record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.utils.translation import gettext as _

from apicenter.errors import RecordError
from connectors.base import Omitted, ReadRecord, SourceRecord, Unreadable
from flows.catalog.base import FlowKind, Given, Resolved
from flows.documents.confirming import confirm_again, is_unconfirmed
from flows.documents.following import follow, is_followed
from flows.engine import pairs, rulings, solving
from flows.engine.intents import keys_with_intent
from flows.engine.plan import KEPT, Action, Bound, Change, Planned, Rules, filtered, plan_bound, plan_new, skip
from flows.engine.poison import bearable, plan_apart
from flows.engine.work import Work
from flows.maps.look_ups import with_look_ups

VANISHED = "skip.deleted"


def plan_read(work: Work, records: Sequence[ReadRecord]) -> list[Planned]:
    """Plan records as the flow's source gave them, of whichever of its kinds, without storing anything."""
    return [one for kind, of_kind in records_by_kind(work, records) for one in plan_records(work, kind, of_kind)]


def records_by_kind(work: Work, records: Sequence[ReadRecord]) -> list[tuple[str, list[ReadRecord]]]:
    groups: dict[str, list[ReadRecord]] = {kind: [] for kind in work.kind.read_kinds}
    for record in records:
        groups[work.kind_of(record)].append(record)
    return [(kind, found) for kind, found in groups.items() if found]


def plan_records(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[Planned]:
    """Plan records of one kind, looking up what is needed for those without a binding.

    A record that our own code cannot bear is held, and the others are planned.
    """
    system = work.source.connector.title
    return plan_apart(partial(_plan_records, work, kind), [bearable(record, system=system) for record in records])


def _plan_records(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[Planned]:
    records = work.kind.recognise(work, kind, records)
    bound = pairs.bound_records(work, kind, [record.key for record in records])
    rules = work.rules(kind)
    changes: dict[str, Change] = {}
    fresh: list[SourceRecord] = []
    followed: list[ReadRecord] = []
    unconfirmed: list[SourceRecord] = []
    known: list[ReadRecord] = []
    final: dict[str, ReadRecord] = {}
    for raw_record in records:
        record, change = _prepared(work, kind, raw_record, rules, bound.get(raw_record.key))
        final[record.key] = record
        if change is not None:
            changes[record.key] = change
        elif record.key in bound and is_followed(work, kind, record, bound[record.key], rules):
            followed.append(record)
        elif record.key in bound and isinstance(record, SourceRecord) and is_unconfirmed(work, kind, record):
            unconfirmed.append(record)
        elif not isinstance(record, SourceRecord):
            changes[record.key] = _without_core(record)
        elif record.key in bound:
            known.append(record)
        else:
            fresh.append(record)
    for record in with_look_ups(work, kind, known):
        assert isinstance(record, SourceRecord)
        final[record.key] = record
        changes[record.key] = plan_bound(record, bound[record.key], rules)
    again = confirm_again(work, kind, unconfirmed, bound)
    for resolved, change in [*_plan_fresh(work, kind, fresh), *follow(work, kind, followed, bound), *again]:
        changes[change.key] = change
        final[change.key] = resolved
    return [Planned(final[record.key], _named(work, changes[record.key])) for record in records]


def _named(work: Work, change: Change) -> Change:
    """Say a value without a pair by its name: a person knows “21 % BE”, not the other system's id of it."""
    if not change.code.endswith(".no_pair") or "key" in change.params:
        return change
    key = change.params.get("value", "")
    label = work.labels.get((change.params.get("table", ""), key), key)
    return replace(change, params={**change.params, "key": key, "value": label})


def _without_core(record: Unreadable | Omitted) -> Change:
    if isinstance(record, Omitted):
        return Change(Action.SKIP, record.key, record.natural_key, code=record.code, params=record.params)
    error = record.error
    return Change(Action.HOLD, record.key, record.natural_key, code=error.code, params=error.params, field=error.field)


def _prepared(
    work: Work, kind: str, record: ReadRecord, rules: Rules, bound: Bound | None
) -> tuple[ReadRecord, Change | None]:
    """Return the record as the flow's settings see it, and, if they settle it already, what becomes of it."""
    if isinstance(record, Omitted) and record.code == VANISHED and bound is not None and kind == work.kind.key:
        named = replace(record, natural_key=record.natural_key or bound.number)
        return _retired(work, named, _without_core(named), bound, rules)
    if not isinstance(record, SourceRecord):
        return record, None
    if kind not in work.kind.read_kinds:
        return prepare(work.kind, record, work.given), None
    reason = work.kind.omit(record, work.settings)
    if reason is not None:
        left_out = skip(record, reason[0], **reason[1])
        return (record, left_out) if bound is None else _retired(work, record, left_out, bound, rules)
    shaped = prepare(work.kind, record, work.given)
    return shaped, _settled(work, shaped, rules) if isinstance(shaped, SourceRecord) else None


def _settled(work: Work, record: SourceRecord, rules: Rules) -> Change | None:
    """Return what becomes of a record that the filter leaves out, or that is only paired and never written."""
    if left_out := filtered(record, rules):
        return left_out
    paired = work.kind.paired_with(record)
    if paired is None:
        return None
    if not paired:
        return skip(record, "skip.no_counterpart")
    return Change(Action.UNCHANGED, record.key, record.natural_key, target_id=paired)


def _retired(
    work: Work, record: SourceRecord | Omitted, left_out: Change, bound: Bound, rules: Rules
) -> tuple[ReadRecord, Change]:
    """A record that was sent before and is left out from now on: sent as something else, asked about, or let be."""
    ending = work.kind.retire(record, work.settings)
    if isinstance(ending, SourceRecord):
        shaped = prepare(work.kind, ending, work.given)
        return shaped, plan_bound(shaped, bound, rules) if isinstance(shaped, SourceRecord) else left_out
    if not ending or bound.fingerprint == KEPT:
        return record, left_out
    params = {"what": _("deleted"), **left_out.params, "system": work.system}
    return record, replace(left_out, action=Action.HOLD, code=ending, params=params, target_id=bound.target_id)


def prepare(kind: FlowKind, record: SourceRecord, given: Given) -> ReadRecord:
    """Return the record as a kind's settings see it, or as one that cannot be used; what came stays as it came."""
    try:
        return kind.prepare(record, given)
    except RecordError as error:
        return Unreadable(record.key, record.natural_key, error, record.raw, record.modified_at, record.kind)


def _plan_fresh(work: Work, kind: str, fresh: Sequence[SourceRecord]) -> list[tuple[SourceRecord, Change]]:
    if not fresh:
        return []
    planned, unique = _without_doubles(work, kind, fresh)
    rulings.load(work, kind, [record.key for record in unique])
    resolved = work.kind.resolve(work, kind, unique) if unique else []
    resolved = _looked_up(work, kind, resolved)
    doubtful = keys_with_intent(work, kind, [one.record.key for one in resolved])
    several = [one.record.key for one in resolved if len(one.existing) > 1]
    doubtful |= solving.kept_apart(work, kind, several) if several else set()
    resolved = [replace(one, existing=()) if one.record.key in doubtful else one for one in resolved]
    adopted = [existing.id for one in resolved for existing in one.existing]
    taken = pairs.taken_targets(work, kind, adopted) if adopted else set()
    rules = work.rules(kind)
    for one in resolved:
        planned.append((one.record, _plan_resolved(work, one, rules, taken)))
        taken.update(existing.id for existing in one.existing)
    return _reviewed(work, kind, planned, doubtful)


def _looked_up(work: Work, kind: str, resolved: Sequence[Resolved]) -> list[Resolved]:
    """Add what the map looks up in the target to the records that go on."""
    found = {one.key: one for one in with_look_ups(work, kind, [one.record for one in resolved if not one.code])}
    return [one if one.code else replace(one, record=_source(found[one.record.key])) for one in resolved]


def _source(record: ReadRecord) -> SourceRecord:
    assert isinstance(record, SourceRecord)
    return record


def _reviewed(
    work: Work, kind: str, planned: Sequence[tuple[SourceRecord, Change]], doubtful: set[str]
) -> list[tuple[SourceRecord, Change]]:
    """Let the kind look at what is to be made; what may have been sent already is past that."""
    made = [change for _, change in planned if change.action is Action.CREATE and change.key not in doubtful]
    final = {change.key: change for change in (work.kind.review(work, kind, made) if made else ())}
    return [(record, final.get(change.key, change)) for record, change in planned]


def _without_doubles(
    work: Work, kind: str, fresh: Sequence[SourceRecord]
) -> tuple[list[tuple[SourceRecord, Change]], list[SourceRecord]]:
    """Hold records whose natural key another one has already: only the first may become that record there."""
    if kind not in work.kind.unique_keys:
        return [], list(fresh)
    owners = pairs.taken_natural_keys(work, kind, [record.natural_key for record in fresh])
    held: list[tuple[SourceRecord, Change]] = []
    unique: list[SourceRecord] = []
    for record in fresh:
        owner = owners.setdefault(pairs.folded(record.natural_key), record.key)
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
