"""Real records to look at a map with: what came, what stands in the target now, what each field makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from django.core.cache import cache
from django.db.models import Q

from apicenter.causes import sentence
from apicenter.crypto import Undecryptable
from apicenter.errors import ApicenterError, MappingError, RecordError
from connectors.base import SourceRecord
from connectors.core import JSONDict
from connectors.maps import FieldMap, ResourceMap, ValueTableData, When
from connectors.models import Connection
from connectors.services import offline_connector, open_connector
from flows.catalog.after import AfterChange
from flows.engine.fingerprint import field_hashes, hash_value
from flows.engine.work import given_for
from flows.maps.changes import FieldPlace
from flows.maps.checks import is_sound, reason
from flows.maps.field_lists import source_name, target_name, target_of
from flows.maps.mapping import FieldTrace, build, compile_map
from flows.maps.paths import MISSING, get_path, is_empty
from flows.maps.sources import PARENT, RESOLVED
from flows.models import Binding, Flow, RunRecord
from flows.services import kind_of
from flows.transforms.look_up import LOOK_UP

Situation = Literal["new", "exists"]
CURRENT_SECONDS = 180
FAILURE_SECONDS = 30
MOST_LOOKED_THROUGH = 200
PLACE = "cache|current"
LATER = (RESOLVED, PARENT + RESOLVED)


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored record of the flow, opened. Without `source` it cannot be read any more, and `problem` says why."""

    row: RunRecord
    source: SourceRecord | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Current:
    """What stands in the target for a record. `values` is None when that is not known: then `problem` says why, or
    the record is not there yet (`target_id` is "")."""

    target_id: str = ""
    values: JSONDict | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    is_updated: bool = True  # whether this flow changes records that exist


@dataclass(frozen=True, slots=True)
class Result:
    """What one field comes to for a record.

    `outcome`: "sent" (a value goes out), "same" (it stands there already), "kept" (what stands there stays: `why` is
    on_create, touched, filled, never or no_update), "empty" (no value, left out), "error", "later" (looked up when it
    is sent), "off" (switched off), "none" (no record to look at).
    """

    outcome: str
    value: Any = MISSING
    old: Any = MISSING
    why: str = ""
    error: str = ""
    trace: tuple[tuple[str, Any], ...] = ()
    rows: int = 0  # of a list: how many lines the record has

    @property
    def is_error(self) -> bool:
        return self.outcome == "error"


def samples_of(flow: Flow, resource: str, *, q: str = "", limit: int = 20) -> list[RunRecord]:
    """Return the records of this kind that were received last and are still stored, each once."""
    rows = RunRecord.objects.filter(flow=flow, kind=resource, source__isnull=False).defer("source", "exchange")
    if q:
        rows = rows.filter(Q(natural_key__icontains=q) | Q(label__icontains=q) | Q(source_key=q))
    newest: dict[str, RunRecord] = {}
    for row in rows.select_related("flow").order_by("-created_at", "-pk")[:MOST_LOOKED_THROUGH]:
        newest.setdefault(row.source_key, row)
    return list(newest.values())[:limit]


def open_sample(flow: Flow, row: RunRecord) -> Sample:
    """Open a stored record. Calls nobody and never raises."""
    try:
        raw = row.read_source()
        source = offline_connector(flow.source).source(source_name(flow, row.kind))
        record = kind_of(flow).prepare(source.parse(raw), given_for(flow))
        return Sample(row, record)
    except Undecryptable:
        return Sample(row, problem="sealed")
    except RecordError as error:
        return Sample(row, problem=str(error))
    except (KeyError, TypeError, ValueError):  # stored by an earlier version of us, or cut
        return Sample(row, problem="unreadable")


def updates(flow: Flow, resource: str) -> bool:
    """Return whether the flow changes records of this kind that exist in the target already."""
    kind = kind_of(flow)
    settings = kind.settings_model.model_validate(flow.settings)
    return target_of(flow, resource).can_update and kind.updates(resource, settings)


