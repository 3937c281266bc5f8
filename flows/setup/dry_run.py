"""A dry run to be looked at: the plan of real records, and each field as it comes, stands there, and would stand.

Reads and looks up; writes nothing, on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from apicenter.errors import ApicenterError, NotFound
from connectors.base import Part, PartAction, SourceRecord, Target
from connectors.core import JSONDict
from flows.engine import intake, planning
from flows.engine.fingerprint import hash_value
from flows.engine.plan import Action, Change, Planned, payload_for
from flows.engine.work import Work, open_work
from flows.engine.writing import by_kind
from flows.maps.field_lists import keep_fields
from flows.maps.mapping import FieldTrace, build, needs_current
from flows.maps.paths import MISSING, get_path
from flows.models import Flow
from flows.setup.preview import records_of_window


class Verdict(StrEnum):
    """What would become of one field."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"  # not written to a record that exists already


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of one record: what comes, what stands there now, what would stand there. Missing values are None."""

    path: str
    given: Any
    before: Any
    after: Any
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Examined:
    """A record with its plan, exactly what would be sent, and that field by field."""

    kind: str
    planned: Planned
    payload: JSONDict = field(default_factory=dict)
    fields: tuple[FieldLine, ...] = ()
    parts: tuple[Part, ...] = ()  # what else would be made or changed with it

    @property
    def changed_count(self) -> int:
        fields = sum(line.verdict is Verdict.CHANGED for line in self.fields)
        return fields + sum(part.action is not PartAction.SAME for part in self.parts)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What was planned, with what the records need first (the customers of orders)."""

    examined: list[Examined]
    titles: dict[tuple[str, str], str]  # (kind, path): what the target calls the field
    labels: dict[tuple[str, str], dict[str, str]]  # (kind, path): what the target calls the values of its list


def examine(flow: Flow, *, limit: int) -> DryRun:
    """Plan up to `limit` records of the flow's next window. Raises RetryableError, FlowError."""
    first: dict[str, dict[str, Planned]] = {}

    def note(kind: str, planned: Sequence[Planned]) -> None:
        first.setdefault(kind, {}).update({one.record.key: one for one in planned})

    with open_work(flow, None, ensure=partial(intake.ensure_dry, note=note)) as work:
        records = records_of_window(work, limit=limit)
        examined: list[Examined] = []
        for kind, planned in by_kind(work, planning.plan_read(work, records)):
            examined += _examine_all(work, kind, planned)
        for kind, others in first.items():
            examined += _examine_all(work, kind, list(others.values()))
        titles: dict[tuple[str, str], str] = {}
        labels: dict[tuple[str, str], dict[str, str]] = {}
        shown = {(one.kind, line.path) for one in examined for line in one.fields}
        for kind in sorted({kind for kind, _path in shown}):
            every = work.target(kind).fields()
            keep_fields(flow.target, f"target:{work.target(kind).kind}", every)
            infos = [info for info in every if (kind, info.path) in shown]
            titles |= {(kind, info.path): str(info.title) for info in infos}
            labels |= {(kind, info.path): _labels(work, info.list_name) for info in infos if info.list_name}
        return DryRun(examined, titles, labels)


def _labels(work: Work, list_name: str) -> dict[str, str]:
    if list_name not in work.target_side.option_lists:
        return {}
    return {option.value: option.label for option in work.target_side.options(list_name)}


def _examine_all(work: Work, kind: str, planned: Sequence[Planned]) -> list[Examined]:
    updates = [one for one in planned if one.change.action is Action.UPDATE and one.change.standing is None]
    target = work.target(kind)
    answers = work.target_side.api.settle(lambda one: target.read(one.change.target_id), updates)
    present = {one.record.key: _read(answer) for one, answer in zip(updates, answers, strict=True)}
    examined = [_examine(work, kind, one, present.get(one.record.key)) for one in planned]
    return _with_parts(work, target, examined) if target.part_paths else examined


def _with_parts(work: Work, target: Target, examined: Sequence[Examined]) -> list[Examined]:
    found = work.target_side.api.settle(lambda one: target.parts(one.planned.change.target_id, one.payload), examined)
    return [
        replace(one, parts=() if isinstance(parts, ApicenterError) else parts)
        for one, parts in zip(examined, found, strict=True)
    ]


def _read(answer: JSONDict | ApicenterError) -> JSONDict:
    """Return what stands in the target. Raises what keeps it from being read, except that it has gone."""
    if isinstance(answer, NotFound):
        return {}
    if isinstance(answer, ApicenterError):
        raise answer
    return answer


def _examine(work: Work, kind: str, one: Planned, current: JSONDict | None) -> Examined:
    record, change = one.record, one.change
    if not change.is_write or not isinstance(record, SourceRecord):
        return Examined(kind, one)
    if change.standing is not None:
        return Examined(kind, one, change.payload, _revised(work, kind, change))
    compiled = work.maps[kind]
    payload = payload_for(change, compiled, current or {}) if needs_current(compiled) else change.payload
    if current is None:
        payload = change.payload
    traced = build(compiled, record, tables=work.tables, kind="create", trace=True)
    parts = work.target(kind).part_paths
    alone = {path: trace for path, trace in traced.traces.items() if "[" not in path and path not in parts}
    lines = [_line(path, trace, payload, current) for path, trace in alone.items()]
    lines += [_list_line(name, record, payload, current) for name in compiled.lists if name not in parts]
    return Examined(kind, one, payload, tuple(line for line in lines if line is not None))


def _revised(work: Work, kind: str, change: Change) -> tuple[FieldLine, ...]:
    """A document that is changed or cancelled: a line for each difference there is."""
    comparing, found = work.target(kind).comparing, change.told.get("differences") or ()
    name = comparing.lines if comparing else ""
    return tuple(
        FieldLine(one["path"] or f"{name} {one['item']}", None, one["before"], one["after"], Verdict.CHANGED)
        for one in found
    )


def _line(path: str, trace: FieldTrace, payload: JSONDict, current: JSONDict | None) -> FieldLine | None:
    given = trace.steps[0][1] if trace.steps else None
    after = get_path(payload, path)
    if current is None:
        return None if after is MISSING else FieldLine(path, _none(given), None, after, Verdict.NEW)
    before = get_path(current, path)
    if after is MISSING:
        return FieldLine(path, _none(given), _none(before), _none(before), Verdict.KEPT)
    return FieldLine(path, _none(given), _none(before), after, _verdict(before, after))


def _list_line(name: str, record: SourceRecord, payload: JSONDict, current: JSONDict | None) -> FieldLine | None:
    """A list is one line, with the number of its rows."""
    rows = payload.get(name)
    if rows is None:
        return None
    given = getattr(record.core, name, None)
    before = None if current is None else current.get(name)
    verdict = Verdict.NEW if current is None else _verdict(before, rows)
    return FieldLine(name, _count(given), _count(before), _count(rows), verdict)


def _count(rows: Any) -> int | None:
    return len(rows) if isinstance(rows, list | tuple) else None


def _verdict(before: Any, after: Any) -> Verdict:
    if before in (MISSING, None, "") and after in (None, ""):
        return Verdict.SAME
    if before is MISSING:
        return Verdict.CHANGED
    return Verdict.SAME if hash_value(before) == hash_value(after) else Verdict.CHANGED


def _none(value: Any) -> Any:
    return None if value is MISSING else value
