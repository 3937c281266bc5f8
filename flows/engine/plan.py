"""Planning: what has to happen to one record. Pure: no clock, no network, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from apicenter.errors import RecordError
from connectors.base import Existing, ReadRecord, SourceRecord
from connectors.core import JSONDict
from connectors.maps import ValueTableData
from connectors.revising import Comparing, Revision, Standing
from flows.documents.comparing import line_hashes
from flows.engine.fingerprint import field_hashes, fingerprint
from flows.maps.conditions import Condition, describe, matches
from flows.maps.mapping import Built, CompiledMap, build, needs_current, select_for_update
from flows.maps.paths import MISSING, get_path

if TYPE_CHECKING:
    from flows.models import RunRecord

KEPT = "kept"  # the fingerprint of a pair whose source record is gone or inactive, and that a person wants to stay
PARTIAL = "partial"  # fingerprint of a record that stands, while something that goes with it is still missing


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a binding knows about a record that was sent before."""

    target_id: str
    fingerprint: str
    hashes: Mapping[str, str]
    number: str = ""  # what a person calls it in the target


@dataclass(frozen=True, slots=True)
class Rules:
    """What a flow's settings say about writing."""

    compiled: CompiledMap
    tables: Mapping[str, ValueTableData]
    filters: Condition | None = None
    creates: bool = True
    updates: bool = True
    can_update: bool = True  # whether the target can be updated at all
    echoes: frozenset[str] = frozenset()  # custom fields of the source that flows of ours write
    essence: Callable[[SourceRecord], Mapping[str, Any] | None] = lambda record: None  # what of it counts as a change
    earlier_essence: Callable[[SourceRecord], Mapping[str, Any] | None] = lambda record: None
    followed: tuple[str, ...] = ()  # custom fields of the source that a document follows, by the map of the flow
    comparing: Comparing | None = None  # how a document that was made is compared with what it would be now


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
    standing: Standing | None = None  # with CANCEL, or an UPDATE by `revision`: the document as it was seen
    revision: Revision | None = None
    reference: str = ""  # with CREATE: ours on the other side, where it is not that of the record
    goes_on: bool = False  # with CANCEL: the record is planned again at once, as more is to be said or done about it
    note: str = ""  # with a write: a cause that a person should know of although it is done
    note_params: Mapping[str, str] = default(default_factory=dict)
    told: Mapping[str, Any] = default(default_factory=dict)  # shown on the record's page, and sealed with it

    @property
    def is_write(self) -> bool:
        return self.action in {Action.CREATE, Action.UPDATE, Action.CANCEL}


@dataclass(frozen=True, slots=True)
class Planned:
    """A record, what is to happen to it, and, once it is stored, its row."""

    record: ReadRecord
    change: Change
    row: RunRecord | None = None


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


def source_fingerprint(record: SourceRecord, echoes: frozenset[str] = frozenset()) -> str:
    """The fingerprint of a record whose target is never updated: of the record itself, without what we wrote to it."""
    return fingerprint(_without(_compared(record), echoes))


def mark_of(record: SourceRecord, rules: Rules) -> str:
    """The fingerprint by which a record whose target is never updated is known to be as it was sent."""
    essence = rules.essence(record)
    if essence is None:
        return source_fingerprint(record, rules.echoes)
    own = {path: value for path in rules.followed if (value := get_path(record.core, path)) not in (None, MISSING)}
    return fingerprint({**essence, "followed": own} if own else essence)


def is_as_sent(record: SourceRecord, bound: Bound, rules: Rules) -> bool:
    """Whether the record is as it was sent. A field that we write may have been there before, without a value."""
    echoes = rules.echoes
    earlier = rules.earlier_essence(record)
    known = {"", mark_of(record, rules), source_fingerprint(record, echoes)}
    if bound.fingerprint in known or (earlier is not None and bound.fingerprint == fingerprint(earlier)):
        return True
    values = _compared(record)
    before = {**_without(values, echoes).get("custom_fields", {}), **dict.fromkeys(echoes)}
    return bool(echoes) and bound.fingerprint == fingerprint({**values, "custom_fields": before})


def _compared(record: SourceRecord) -> JSONDict:
    return record.core.model_dump(exclude=set(record.core.passing))


def _without(values: JSONDict, echoes: frozenset[str]) -> JSONDict:
    if not echoes or "custom_fields" not in values:
        return values
    kept = {name: value for name, value in values["custom_fields"].items() if name not in echoes}
    return {**values, "custom_fields": kept}


def plan_bound(record: SourceRecord, bound: Bound, rules: Rules) -> Change:
    """Plan a record that was sent before: an update, or nothing."""
    if not rules.can_update:
        if is_as_sent(record, bound, rules):
            return Change(Action.UNCHANGED, record.key, record.natural_key, target_id=bound.target_id)
        return skip(record, "skip.exists")
    if not rules.updates and bound.fingerprint != PARTIAL:
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
        mark = "" if rules.can_update else mark_of(record, rules)
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
        fingerprint=fingerprint(values) if rules.can_update else mark_of(record, rules),
        hashes=all_hashes(built, rules),
        built=built,
    )


def all_hashes(built: Built, rules: Rules) -> dict[str, str]:
    """Return what is kept of a payload that was sent: a hash per field, and per line where lines are compared."""
    lines = line_hashes(built.payload, rules.comparing) if rules.comparing else {}
    return {**field_hashes(built.values), **lines}


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