class Fate(StrEnum):
    """What becomes of a change in the source once a record is in the target."""

    SENT = "sent"
    REVISED = "revised"  # a document is changed, as long as nobody has worked on it
    ASKED = "asked"  # a person is shown what differs
    LEFT = "left"


def fate_of_change(flow: Flow, resource: str) -> Fate:
    """Return what the flow, as it is set now, does with a change of a record that was sent."""
    if updates(flow, resource):
        return Fate.SENT
    kind = kind_of(flow)
    after = kind.after(resource, kind.settings_model.model_validate(flow.settings)).change
    if after is AfterChange.IGNORE or target_of(flow, resource).comparing is None:
        return Fate.LEFT
    return Fate.REVISED if after is AfterChange.UPDATE else Fate.ASKED


def current_of(flow: Flow, row: RunRecord) -> Current:
    """Return what stands in the target for a record, read at most every few minutes. Never raises."""
    is_updated = updates(flow, row.kind)
    bound = Binding.objects.filter(
        from_connection=flow.source_id, to_connection=flow.target_id, kind=row.kind, source_key=row.source_key
    ).first()
    target_id = bound.target_id if bound else row.target_id
    if not target_id or not is_updated:
        return Current(target_id, is_updated=is_updated)
    hashes = bound.hashes if bound else {}
    if not target_of(flow, row.kind).can_read:
        return Current(target_id, None, hashes)
    if flow.target.state == Connection.State.NEEDS_PERSON:
        return Current(target_id, None, hashes, problem=flow.target.problem)
    failed_key = f"{_current_key(flow, row.kind, target_id)}:failed"
    if failure := cache.get(failed_key):
        return Current(target_id, None, hashes, problem=sentence(*failure))
    try:
        return Current(target_id, _read_current(flow, row, target_id), hashes)
    except ApicenterError as error:  # not asked again at each key that is pressed
        cache.set(failed_key, (error.code, error.params), FAILURE_SECONDS)
        return Current(target_id, None, hashes, problem=str(error))


def _read_current(flow: Flow, row: RunRecord, target_id: str) -> JSONDict:
    """Return the present values; they are kept sealed, as everything that is stored of a record."""
    kept = cache.get(_current_key(flow, row.kind, target_id))
    if kept is not None:
        opened: JSONDict = flow.organization.vault.open(kept, place=PLACE, row_id=flow.target_id)
        return opened
    with open_connector(flow.target, is_interactive=True) as connector:
        values = connector.target(target_name(flow, row.kind)).read(target_id)
    keep_current(flow, row.kind, target_id, values)
    return values


def keep_current(flow: Flow, kind: str, target_id: str, values: JSONDict) -> None:
    """Keep what was just read from the target for a few minutes, sealed."""
    sealed = flow.organization.vault.seal(values, place=PLACE, row_id=flow.target_id)
    cache.set(_current_key(flow, kind, target_id), sealed, CURRENT_SECONDS)


def _current_key(flow: Flow, kind: str, target_id: str) -> str:
    return f"current:{flow.target_id}:{kind}:{target_id}"


def results(
    resource: str,
    one: ResourceMap,
    sample: Sample | None,
    *,
    tables: Mapping[str, ValueTableData],
    situation: Situation = "new",
    current: Current | None = None,
) -> dict[FieldPlace, Result]:
    """Return what each field of a map comes to. A field that cannot run at all is left out: map_checks tells why."""
    if sample is None or sample.source is None:
        return {}
    shown = _always(one)
    try:
        compiled = compile_map(shown)
    except MappingError:  # two fields get in each other's way
        return {}
    built = build(compiled, sample.source, tables=tables, trace=True)
    found: dict[FieldPlace, Result] = {}
    for entry in (each for each in one.fields if is_sound(each)):
        place = FieldPlace(resource, "", entry.target)
        made = _made(entry, built.values.get(entry.target, MISSING), built.traces.get(entry.target))
        found[place] = _placed(entry, made, situation, current, entry.target)
    for name in shown.lists:
        lines = built.payload.get(name) or []
        for entry in (each for each in one.lists[name] if is_sound(each, in_list=name)):
            place = FieldPlace(resource, name, entry.target)
            value = get_path(lines[0], entry.target) if lines else MISSING
            made = _made(entry, value, _line_trace(built.traces, name, entry.target, len(lines)), len(lines))
            found[place] = _placed(entry, made, situation, current, name)
    return found


