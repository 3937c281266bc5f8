"""A dry run: what would happen to the next records, with the exact payload. Reads and looks up; writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apicenter.errors import ApicenterError
from connectors.base import PartAction, ReadRecord, Window
from connectors.core import JSONDict
from flows.engine import intake, planning
from flows.engine.fingerprint import hash_value
from flows.engine.plan import Action, Planned, payload_for
from flows.engine.work import Work, open_work
from flows.maps.changes import Maps
from flows.maps.mapping import compile_map
from flows.maps.paths import MISSING, get_path, is_empty
from flows.models import Flow, RunRecord
from flows.services import window_start


def preview(flow: Flow, *, limit: int = 20, from_start: bool = False, maps: Maps | None = None) -> list[Planned]:
    """Plan up to `limit` records of the flow's next window, with other maps than the live ones if they are given.

    Raises RetryableError, FlowError, and MappingError for maps that cannot run.
    """
    with open_work(flow, None, ensure=intake.ensure_dry) as work:
        _use(work, maps)
        records = records_of_window(work, limit=limit, from_start=from_start)
        return planning.plan_read(work, records)


def records_of_window(work: Work, *, limit: int, from_start: bool = False) -> list[ReadRecord]:
    """Read up to `limit` records that the next run would read. Raises RetryableError, FlowError."""
    flow = work.flow
    window = Window(since=flow.start_from if from_start else window_start(flow))
    return list(islice(_records(work, window), limit))


@dataclass(frozen=True, slots=True)
class Tried:
    """One record of a dry run, and for a write what each field was and would be."""

    planned: Planned
    fields: tuple[TriedField, ...] = ()
    is_present_known: bool = True

    @property
    def action(self) -> Action:
        change = self.planned.change
        is_known = self.is_present_known and change.standing is None
        is_idle = change.action is Action.UPDATE and is_known and not any(one.is_changed for one in self.fields)
        return Action.UNCHANGED if is_idle else change.action


@dataclass(frozen=True, slots=True)
class TriedField:
    """A target field that would be written: what stands there now (MISSING if unknown), and what would."""

    path: str
    before: Any
    after: Any

    @property
    def is_changed(self) -> bool:
        return not _is_equal(self.before, self.after)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What maps would do to real records. Nothing was written."""

    records: tuple[Tried, ...] = field(default=())

    def count(self, *actions: Action) -> int:
        return sum(one.action in actions for one in self.records)


def dry_run(flow: Flow, maps: Maps, *, limit: int = 20) -> DryRun:
    """Plan the records that were received last, read anew, and fill up with the flow's oldest ones.

    Raises RetryableError, FlowError, and MappingError for maps that cannot run.
    """
    with open_work(flow, None, ensure=intake.ensure_dry) as work:
        _use(work, maps)
        records = _recent(work, limit)
        keys = {record.key for record in records}
        others = (one for one in _records(work, Window(since=flow.start_from)) if one.key not in keys)
        records += islice(others, limit - len(records))
        planned = planning.plan_read(work, records)
        present = _present(work, [one for one in planned if one.change.action is Action.UPDATE])
        same = _same_parts(work, planned)
        return DryRun(tuple(_tried(work, one, present, same.get(one.change.key, ())) for one in planned))


def _use(work: Work, maps: Maps | None) -> None:
    if maps is not None:
        work.maps = {resource: compile_map(one) for resource, one in maps.items()}


def _recent(work: Work, limit: int) -> list[ReadRecord]:
    rows = RunRecord.objects.filter(flow=work.flow, kind__in=work.kind.read_kinds).order_by("-created_at")
    keys = list(dict.fromkeys(rows.values_list("kind", "source_key")[: limit * 3]))[:limit]
    found: list[ReadRecord] = []
    for kind in work.kind.read_kinds:
        of_kind = [key for its_kind, key in keys if its_kind == kind]
        found += work.source_of(kind).fetch(of_kind) if of_kind else []
    return found


def _present(work: Work, updates: Sequence[Planned]) -> dict[str, JSONDict]:
    """Return what stands in the target for the records that would be updated; what cannot be read is left out."""

    def read(one: Planned) -> JSONDict:
        return work.target(work.kind_of(one.record)).read(one.change.target_id)

    found = work.target_side.api.settle(read, updates)
    pairs = zip(updates, found, strict=True)
    return {one.change.key: values for one, values in pairs if not isinstance(values, ApicenterError)}


def _same_parts(work: Work, planned: Sequence[Planned]) -> dict[str, tuple[str, ...]]:
    """Return, for the records that would be updated, the lists of parts that stand there as they should."""
    target = work.target(work.kind.key)
    updates = [one for one in planned if one.change.action is Action.UPDATE and one.change.built is not None]
    if not target.part_paths or not updates:
        return {}

    def look(one: Planned) -> bool:
        assert one.change.built is not None
        return all(
            part.action is PartAction.SAME for part in target.parts(one.change.target_id, one.change.built.values)
        )

    found = work.target_side.api.settle(look, updates)
    return {one.change.key: target.part_paths for one, is_same in zip(updates, found, strict=True) if is_same is True}


def _tried(work: Work, one: Planned, present: Mapping[str, JSONDict], same: Sequence[str]) -> Tried:
    change = one.change
    if not change.is_write or change.built is None:
        return Tried(one)
    values = change.built.values
    if change.action is Action.CREATE:
        return Tried(one, tuple(TriedField(path, MISSING, value) for path, value in values.items()))
    current = present.get(change.key)
    payload = payload_for(change, work.maps[work.kind_of(one.record)], current or {})
    sent = {path: get_path(payload, path) for path in values}
    fields = tuple(
        TriedField(path, value if path in same else MISSING if current is None else get_path(current, path), value)
        for path, value in sent.items()
        if value is not MISSING
    )
    return Tried(one, fields, is_present_known=current is not None)


def _is_equal(before: Any, after: Any) -> bool:
    if is_empty(before) or is_empty(after):
        return is_empty(before) and is_empty(after)
    return hash_value(before) == hash_value(after)


def _records(work: Work, window: Window) -> Iterator[ReadRecord]:
    position = None
    while True:
        page = work.source.page(window, position)
        yield from page.records
        position = page.position
        if position is None:
            return
