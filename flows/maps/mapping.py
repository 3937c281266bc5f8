"""Running field maps: a core record becomes a payload.

A map is compiled once per run; every path, function and expression in it is checked then. Building is pure and fast.
A missing value leaves its field out, None is written as null, "" as "". Dates leave as ISO texts, numbers as Decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.base import SourceRecord
from connectors.core import JSONDict
from connectors.maps import FieldMap, OnError, ResourceMap, ValueTableData, When
from flows.maps.cases import Final, compile_cases
from flows.maps.lookup import look_up
from flows.maps.paths import MISSING, is_empty, set_path
from flows.maps.sources import Read, Scope, written
from flows.transforms import compile_step
from flows.transforms.look_up import LOOK_UP, Asked

Kind = Literal["create", "update"]
Apply = Callable[[Any], Any]
LOOK_UPS = "look_ups"  # under which of `resolved` the answers to what a map asks travel
NOT_UPDATED = (When.ON_CREATE, When.NEVER)


@dataclass(frozen=True, slots=True)
class CompiledField:
    """One field map, ready to run."""

    target: str
    read: Read
    steps: tuple[tuple[str, Apply], ...]
    table: str
    when: When
    on_error: OnError
    required: bool
    asks: bool = False  # looks something up in the target


@dataclass(frozen=True, slots=True)
class CompiledMap:
    """A whole map, ready to run. `update_paths` are the target paths an update may write; `asks` whether a field looks
    something up in the target."""

    fields: tuple[CompiledField, ...]
    lists: Mapping[str, tuple[CompiledField, ...]]
    update_paths: frozenset[str]
    tables: frozenset[str]
    skips_empty: bool = False
    asks: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)  # of the fields beside the lists: target -> source


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """How a value came about: after the origin, each function and the table; or why it could not be made."""

    steps: tuple[tuple[str, Any], ...]
    error: MappingError | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """What a map made of a record. `values` holds each written target path once; a list stands under its name,
    without what is only written on create."""

    payload: JSONDict
    values: dict[str, Any]
    traces: Mapping[str, FieldTrace] = field(default_factory=dict)

    @property
    def error(self) -> MappingError | None:
        """The first field that could not be made; only a traced build has one, as others raise it."""
        return next((trace.error for trace in self.traces.values() if trace.error), None)


def compile_map(resource_map: ResourceMap) -> CompiledMap:
    """Return the map ready to run. Raises MappingError naming the field and function that cannot work."""
    _check_targets([one.target for one in resource_map.fields] + list(resource_map.lists))
    for name, rows in resource_map.lists.items():
        _check_targets([one.target for one in rows], parent=name)
    fields = tuple(_compile_field(one, in_list="") for one in resource_map.fields)
    lists = {
        name: tuple(_compile_field(one, in_list=name) for one in rows) for name, rows in resource_map.lists.items()
    }
    updated = [one.target for one in fields if one.when not in NOT_UPDATED]
    updated += [name for name, rows in lists.items() if any(one.when not in NOT_UPDATED for one in rows)]
    every = [*fields, *(one for rows in lists.values() for one in rows)]
    return CompiledMap(
        fields,
        lists,
        frozenset(updated),
        frozenset(one.table for one in every if one.table),
        resource_map.skips_empty,
        asks=any(one.asks for one in every),
        sources={one.target: one.source for one in resource_map.fields if one.source},
    )


def build(
    compiled: CompiledMap,
    record: SourceRecord,
    *,
    tables: Mapping[str, ValueTableData],
    kind: Kind | None = None,
    trace: bool = False,
) -> Built:
    """Make the payload. For an update, fields that are only written on create are not even tried.

    Raises MappingError; with `trace` nothing is raised and each field tells its steps and its error.
    """
    scope = Scope(record)
    payload: JSONDict = {}
    values: dict[str, Any] = {}
    traces: dict[str, FieldTrace] | None = {} if trace else None
    for one in compiled.fields:
        if _is_left_out(one.when, kind):
            continue
        value = _make(one, record.core, scope, tables, traces, one.target)
        if value is not MISSING and not (compiled.skips_empty and value in (None, "")):
            values[one.target] = value
            set_path(payload, one.target, value)
    for name, rows in compiled.lists.items():
        if kind == "update" and name not in compiled.update_paths:
            continue
        payload[name] = _build_rows(name, rows, scope, tables, kind, traces)
        values[name] = _without_create_only(payload[name], rows) if name in compiled.update_paths else payload[name]
    return Built(payload, values, traces or {})


def questions(compiled: CompiledMap, record: SourceRecord) -> set[Asked]:
    """Return what the fields of a record look up in the target. What cannot be made is told when it is built."""
    scope = Scope(record)
    found = {_asked(one, record.core, scope) for one in compiled.fields if one.asks}
    for name, rows in compiled.lists.items():
        asking = [one for one in rows if one.asks]
        for at, item in enumerate(scope.items(name) if asking else ()):
            scope.index = at
            found |= {_asked(one, item, scope) for one in asking}
    return {one for one in found if one is not None}


def needs_current(compiled: CompiledMap) -> bool:
    """Return whether an update depends on what the target holds now."""
    every = [*compiled.fields, *(one for rows in compiled.lists.values() for one in rows)]
    return any(one.when in {When.IF_UNTOUCHED, When.IF_EMPTY} for one in every)


def select_for_update(
    compiled: CompiledMap,
    built: Built,
    *,
    touched: Callable[[str], bool] | None = None,
    current: Callable[[str], Any] | None = None,
) -> JSONDict:
    """Return the part of the payload an update sends. Where nothing is known of the target, hand edits win."""

    def is_written(when: When, path: str) -> bool:
        if when is When.IF_UNTOUCHED:
            return touched is not None and not touched(path)
        if when is When.IF_EMPTY:
            return current is not None and is_empty(current(path))
        return when not in NOT_UPDATED

    payload: JSONDict = {}
    for one in compiled.fields:
        if one.target in built.values and is_written(one.when, one.target):
            set_path(payload, one.target, built.values[one.target])
    for name, rows in compiled.lists.items():
        kept = [one for one in rows if is_written(one.when, name)]
        if kept and name in built.values:
            payload[name] = [_pick(row, kept) for row in built.values[name]]
    return payload


def _is_left_out(when: When, kind: Kind | None) -> bool:
    return when is When.NEVER or (kind == "update" and when is When.ON_CREATE)


def _check_targets(targets: list[str], parent: str = "") -> None:
    seen: set[str] = set()
    for target in targets:
        where = f"{parent}.{target}" if parent else target
        if not all(target.split(".")):
            raise _located(MappingError(why=_("the path is not complete")), where)
        if target in seen:
            raise _located(MappingError(why=_("it is mapped twice")), where)
        seen.add(target)
    for target in targets:
        parts = target.split(".")
        for end in range(1, len(parts)):
            if ".".join(parts[:end]) in seen:
                raise _located(MappingError(why=_("it lies inside another field that is mapped as a whole")), target)


def _compile_field(one: FieldMap, *, in_list: str) -> CompiledField:
    where = f"{in_list}.{one.target}" if in_list else one.target
    try:
        return CompiledField(
            target=one.target,
            read=compile_cases(one, is_in_list=bool(in_list)),
            steps=tuple((step.fn, compile_step(step.fn, step.args)) for step in one.steps),
            table=one.table,
            when=one.when,
            on_error=one.on_error,
            required=one.required,
            asks=_asks(one),
        )
    except MappingError as error:
        raise _located(error, where) from error


def _build_rows(
    name: str,
    fields: tuple[CompiledField, ...],
    scope: Scope,
    tables: Mapping[str, ValueTableData],
    kind: Kind | None,
    traces: dict[str, FieldTrace] | None,
) -> list[JSONDict]:
    rows: list[JSONDict] = []
    for at, item in enumerate(scope.items(name), start=1):
        scope.index = at - 1
        row: JSONDict = {}
        for one in fields:
            if _is_left_out(one.when, kind):
                continue
            value = _make(one, item, scope, tables, traces, f"{name}[{at}].{one.target}")
            if value is not MISSING:
                set_path(row, one.target, value)
        rows.append(row)
    return rows


def _make(
    one: CompiledField,
    item: Any,
    scope: Scope,
    tables: Mapping[str, ValueTableData],
    traces: dict[str, FieldTrace] | None,
    where: str,
) -> Any:
    """Return the value of a field, MISSING if it is left out. A traced build notes errors instead of raising."""
    steps: list[tuple[str, Any]] | None = None if traces is None else []
    failure: MappingError | None = None
    try:
        value = _run(one, item, scope, tables, steps)
    except MappingError as error:
        failure, value = error, MISSING
    is_blocked = failure is not None and one.on_error is OnError.BLOCK
    if one.required and not is_blocked and is_empty(value):
        failure, is_blocked = MappingError("mapping.required"), True
    if failure is not None:
        _located(failure, where)
    if traces is not None:
        traces[where] = FieldTrace(tuple(steps or ()), failure if is_blocked else None)
    elif failure is not None and is_blocked:
        raise failure
    return value


def _run(
    one: CompiledField,
    item: Any,
    scope: Scope,
    tables: Mapping[str, ValueTableData],
    steps: list[tuple[str, Any]] | None,
) -> Any:
    value = one.read(item, scope)
    is_final = isinstance(value, Final)
    value = value.value if is_final else value
    if steps is not None:
        steps.append(("source", value))
    if is_final:
        return written(value)
    for name, apply in one.steps:
        value = apply(value)
        if isinstance(value, Asked):
            value = _answer(value, scope)
        if steps is not None:
            steps.append((name, value))
    if one.table:
        chosen = scope.pair(one.table, is_in_list=item is not scope.record.core)
        value = look_up(one.table, tables.get(one.table), value) if chosen is MISSING else chosen
        if steps is not None:
            steps.append((one.table, value))
    return written(value)


def _asks(one: FieldMap) -> bool:
    count = sum(step.fn == LOOK_UP for step in one.steps)
    if count > 1:
        raise MappingError(why=_("it looks something up more than once"))
    return count == 1 and one.when is not When.NEVER


def _asked(one: CompiledField, item: Any, scope: Scope) -> Asked | None:
    try:
        value = one.read(item, scope)
        if isinstance(value, Final):
            return None
        for _name, apply in one.steps:
            value = apply(value)
            if isinstance(value, Asked):
                return value
    except MappingError:
        return None
    return None


def _answer(asked: Asked, scope: Scope) -> Any:
    """Return what was found beforehand. Raises MappingError for nothing, and for several."""
    found = scope.resolved.get(LOOK_UPS, {}).get(asked.name)
    if found is None:
        raise MappingError(why=_("it is looked up when the record is sent"))
    if "code" in found:
        raise MappingError(found["code"], **found["params"])
    return found["value"]


def _located(error: MappingError, where: str) -> MappingError:
    error.field = where
    error.params.setdefault("field", where)  # the sentence names the field, and is stored with its parameters
    return error


def _without_create_only(rows: list[JSONDict], fields: tuple[CompiledField, ...]) -> list[JSONDict]:
    kept = [one for one in fields if one.when not in NOT_UPDATED]
    return rows if len(kept) == len(fields) else [_pick(row, kept) for row in rows]


def _pick(row: JSONDict, fields: list[CompiledField]) -> JSONDict:
    """Return the row with the given fields only."""
    picked: JSONDict = {}
    for one in fields:
        inner: Any = row
        for name in one.target.split("."):
            inner = inner.get(name, MISSING) if isinstance(inner, dict) else MISSING
        if inner is not MISSING:
            set_path(picked, one.target, inner)
    return picked
