"""The rows of the mapping page: each target field with where it comes from, what is done to it and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from connectors.base import FieldInfo
from connectors.maps import FieldMap, When
from dashboard.mapping.cases import case_words
from dashboard.mapping.field_paths import core_path, fields_in
from dashboard.mapping.outcomes import Outcome, misfit, outcome_of
from dashboard.mapping.words import (
    expression_title,
    function_title,
    is_sent_on_create,
    is_sent_on_update,
    origin_of,
    source_path_title,
    step_words,
    value_words,
)
from dashboard.words import table_title
from flows.maps.changes import FieldPlace, each_field
from flows.maps.checks import Problem
from flows.maps.drafts import DraftState
from flows.maps.field_lists import FieldList
from flows.maps.samples import Result

Labels = Mapping[str, Mapping[str, str]]  # value table -> value -> what a person calls it


@dataclass(frozen=True, slots=True)
class Chip:
    """A function of a chain, or a value table."""

    text: str
    title: str = ""
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of a field comes from, in words and as it is written."""

    title: str
    path: str
    kind: str  # field | constant | expression


@dataclass(frozen=True, slots=True)
class Row:
    """One target field."""

    place: FieldPlace
    info: FieldInfo
    field: FieldMap | None
    origin: Origin | None
    chips: tuple[Chip, ...]
    outcome: Outcome
    result: Result | None
    problems: tuple[str, ...]
    misfit: str  # why the target would not take the value
    is_changed: bool
    is_key: bool
    is_selected: bool
    is_updated: bool  # whether the flow changes existing records of this kind at all
    was: Origin | None  # in the live version, where the field is empty now

    @property
    def id(self) -> str:
        return "f-" + "".join(sign if sign.isalnum() else "-" for sign in self.place.key)

    @property
    def title(self) -> str:
        return str(self.info.title)

    @property
    def is_missing(self) -> bool:
        return self.field is None

    @property
    def has_problem(self) -> bool:
        return bool(self.problems or self.misfit) or self.outcome.is_bad

    @property
    def on_create(self) -> bool:
        return self.field is not None and is_sent_on_create(self.field.when)

    @property
    def on_update(self) -> bool:
        return self.is_updated and self.field is not None and is_sent_on_update(self.field.when)

    @property
    def hand_edits_win(self) -> bool:
        return self.field is not None and self.field.when is When.IF_UNTOUCHED

    @property
    def only_if_empty(self) -> bool:
        return self.field is not None and self.field.when is When.IF_EMPTY

    @property
    def css(self) -> str:
        """Its classes in the table."""
        names = {"miss": self.is_missing or bool(self.problems), "new": self.is_changed, "sel": self.is_selected}
        return " ".join(name for name, holds in names.items() if holds)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under the target's own heading; those of a list inside the record under the list's."""

    title: str
    in_list: str
    rows: tuple[Row, ...]
    total: int

    @property
    def filled(self) -> int:
        return sum(not row.is_missing for row in self.rows)

    @property
    def problems(self) -> int:
        return sum(row.has_problem for row in self.rows)


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Everything that goes into rows of one kind of record."""

    draft: DraftState
    kind: str
    targets: FieldList
    sources: FieldList
    results: Mapping[FieldPlace, Result]
    problems: Sequence[Problem]
    labels: Labels
    key: FieldPlace
    selected: FieldPlace | None
    target: str  # the system's name
    is_updated: bool = True

    def groups(self) -> list[Group]:
        """Return the record's own groups in the target's order, then one per list."""
        own = self.draft.maps[self.kind]
        lists = list(own.lists)
        found = _grouped(self.rows(""), self.targets.inside("", lists), in_list="")
        for name in lists:
            found += _grouped(self.rows(name), self.targets.inside(name, lists), in_list=name)
        return found

    def rows(self, in_list: str) -> list[Row]:
        """Return a row per field that is mapped, was mapped, must be, or is open."""
        lists = list(self.draft.maps[self.kind].lists)
        infos = {info.path: info for info in self.targets.inside(in_list, lists)}
        fields = {
            place.target: field
            for place, field, _at in each_field({self.kind: self.draft.maps[self.kind]})
            if place.in_list == in_list
        }
        live = [
            place.target
            for place, _field, _at in each_field({self.kind: self.draft.live[self.kind]})
            if place.in_list == in_list
        ]
        open_one = self.selected.target if self.selected and self.selected.in_list == in_list else ""
        shown = {path for path, info in infos.items() if path in fields or info.is_required or path == open_one}
        shown |= {*fields, *live}
        ordered = [path for path in infos if path in shown] + [path for path in (*fields, *live) if path not in infos]
        return [
            self.row(FieldPlace(self.kind, in_list, path), infos.get(path) or unknown_field(path), fields.get(path))
            for path in dict.fromkeys(ordered)
        ]

    def row(self, place: FieldPlace, info: FieldInfo, field: FieldMap | None) -> Row:
        change = self.draft.change_at(place)
        result = self.results.get(place) if field else None
        is_required = info.is_required or bool(field and field.required)
        problems = tuple(one.text for one in self.problems if one.place == place)
        return Row(
            place=place,
            info=info,
            field=field,
            origin=self.origin(field, place.in_list) if field else None,
            chips=tuple(self.chips(field, place.in_list)) if field else (),
            outcome=outcome_of(
                result,
                info,
                labels=self.labels.get(field.table, {}) if field else {},
                target=self.target,
                is_required=is_required,
            ),
            result=result,
            problems=problems,
            misfit=misfit(result, info, target=self.target),
            is_changed=change is not None,
            is_key=place == self.key,
            is_selected=place == self.selected,
            is_updated=self.is_updated,
            was=self.origin(change.before, place.in_list) if change and change.before and field is None else None,
        )

    def origin(self, field: FieldMap, in_list: str) -> Origin:
        kind = origin_of(field)
        if kind == "expression":
            return Origin(expression_title(field.expression), field.expression, kind)
        if kind == "constant":
            return Origin(value_words(field.constant), _("fixed value"), kind)
        parts = [part.strip() for part in field.source.split("|")]
        return Origin(" + ".join(self.source_title(part, in_list) for part in parts), field.source, kind)

    def source_title(self, path: str, in_list: str) -> str:
        info = self.sources.find(core_path(path, in_list))
        return str(info.title) if info else source_path_title(path)

    def chips(self, field: FieldMap, in_list: str) -> Iterator[Chip]:
        for case in field.cases:
            condition, value = case_words(case, fields_in(self.sources, in_list))
            yield Chip(_("if %(condition)s: %(value)s") % {"condition": condition, "value": value}, _("Only if"))
        for step in field.steps:
            yield Chip(step_words(step), function_title(step.fn))
        if field.table:
            yield Chip(table_title(self.draft.flow.kind, field.table), _("Value table"), is_table=True)


def unknown_field(path: str) -> FieldInfo:
    """Return what is shown for a field that the target does not name."""
    return FieldInfo(path, source_path_title(path))


def _grouped(rows: Sequence[Row], infos: Sequence[FieldInfo], *, in_list: str) -> list[Group]:
    totals: dict[str, int] = {}
    for info in infos:
        totals[str(info.group)] = totals.get(str(info.group), 0) + 1
    by_group: dict[str, list[Row]] = {}
    for row in rows:
        by_group.setdefault(str(row.info.group), []).append(row)
    order = [name for name in totals if name in by_group] + [name for name in by_group if name not in totals]
    return [
        Group(name or _("Other fields"), in_list, tuple(by_group[name]), max(totals.get(name, 0), len(by_group[name])))
        for name in order
    ]
