"""The panel of one field: its chain step by step with the value after each, its choices, and when it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args, get_origin

from django.http import QueryDict

from connectors.maps import FieldMap, OnError, ResourceMap, Step
from dashboard.mapping.cases import CaseForm, case_forms
from dashboard.mapping.field_paths import fields_in
from dashboard.mapping.look_up_words import give_choices, place_choices
from dashboard.mapping.rows import Row, RowMaker
from dashboard.mapping.sources import SourceGroup, source_groups
from dashboard.mapping.words import (
    CHOICES,
    LONGEST_TRACE,
    example_words,
    function_title,
    grouped_functions,
    value_words,
)
from dashboard.words import table_title
from flows.maps.changes import find_field, read_maps
from flows.maps.field_lists import target_of
from flows.maps.lookup import key_text
from flows.maps.paths import MISSING, is_empty
from flows.maps.samples import Sample
from flows.models import Flow, MapVersion, ValueRow, ValueTable
from flows.services import kind_of
from flows.transforms import TRANSFORMS, Parameter, Transform
from flows.transforms.look_up import LOOK_UP

MOST_VERSIONS = 40
MOST_TABLE_ROWS = 60


@dataclass(frozen=True, slots=True)
class Argument:
    """An input of a function."""

    name: str
    title: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """One function of the chain."""

    index: int
    title: str
    description: str
    arguments: tuple[Argument, ...]
    after: str
    error: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """The value table at the end of the chain, and its row for the record that is looked at."""

    table: ValueTable | None
    title: str
    key: str
    label: str
    value: str
    after: str
    rows: tuple[ValueRow, ...]
    known: tuple[ValueRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FunctionChoice:
    """A function that may be added."""

    name: str
    title: str
    description: str
    example: str

    @property
    def search(self) -> str:
        return f"{self.title} {self.name} {self.description}".lower()


@dataclass(frozen=True, slots=True)
class LastChange:
    """In which version the field was changed last."""

    version: MapVersion


@dataclass(frozen=True, slots=True)
class Inspector:
    """The open field."""

    row: Row
    origin_value: str
    cases: tuple[CaseForm, ...]
    steps: tuple[StepView, ...]
    table: TableView | None
    sources: tuple[SourceGroup, ...]
    functions: tuple[tuple[str, tuple[FunctionChoice, ...]], ...]
    tables: tuple[tuple[str, str], ...]
    is_left_out_on_error: bool
    is_held_if_empty: bool
    last_change: LastChange | None
    result_value: str
    error: str
    failed: str

    @property
    def field(self) -> FieldMap | None:
        return self.row.field

    @property
    def is_case_open(self) -> bool:
        return self.failed.startswith("case-")

    @property
    def constant(self) -> str:
        value = self.field.constant if self.field else None
        return "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)

    @property
    def expression(self) -> str:
        return self.field.expression if self.field else ""


def build_inspector(
    maker: RowMaker, row: Row, sample: Sample | None, *, error: str, failed: str, posted: QueryDict | None = None
) -> Inspector:
    """Gather the panel of a field."""
    flow, field, place = maker.draft.flow, row.field, row.place
    trace = row.result.trace if row.result else ()
    source = sample.source if sample else None
    return Inspector(
        row=row,
        origin_value=value_words(trace[0][1], longest=LONGEST_TRACE) if trace else "",
        cases=case_forms(
            field,
            fields_in(maker.sources, place.in_list),
            source,
            in_list=place.in_list,
            failed=failed,
            error=error,
            posted=posted,
        )
        if field
        else (),
        steps=tuple(_steps(flow, field.steps, trace, row, failed, error)) if field else (),
        table=_table(flow, field, trace, maker) if field and field.table else None,
        sources=tuple(
            source_groups(
                place,
                row.info,
                field,
                sources=maker.sources,
                sample=source,
                standard=_standard(flow, place.resource),
                live=maker.draft.live.get(place.resource),
            )
        ),
        functions=_functions(),
        tables=tuple(
            (name, table_title(flow.kind, name))
            for name in ValueTable.objects.filter(flow=flow).order_by("name").values_list("name", flat=True)
        ),
        is_left_out_on_error=field is not None and field.on_error is OnError.EMPTY,
        is_held_if_empty=field is not None and field.required,
        last_change=_last_change(flow, row),
        result_value=_result_value(maker, row),
        error=error if not failed.startswith(("step-", "case-")) else "",
        failed=failed,
    )


def _result_value(maker: RowMaker, row: Row) -> str:
    """Return what the chain makes, also where it is not sent."""
    if row.result is None or row.field is None or row.result.value is MISSING:
        return ""
    return value_words(row.result.value, labels=maker.labels.get(row.field.table, {}), longest=LONGEST_TRACE)


def _standard(flow: Flow, resource: str) -> ResourceMap | None:
    return target_of(flow, resource).map_for(resource) if resource in kind_of(flow).resources else None


def _steps(
    flow: Flow, steps: tuple[Step, ...], trace: tuple[tuple[str, Any], ...], row: Row, failed: str, error: str
) -> list[StepView]:
    found: list[StepView] = []
    for index, step in enumerate(steps):
        known = TRANSFORMS.get(step.fn)
        has_run = index + 1 < len(trace)
        is_where_it_stopped = index + 1 == len(trace) and row.result is not None and row.result.is_error
        found.append(
            StepView(
                index=index,
                title=function_title(step.fn),
                description=known.description if known else "",
                arguments=_arguments(flow, known, step) if known else (),
                after=value_words(trace[index + 1][1], longest=LONGEST_TRACE) if has_run else "",
                error=error if failed == f"step-{index}" else row.outcome.text if is_where_it_stopped else "",
                is_first=index == 0,
                is_last=index == len(steps) - 1,
            )
        )
    return found


def _arguments(flow: Flow, known: Transform, step: Step) -> tuple[Argument, ...]:
    """Return the inputs of a function. Where it looks in the target is chosen from what the target has."""
    found = tuple(argument(known, one, step.args) for one in known.parameters)
    if step.fn != LOOK_UP:
        return found
    where, give = found
    return (
        replace(where, kind="choice", choices=place_choices(flow, where.value)),
        replace(give, kind="choice", choices=give_choices(flow, where.value, give.value)),
    )


def argument(known: Transform, parameter: Parameter, given: Mapping[str, Any]) -> Argument:
    """Return an argument as an input shows it."""
    value = given.get(parameter.name, parameter.default)
    return Argument(
        name=parameter.name,
        title=parameter.title,
        kind="pairs" if is_pairs(known, parameter.name) else parameter.kind,
        value=_input_text(value),
        choices=tuple((one, str(CHOICES.get(one, one))) for one in parameter.choices),
        is_required=parameter.required,
        is_on=value is True,
    )


def is_pairs(known: Transform, name: str) -> bool:
    """Return whether an argument is a list of pairs and not of single values."""
    annotation = known.arguments.model_fields[name].annotation
    inner = get_args(annotation)
    return get_origin(annotation) is dict or any(get_origin(one) is dict for one in inner)


def _input_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{left} = {right}" for left, right in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _table(flow: Flow, field: FieldMap, trace: tuple[tuple[str, Any], ...], maker: RowMaker) -> TableView:
    table = ValueTable.objects.filter(flow=flow, name=field.table).prefetch_related("rows").first()
    rows = sorted(table.rows.all(), key=lambda row: (row.key_label or row.key).casefold()) if table else []
    before = trace[len(field.steps)][1] if len(trace) > len(field.steps) else None
    key = _key_of(before)
    own = next((row for row in rows if row.key == key), None)
    known = {row.value: row for row in rows if row.value}
    has_run = len(trace) > len(field.steps) + 1
    labels = maker.labels.get(field.table, {})
    return TableView(
        table=table,
        title=table_title(flow.kind, field.table),
        key=key,
        label=(own.key_label if own else "") or key,
        value=own.value if own else _reached(trace) if has_run else "",
        after=value_words(trace[-1][1], labels=labels, longest=LONGEST_TRACE) if has_run else "",
        rows=tuple(rows[:MOST_TABLE_ROWS]),
        known=tuple(sorted(known.values(), key=lambda row: (row.value_label or row.value).casefold())),
        more=max(0, len(rows) - MOST_TABLE_ROWS),
    )


def _reached(trace: tuple[tuple[str, Any], ...]) -> str:
    """Return what a less exact row gave."""
    return trace[-1][1] if isinstance(trace[-1][1], str) else ""


def _key_of(value: Any) -> str:
    if is_empty(value) or isinstance(value, Mapping):
        return ""
    if isinstance(value, list | tuple):
        return "|".join("" if is_empty(part) else key_text(part) for part in value)
    return key_text(value)


def _functions() -> tuple[tuple[str, tuple[FunctionChoice, ...]], ...]:
    return tuple(
        (title, tuple(FunctionChoice(one.name, one.title, one.description, example_words(one)) for one in functions))
        for title, functions in grouped_functions()
    )


def _last_change(flow: Flow, row: Row) -> LastChange | None:
    """Return the version that made the field what it is live, or None while it is as in the first one."""
    versions = list(MapVersion.objects.filter(flow=flow).select_related("author").order_by("-number")[:MOST_VERSIONS])
    for newer, older in pairwise(versions):
        now, before = (find_field(read_maps(one.maps), row.place) for one in (newer, older))
        if now != before:
            return LastChange(newer)
    return None
