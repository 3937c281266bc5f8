"""Versions of the maps and what differs between two of them, as rows and as what one record would become."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apicenter.crypto import redact
from apicenter.errors import MappingError
from connectors.base import FieldInfo
from connectors.maps import FieldMap
from dashboard.mapping.page import labels_of_values
from dashboard.mapping.rows import Chip, Origin, RowMaker, unknown_field
from dashboard.mapping.words import is_sent_on_create, is_sent_on_update
from dashboard.words import WHEN, kind_word, tile_of
from flows.engine.work import tables_of
from flows.maps.changes import FieldChange, Maps, read_maps
from flows.maps.checks import key_place, reason
from flows.maps.drafts import DraftState
from flows.maps.field_lists import source_fields, target_fields
from flows.maps.mapping import build, compile_map
from flows.maps.samples import Sample, open_sample, samples_of
from flows.maps.versions import VersionUse, diff_versions, versions_of
from flows.models import Flow, MapVersion, RunRecord


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field on one side of a difference."""

    origin: Origin
    chips: tuple[Chip, ...]
    when: str
    on_create: bool
    on_update: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field that differs."""

    title: str
    path: str
    kind: str
    before: FieldWords | None
    after: FieldWords | None

    @property
    def is_when_only(self) -> bool:
        """Whether only the moment differs: then nothing else is said twice."""
        if self.before is None or self.after is None:
            return False
        return (self.before.origin, self.before.chips) == (self.after.origin, self.after.chips)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of JSON; css marks one that is only on this side."""

    text: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One record run through two versions."""

    row: RunRecord
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    problem: str = ""

    @property
    def is_same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class History:
    """The page of versions."""

    uses: list[VersionUse]
    version: MapVersion
    against: MapVersion | None
    lines: list[ChangeLine]
    comparison: Comparison | None

    @property
    def next_number(self) -> int:
        return self.uses[0].version.number + 1


def change_lines(flow: Flow, changes: Sequence[FieldChange], *, before: Maps, after: Maps) -> list[ChangeLine]:
    """Return differences in words. Calls nobody."""
    makers: dict[str, RowMaker] = {}
    found: list[ChangeLine] = []
    for change in changes:
        kind = change.place.resource
        maker = makers.setdefault(kind, _maker(flow, kind, before, after))
        info = maker.targets.find(change.place.path) or unknown_field(change.place.path)
        found.append(_line(maker, change, info))
    return found


def build_history(flow: Flow, *, number: int, against: int, record: str) -> History:
    """Gather the page: a version (0 = the live one) beside an earlier one (0 = the one before)."""
    uses = versions_of(flow)
    by_number = {one.version.number: one.version for one in uses}
    live = flow.map_version or uses[0].version
    version = by_number.get(number, live)
    other = by_number.get(against) or by_number.get(version.number - 1)
    if other is None or other == version:
        return History(uses, version, None, [], None)
    old, new = read_maps(other.maps), read_maps(version.maps)
    changes = diff_versions(other, version)
    kind = changes[0].place.resource if changes else flow.kind
    return History(
        uses,
        version,
        other,
        change_lines(flow, changes, before=old, after=new),
        _comparison(flow, kind, old, new, record),
    )


def _maker(flow: Flow, kind: str, before: Maps, after: Maps) -> RowMaker:
    return RowMaker(
        draft=DraftState(flow, before, after, 0),
        kind=kind,
        targets=target_fields(flow, kind, is_offline=True),
        sources=source_fields(flow, kind, is_offline=True),
        results={},
        problems=(),
        labels=labels_of_values(flow),
        key=key_place(flow, kind),
        selected=None,
        target=tile_of(flow.target.connector).title,
    )


def _line(maker: RowMaker, change: FieldChange, info: FieldInfo) -> ChangeLine:
    return ChangeLine(
        title=str(info.title),
        path=change.place.path,
        kind=kind_word(change.place.resource),
        before=_words(maker, change.before, change.place.in_list),
        after=_words(maker, change.after, change.place.in_list),
    )


def _words(maker: RowMaker, field: FieldMap | None, in_list: str) -> FieldWords | None:
    if field is None:
        return None
    return FieldWords(
        origin=maker.origin(field, in_list),
        chips=tuple(maker.chips(field, in_list)),
        when=str(WHEN[field.when.value]),
        on_create=is_sent_on_create(field.when),
        on_update=is_sent_on_update(field.when),
    )


def _comparison(flow: Flow, kind: str, old: Maps, new: Maps, record: str) -> Comparison | None:
    rows = samples_of(flow, kind)
    row = next((one for one in rows if str(one.pk) == record), rows[0] if rows else None)
    if row is None:
        return None
    sample = open_sample(flow, RunRecord.objects.select_related("organization").get(pk=row.pk))
    if sample.source is None:
        return None
    try:
        left, right = (_payload(flow, maps, kind, sample) for maps in (old, new))
    except MappingError as error:
        return Comparison(row, (), (), reason(error))
    return Comparison(row, *_marked(left, right))


def _payload(flow: Flow, maps: Maps, kind: str, sample: Sample) -> str:
    assert sample.source is not None
    if kind not in maps:
        return "{}"
    built = build(compile_map(maps[kind]), sample.source, tables=tables_of(flow), trace=True)
    return json.dumps(redact(built.payload), indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return dict(value) if isinstance(value, Mapping) else str(value)


def _marked(left: str, right: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    before, after = left.splitlines(), right.splitlines()
    old, new = [Line(text) for text in before], [Line(text) for text in after]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            old[i1:i2] = [Line(text, "hl") for text in before[i1:i2]]
            new[j1:j2] = [Line(text, "add") for text in after[j1:j2]]
    return tuple(old), tuple(new)
