"""What a field may be made from: the source's fields, each with its value of the record that is looked at."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from connectors.base import FieldInfo, SourceRecord
from connectors.maps import FieldMap, ResourceMap
from dashboard.mapping.field_paths import core_path, path_in
from dashboard.mapping.words import RESOLVED_TITLES, source_path_title, value_words
from flows.maps.changes import FieldPlace, each_field
from flows.maps.field_lists import FieldList
from flows.maps.paths import MISSING, get_path
from flows.maps.sources import PARENT, RAW, RESOLVED, core_list

MOST_RAW = 150
DEEPEST = 4
MOST_SUGGESTED = 4
NEAR = 0.72


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One field of the source."""

    path: str
    title: str
    tech: str
    value: str
    group: str
    is_current: bool

    @property
    def search(self) -> str:
        """What a search looks in, in small letters."""
        return f"{self.title} {self.path} {self.tech} {self.group} {self.value}".lower()


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """Choices under one heading."""

    title: str
    choices: tuple[SourceChoice, ...]


def source_groups(
    place: FieldPlace,
    target: FieldInfo,
    field: FieldMap | None,
    *,
    sources: FieldList,
    sample: SourceRecord | None,
    standard: ResourceMap | None,
    live: ResourceMap | None,
) -> list[SourceGroup]:
    """Return all choices: suggestions, the source's own groups, what is looked up, the rest as it came."""
    current = field.source if field else ""
    choices = list(_choices(place, sources, sample, standard, live, current))
    suggested = _suggested(place, target, choices, standard)
    groups: dict[str, list[SourceChoice]] = {}
    for choice in choices:
        groups.setdefault(choice.group, []).append(choice)
    found = [SourceGroup(title, tuple(rows)) for title, rows in groups.items()]
    return [SourceGroup(_("Suggestions"), tuple(suggested)), *found] if suggested else found


def _choices(
    place: FieldPlace,
    sources: FieldList,
    sample: SourceRecord | None,
    standard: ResourceMap | None,
    live: ResourceMap | None,
    current: str,
) -> Iterator[SourceChoice]:
    known: set[str] = set()
    for info in sources.fields:
        path = path_in(info.path, place.in_list)
        known.add(info.path)
        group = str(info.group) or (_("Your own fields") if info.is_custom else _("Fields"))
        value = _value(sample, path, place.in_list)
        yield SourceChoice(path, str(info.title), str(info.hint or info.path), value, group, path == current)
    for path in _looked_up(place, standard, live):
        yield SourceChoice(path, source_path_title(path), path, "", _("Looked up when it is sent"), path == current)
    for path, found in _raw_leaves(sample):
        if path not in known:
            title = path.removeprefix(RAW)
            yield SourceChoice(path, title, path, value_words(found, longest=80), _("As it came"), path == current)


def _value(sample: SourceRecord | None, path: str, in_list: str) -> str:
    if sample is None:
        return ""
    if path.startswith(RAW):
        return value_words(get_path(sample.raw, path.removeprefix(RAW)), longest=80)
    whole = core_path(path, in_list)
    found = get_path(sample.core, whole)
    if in_list and whole.startswith(f"{core_list(in_list)}.") and isinstance(found, list):
        found = found[0] if found else MISSING
    return value_words(found, longest=80)


def _looked_up(place: FieldPlace, *maps: ResourceMap | None) -> list[str]:
    """Return what is found out before a record is sent, as far as a map names it."""
    named: dict[str, None] = {}
    for one in maps:
        for other, field, _at in each_field({place.resource: one} if one else {}):
            if not field.source.startswith((RESOLVED, PARENT + RESOLVED)):
                continue
            if bool(other.in_list) == bool(place.in_list):
                named[field.source] = None
            elif place.in_list:
                named[PARENT + field.source] = None
    return [path for path in named if path.removeprefix(PARENT).removeprefix(RESOLVED) in RESOLVED_TITLES]


def _raw_leaves(sample: SourceRecord | None) -> list[tuple[str, Any]]:
    """Return the single values of what came, by their path."""
    found: list[tuple[str, Any]] = []

    def walk(value: Any, path: str, depth: int) -> None:
        if len(found) >= MOST_RAW or depth > DEEPEST:
            return
        if isinstance(value, Mapping):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}" if path else str(name), depth + 1)
        elif isinstance(value, list):
            for at, inner in enumerate(value[:3]):
                walk(inner, f"{path}.{at}", depth + 1)
        elif value not in (None, ""):
            found.append((RAW + path, value))

    if sample is not None:
        walk({name: one for name, one in sample.raw.items() if name != "resolved"}, "", 0)
    return found


def _suggested(
    place: FieldPlace, target: FieldInfo, choices: list[SourceChoice], standard: ResourceMap | None
) -> list[SourceChoice]:
    usual = next(
        (
            one.source
            for other, one, _at in each_field({place.resource: standard} if standard else {})
            if other == place
        ),
        "",
    )
    scored = [(2.0 if one.path == usual else _likeness(target, one), at, one) for at, one in enumerate(choices)]
    best = sorted((entry for entry in scored if entry[0] >= NEAR), key=lambda entry: (-entry[0], entry[1]))
    return [one for _score, _at, one in best[:MOST_SUGGESTED]]


def _likeness(target: FieldInfo, choice: SourceChoice) -> float:
    """Return how alike two fields are called, 0 to 1."""
    titles = difflib.SequenceMatcher(None, str(target.title).casefold(), choice.title.casefold()).ratio()
    left, right = (_last(path) for path in (target.path, choice.path))
    return max(titles, 0.95 * difflib.SequenceMatcher(None, left, right).ratio())


def _last(path: str) -> str:
    return path.rpartition(".")[2].replace("_", "").casefold()
