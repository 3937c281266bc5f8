"""Comparing a record with those of the target that it could be, field by field, read live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicenter.errors import ApicenterError, RecordError
from connectors.base import SourceRecord, Target
from flows.catalog.base import with_resolved
from flows.engine import intake
from flows.engine.work import Work, open_work
from flows.maps.field_lists import told_apart
from flows.maps.mapping import build
from flows.models import RunRecord

MOST_CANDIDATES = 5
MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the target that fits; `problem` says why it cannot be shown."""

    id: str
    label: str
    values: Mapping[str, str]
    url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field as our record would fill it, and as each candidate holds it."""

    path: str
    title: str
    ours: str
    theirs: tuple[str, ...]

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """The candidates' values, each with whether it is the same as ours."""
        return [(value, bool(value) and same_text(value, self.ours)) for value in self.theirs]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A record beside its candidates. A problem of a whole side is said once."""

    candidates: tuple[Candidate, ...]
    fields: tuple[ComparedField, ...] = ()
    problem: str = ""


def compare(record: RunRecord) -> Comparison:
    """Read all candidates live and put them beside the record. Never raises for a system that does not answer."""
    choices = record.params.get("choices", ())[:MOST_CANDIDATES]
    try:
        with open_work(record.flow, None, ensure=intake.ensure_dry) as work:
            target = work.target(record.kind)
            candidates = tuple(_read(target, choice) for choice in choices)
            return Comparison(candidates, _fields(target, _ours(work, record), candidates))
    except ApicenterError as error:
        unread = tuple(Candidate(choice["id"], choice["label"], {}) for choice in choices)
        return Comparison(unread, problem=str(error))


def same_text(one: str, other: str) -> bool:
    """Whether two values say the same to a person: capitals, spaces and separators do not count."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _read(target: Target, choice: Mapping[str, str]) -> Candidate:
    if not target.can_read:
        return Candidate(choice["id"], choice["label"], {})
    try:
        values = _leaves(target.read(choice["id"]))
    except RecordError as error:  # one that is gone does not hide the others
        return Candidate(choice["id"], choice["label"], {}, problem=str(error))
    return Candidate(choice["id"], choice["label"], values, url=target.url(choice["id"]))


def _ours(work: Work, record: RunRecord) -> Mapping[str, str]:
    """Return what the record would be sent as; empty if it cannot be made now."""
    source = work.source if record.kind == work.source.kind else work.source.connector.source(record.kind)
    try:
        parsed = source.parse(record.read_source())
        assert isinstance(parsed, SourceRecord)
        named = with_resolved(work.kind.prepare(parsed, work.given), reference="")
        return _leaves(build(work.maps[record.kind], named, tables=work.tables, kind="create").payload)
    except RecordError:
        return {}


def _fields(target: Target, ours: Mapping[str, str], candidates: tuple[Candidate, ...]) -> tuple[ComparedField, ...]:
    """Return the fields that tell them apart first: what our record fills, then what the candidates differ in."""
    titles = told_apart(target.fields())
    paths = dict.fromkeys([*ours, *(path for one in candidates for path in one.values)])
    found = [
        ComparedField(
            path, titles.get(path, path), ours.get(path, ""), tuple(one.values.get(path, "") for one in candidates)
        )
        for path in paths
    ]
    telling = [one for one in found if one.ours or len(set(one.theirs)) > 1]
    return tuple(sorted(telling, key=lambda one: (not one.ours, not any(one.theirs)))[:MOST_FIELDS])


def _leaves(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        return {
            leaf: text
            for name, inner in value.items()
            for leaf, text in _leaves(inner, f"{path}.{name}" if path else str(name)).items()
        }
    if isinstance(value, list | tuple) or value is None or value == "":
        return {}
    return {path: str(value)}
