"""The questions that are left once both systems were read: values without a sure counterpart, and a few settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db.models import Count, Q

from apicenter.errors import ApicenterError
from connectors.base import Connector, Option
from connectors.maps import NoPair
from connectors.services import open_connector
from dashboard.setup.setting_form import SettingForm, items_for, lists_for, questions_for
from dashboard.setup.zones import CountryGroup, country_groups
from flows.catalog.base import TableSpec
from flows.models import Flow, ValueRow, ValueTable
from flows.replays import set_pair
from flows.services import kind_of

MOST_IN_SIGHT = 4


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """One value of the source, and what is chosen for it so far."""

    name: str  # of its box in the form
    keys: tuple[str, ...]
    label: str
    value: str
    is_suggested: bool
    group: str = ""  # tells values of the same name apart: the department of a VAT rate

    @property
    def is_open(self) -> bool:
        return not self.value


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """A value table with what a person must look at; what is certain is folded away."""

    table: ValueTable
    title: str
    rows: list[RowQuestion]
    settled: list[ValueRow]
    options: list[Option]

    @property
    def flow(self) -> Flow:
        return self.table.flow

    @property
    def is_needed(self) -> bool:
        """Whether a value without a counterpart holds its record back."""
        return self.table.no_pair == NoPair.BLOCK

    @property
    def shown(self) -> list[RowQuestion]:
        """What is in sight: all, unless a long list of values may just as well stay open."""
        return self.rows if not self.folded else [row for row in self.rows if not row.is_open]

    @property
    def folded(self) -> list[RowQuestion]:
        waiting = [] if self.is_needed else [row for row in self.rows if row.is_open]
        return waiting if len(waiting) > MOST_IN_SIGHT else []

    @property
    def open_count(self) -> int:
        return sum(row.is_open for row in self.rows)

    @property
    def suggested_count(self) -> int:
        return sum(row.is_suggested for row in self.rows)


@dataclass(frozen=True, slots=True)
class FlowQuestions:
    """All questions of one flow, or why they cannot be asked now."""

    flow: Flow
    tables: list[TableQuestion] = field(default_factory=list)
    form: SettingForm | None = None
    problem: str = ""


def questions_of(flow: Flow, *, form: SettingForm | None = None) -> FlowQuestions:
    """Read both sides of every question of a flow, live. A form that was sent already is shown as it is."""
    try:
        with open_both(flow) as (source, connector):
            tables = [_table_question(table, spec, source, connector) for table, spec in _tables(flow)]
            if form is None and questions_for(flow):
                form = setting_form(flow, connector)
    except ApicenterError as error:
        return FlowQuestions(flow, problem=str(error))
    return FlowQuestions(flow, [one for one in tables if one.rows or one.settled], form)


def setting_form(flow: Flow, connector: Connector, data: Mapping[str, str] | None = None) -> SettingForm:
    """Return the settings form with its live lists. Raises RetryableError, FlowError."""
    return SettingForm(flow, lists_for(flow, connector), items_for(flow, connector), data)


def _tables(flow: Flow) -> Iterable[tuple[ValueTable, TableSpec]]:
    kind = kind_of(flow)
    specs = {spec.name: spec for spec in kind.table_specs(kind.settings_model.model_validate(flow.settings))}
    tables = ValueTable.objects.filter(flow=flow, name__in=specs).select_related("flow").prefetch_related("rows")
    by_name = {table.name: table for table in tables}
    return [(by_name[name], spec) for name, spec in specs.items() if name in by_name]


@contextmanager
def open_both(flow: Flow) -> Iterator[tuple[Connector, Connector]]:
    """Open both sides of a flow for a person who waits. Raises RetryableError, FlowError."""
    with (
        open_connector(flow.source, is_interactive=True) as source,
        open_connector(flow.target, is_interactive=True) as target,
    ):
        yield source, target


def _table_question(table: ValueTable, spec: TableSpec, source: Connector, target: Connector) -> TableQuestion:
    rows, settled = _rows(table, spec, target)
    options = target.options(spec.target_list) if rows and spec.target_list in target.option_lists else []
    labels = [row.label for row in rows]
    if len(set(labels)) < len(labels) and spec.source_list in source.option_lists:
        groups = {option.value: option.group for option in source.options(spec.source_list)}
        rows = [replace(row, group=groups.get(row.keys[0], "")) for row in rows]
    return TableQuestion(table, str(spec.title), rows, settled, options)


def _rows(table: ValueTable, spec: TableSpec, connector: Connector) -> tuple[list[RowQuestion], list[ValueRow]]:
    stored = sorted(table.rows.all(), key=lambda row: (row.key_label or row.key).casefold())
    if not spec.source_list and not spec.keys:  # its keys are countries and kinds of customers: no system lists them
        groups = country_groups(connector.account().country)
        return [_group_row(group, stored) for group in groups], []
    named = {key for key, _label in spec.keys}  # few, and ours: they stay in sight
    asked = [row for row in stored if row.key in named or not row.is_confirmed]
    rows = [
        RowQuestion(f"row-{row.pk}", (row.key,), row.key_label or row.key, row.value, _is_suggested(row))
        for row in asked
    ]
    settled = [row for row in stored if row.is_confirmed and row.key not in named]
    return sorted(rows, key=lambda row: not row.is_open), settled


def _is_suggested(row: ValueRow) -> bool:
    return bool(row.value) and not row.is_confirmed


def _group_row(group: CountryGroup, stored: list[ValueRow]) -> RowQuestion:
    value = next((row.value for row in stored if row.key == group.keys[0]), "")
    return RowQuestion(f"group-{group.name}", group.keys, group.title, value, is_suggested=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """What answering a table came to: the rows that were answered, and how many held records are sent again."""

    question: TableQuestion
    sent: int


def answer_table(table: ValueTable, answers: Mapping[str, str]) -> Answered:
    """Store the answers that were given; an empty one takes a suggestion away and leaves the question open.

    Only values that the target offers count. Raises RetryableError, FlowError.
    """
    spec = next(spec for one, spec in _tables(table.flow) if one.pk == table.pk)
    with open_both(table.flow) as (source, target):
        question = _table_question(table, spec, source, target)
    offered = {option.value: option.label for option in question.options}
    answered: list[RowQuestion] = []
    sent = 0
    for row in question.rows:
        value = answers.get(row.name)
        if value in offered:
            sent += sum(_pair(table, key, row, value, offered[value]) for key in row.keys)
        elif value == "" and row.value:
            table.rows.filter(key__in=row.keys).update(value="", value_label="", is_confirmed=False)
        else:
            continue
        answered.append(replace(row, value=value, is_suggested=False))
    return Answered(replace(question, rows=answered), sent)


def _pair(table: ValueTable, key: str, row: RowQuestion, value: str, value_label: str) -> int:
    key_label = row.label if len(row.keys) == 1 else ""
    return set_pair(table, key, value, key_label=key_label, value_label=value_label)


def open_answers(flows: Iterable[Flow]) -> int:
    """Return how many values would hold a record back as they have no counterpart yet."""
    tables = ValueTable.objects.filter(flow__in=[flow.pk for flow in flows], no_pair=NoPair.BLOCK)
    is_open = Q(rows__is_confirmed=False, rows__value="")
    return tables.aggregate(count=Count("rows", filter=is_open))["count"]