def _always(one: ResourceMap) -> ResourceMap:
    """Return the fields that can run, each as if it were always sent: one that is not is shown all the same."""

    def run(fields: tuple[FieldMap, ...], in_list: str) -> tuple[FieldMap, ...]:
        return tuple(
            field.model_copy(update={"when": When.ALWAYS}) for field in fields if is_sound(field, in_list=in_list)
        )

    lists = {name: run(rows, name) for name, rows in one.lists.items()}
    return one.model_copy(update={"fields": run(one.fields, ""), "lists": lists})


def _line_trace(traces: Mapping[str, FieldTrace], name: str, target: str, count: int) -> FieldTrace | None:
    """Return the trace of the first line, or of the first one that fails."""
    found = [traces[key] for at in range(1, count + 1) if (key := f"{name}[{at}].{target}") in traces]
    return next((one for one in found if one.error), found[0] if found else None)


def _made(entry: FieldMap, value: Any, trace: FieldTrace | None, rows: int = 0) -> Result:
    steps = trace.steps if trace else ()
    is_told = trace is not None and trace.error is not None and trace.error.code.startswith("look_up.")
    if is_found_later(entry) and is_empty(value) and not is_told:
        return Result("later", trace=steps, rows=rows)
    if trace is not None and trace.error is not None:
        return Result("error", error=reason(trace.error), trace=steps, rows=rows)
    if value is MISSING:
        return Result("empty", trace=steps, rows=rows)
    return Result("sent", value, trace=steps, rows=rows)


def is_found_later(entry: FieldMap) -> bool:
    """Whether the value is looked up only when the record is sent."""
    sources = (entry.source, *(case.source for case in entry.cases))
    is_looked_up = any(step.fn == LOOK_UP for step in entry.steps)
    return is_looked_up or any(one.startswith(LATER) for one in sources) or RESOLVED in entry.expression


def _placed(entry: FieldMap, made: Result, situation: Situation, current: Current | None, path: str) -> Result:
    if entry.when is When.NEVER:
        old = _old(current, path) if situation == "exists" else MISSING
        return _as(made, "off", old=old, why="never")
    if situation == "new" or current is None:
        return made
    old = _old(current, path)
    if not current.is_updated:
        return _as(made, "kept", why="no_update")
    if made.outcome != "error" and is_empty(made.value) and is_empty(old) and made.outcome != "later":
        return _as(made, "empty")
    why = _why_kept(entry.when, path, old, current)
    if why:
        return _as(made, "kept", old=old, why=why)
    if made.outcome != "sent":
        return _as(made, made.outcome, old=old)
    is_same = old is not MISSING and hash_value(old) == hash_value(made.value)
    return _as(made, "same" if is_same else "sent", old=old)


def _why_kept(when: When, path: str, old: Any, current: Current) -> str:
    if when is When.ON_CREATE:
        return "on_create"
    if current.values is None:
        return ""
    if when is When.IF_EMPTY and not is_empty(old):
        return "filled"
    if when is When.IF_UNTOUCHED and field_hashes(current.values).get(path) != current.hashes.get(path):
        return "touched"
    return ""


def _as(made: Result, outcome: str, *, old: Any = MISSING, why: str = "") -> Result:
    return Result(outcome, made.value, old, why, made.error, made.trace, made.rows)


def _old(current: Current | None, path: str) -> Any:
    return get_path(current.values, path) if current is not None and current.values is not None else MISSING
