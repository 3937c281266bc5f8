"""Planning: what has to happen to one record. Pure: no clock, no network, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime
from enum import StrEnum
from typing import Any

from apicenter.errors import RecordError
from connectors.base import Existing, SourceRecord
from connectors.core import JSONDict
from connectors.maps import ValueTableData
from flows.conditions import Condition, describe, matches
from flows.fingerprint import field_hashes, fingerprint
from flows.mapping import Built, CompiledMap, build, needs_current, select_for_update
from flows.paths import get_path


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a binding knows about a record that was sent before."""

    target_id: str
    fingerprint: str
    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a flow's settings say about writing."""

    compiled: CompiledMap
    tables: Mapping[str, ValueTableData]
    filters: Condition | None = None
    creates: bool = True
    updates: bool = True
    can_update: bool = True  # whether the target can be updated at all


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one record, or why nothing is."""

    action: Action
    key: str
    natural_key: str
    payload: JSONDict = default(default_factory=dict)
    target_id: str = ""
    fingerprint: str = ""
    hashes: Mapping[str, str] = default(default_factory=dict)
    is_adopted: bool = False
    code: str = ""
    params: Mapping[str, Any] = default(default_factory=dict)
    field: str = ""
    retry_at: datetime | None = None  # with HOLD: it is planned again by itself then
    built: Built | None = None
    previous: Mapping[str, str] = default(default_factory=dict)  # field hashes of the last write

    @property
    def is_write(self) -> bool:
        return self.action in {Action.CREATE, Action.UPDATE}


def hold(record: SourceRecord, error: RecordError) -> Change:
    """The record cannot pass until a person acts."""
    return Change(Action.HOLD, record.key, record.natural_key, code=error.code, params=error.params, field=error.field)


def skip(record: SourceRecord, code: str, **params: str) -> Change:
    """The record is left out, and this is why."""
    return Change(Action.SKIP, record.key, record.natural_key, code=code, params=params)


def filtered(record: SourceRecord, rules: Rules) -> Change | None:
    """Return the skip if the flow's own filter leaves the record out."""
    if rules.filters is None or matches(rules.filters, record):
        return None
    return skip(record, "skip.filtered", filter=describe(rules.filters))


def source_fingerprint(record: SourceRecord) -> str:
    """The fingerprint of a record whose target is never updated: of the record itself."""
    return fingerprint(record.core.model_dump())


def plan_bound(record: SourceRecord, bound: Bound, rules: Rules) -> Change:
    """Plan a record that was sent before: an update, or nothing."""
    if not rules.can_update:
        if bound.fingerprint in {"", source_fingerprint(record)}:
            return Change(Action.UNCHANGED, record.key, record.natural_key, target_id=bound.target_id)
        return skip(record, "skip.exists")
    if not rules.updates:
        return skip(record, "skip.exists")
    try:
        built = build(rules.compiled, record, tables=rules.tables, kind="update")
    except RecordError as error:
        return hold(record, error)
    return _update(record, built, bound, rules, is_adopted=False)


def plan_new(record: SourceRecord, existing: Sequence[Existing], rules: Rules, *, system: str) -> Change:
    """Plan a record that has no binding: adopt what exists under its key, or create it."""
    if len(existing) > 1:
        candidates = ", ".join(one.label or one.natural_key or one.id for one in existing[:5])
        return Change(
            Action.HOLD,
            record.key,
            record.natural_key,
            code="match.ambiguous",
            params={
                "system": system,
                "key": record.natural_key,
                "candidates": candidates,
                "choices": [{"id": one.id, "label": one.label or one.natural_key or one.id} for one in existing],
            },
        )
    if not existing and not rules.creates:
        return skip(record, "skip.no_create")
    try:
        built = build(rules.compiled, record, tables=rules.tables, kind="update" if existing else "create")
    except RecordError as error:
        return hold(record, error)
    if existing:
        bound = Bound(existing[0].id, "", {})
        if rules.can_update and rules.updates:
            return _update(record, built, bound, rules, is_adopted=True)
        mark = "" if rules.can_update else source_fingerprint(record)
        return Change(
            Action.UNCHANGED,
            record.key,
            record.natural_key,
            target_id=bound.target_id,
            fingerprint=mark,
            is_adopted=True,
        )
    values = _update_values(rules.compiled, built)
    return Change(
        Action.CREATE,
        record.key,
        record.natural_key,
        payload=built.payload,
        fingerprint=fingerprint(values) if rules.can_update else source_fingerprint(record),
        hashes=field_hashes(built.values),
        built=built,
    )


def _update_values(compiled: CompiledMap, built: Built) -> dict[str, Any]:
    return {path: value for path, value in built.values.items() if path in compiled.update_paths}


def _update(record: SourceRecord, built: Built, bound: Bound, rules: Rules, *, is_adopted: bool) -> Change:
    values = _update_values(rules.compiled, built)
    mark = fingerprint(values)
    if mark == bound.fingerprint:
        return Change(Action.UNCHANGED, record.key, record.natural_key, target_id=bound.target_id)
    payload = {} if needs_current(rules.compiled) else select_for_update(rules.compiled, built)
    return Change(
        Action.UPDATE,
        record.key,
        record.natural_key,
        payload=payload,
        target_id=bound.target_id,
        fingerprint=mark,
        hashes=field_hashes(values),
        is_adopted=is_adopted,
        built=built,
        previous=bound.hashes,
    )


def payload_for(change: Change, compiled: CompiledMap, current: Mapping[str, Any]) -> JSONDict:
    """Return what an update sends, given the target's present values: hand edits win where the map says so."""
    if change.built is None:
        return change.payload
    present = field_hashes(current)

    def touched(path: str) -> bool:
        return present.get(path) != change.previous.get(path)

    return select_for_update(compiled, change.built, touched=touched, current=lambda path: get_path(current, path))
