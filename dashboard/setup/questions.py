"""The questions that are left once both systems were read: values without a sure counterpart, and a few settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from apicenter.errors import ApicenterError
from connectors.base import Connector, Option
from connectors.maps import NoPair
from connectors.services import open_connector
from dashboard.setup.setting_form import SettingForm, items_for, lists_for, questions_for
from dashboard.setup.zones import CountryGroup, country_groups
from flows.catalog.base import TableSpec
from flows.models import Flow, ValueRow, ValueTable
from flows.services import kind_of
from flows.setup.creation import leave_open
from flows.tables.proposals import Proposal, propose
from flows.tables.value_tables import set_pair

MOST_IN_SIGHT = 4
HOLD = "hold-back"  # the answer "have such records held back, and ask me then"


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """One value of the source, and what is chosen for it so far."""

    name: str  # of its box in the form
    keys: tuple[str, ...]
    label: str
    value: str
    is_suggested: bool
    group: str = ""  # tells values of the same name apart: the department of a VAT rate
    is_held: bool = False  # a person chose to have such records held back
    why: str = ""  # what speaks for the suggestion, or why there is none
    fits: tuple[Option, ...] = ()  # where several fit, these

    @property
    def is_open(self) -> bool:
        return not self.value and not self.is_held


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """A value table with what a person must look at; what is certain is folded away."""

    table: ValueTable
    title: str
    rows: list[RowQuestion]
    settled: list[ValueRow]
    options: list[Option]
    answered_by: Mapping[str, str] = field(default_factory=dict)  # key: who outside answered it
    waits_for: Sequence[str] = ()  # whom it was sent to and who has not answered

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

    @property
    def is_asking(self) -> bool:
        """Whether something in it keeps the set-up from being activated."""
        return bool(self.suggested_count or (self.is_needed and self.open_count))


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


def question_of(table: ValueTable, *, only: Sequence[str] = ()) -> TableQuestion:
    """Read one question live, or some rows of it. Raises RetryableError, FlowError."""
    spec = next(spec for one, spec in _tables(table.flow) if one.pk == table.pk)
    with open_both(table.flow) as (source, target):
        question = _table_question(table, spec, source, target)
    return replace(question, rows=[row for row in question.rows if row.name in only]) if only else question


def setting_form(flow: Flow, connector: Connector, data: Mapping[str, str] | None = None) -> SettingForm:
    """Return the settings form with its live lists. Raises RetryableError, FlowError."""
    return SettingForm(flow, lists_for(flow, connector), items_for(flow, connector), data)


def _tables(flow: Flow) -> Iterable[tuple[ValueTable, TableSpec]]:
    kind = kind_of(flow)
    specs = {spec.name: spec for spec in kind.table_specs(kind.settings_model.model_validate(flow.settings))}
    tables = ValueTable.objects.filter(flow=flow, name__in=specs).select_related("flow").prefetch_related("rows")
    by_name = {table.name: table for table in tables}
    return [(by_name[name], spec) for name, spec in specs.items() if name in by_name and not spec.is_grown]


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
    if rows and spec.source_list in source.option_lists:
        rows = _with_reasons(rows, source.options(spec.source_list), options)
    return TableQuestion(table, str(spec.title), rows, settled, options)


def _with_reasons(rows: list[RowQuestion], left: list[Option], right: list[Option]) -> list[RowQuestion]:
    """Say of each row what speaks for its suggestion or why there is none, and its group where names repeat."""
    labels = [row.label for row in rows]
    repeats = len(set(labels)) < len(labels)
    asked = {key for row in rows for key in row.keys}
    proposals = {
        proposal.left.value: proposal for proposal in propose([one for one in left if one.value in asked], right)
    }
    return [_with_reason(row, proposals.get(row.keys[0]), repeats=repeats) for row in rows]


def _with_reason(row: RowQuestion, proposal: Proposal | None, *, repeats: bool) -> RowQuestion:
    if proposal is None:
        return row
    group = proposal.left.group if repeats else ""
    is_proposed = row.is_suggested and proposal.right is not None and proposal.right.value == row.value
    why = proposal.why if is_proposed or row.is_open else ""
    return replace(row, group=group, why=why, fits=proposal.fits if row.is_open else ())


def _rows(table: ValueTable, spec: TableSpec, connector: Connector) -> tuple[list[RowQuestion], list[ValueRow]]:
    stored = sorted(table.rows.all(), key=lambda row: (row.key_label or row.key).casefold())
    if not spec.source_list and not spec.keys:  # its keys are countries and kinds of customers: no system lists them
        groups = country_groups(connector.account().country)
        return [_group_row(group, stored) for group in groups], []
    named = {key: str(label) for key, label in spec.keys}  # few, and ours: they stay in sight
    asked = [row for row in stored if row.key in named or not row.is_confirmed]
    rows = [_row(row, label=named.get(row.key, "")) for row in asked]
    settled = [row for row in stored if row.is_confirmed and row.key not in named]
    return sorted(rows, key=lambda row: not row.is_open), settled


def _row(row: ValueRow, *, label: str) -> RowQuestion:
    return RowQuestion(
        f"row-{row.pk}",
        (row.key,),
        label or row.key_label or row.key,
        row.value,
        is_suggested=bool(row.value) and not row.is_confirmed,
        is_held=row.is_left_open,
    )


def _group_row(group: CountryGroup, stored: list[ValueRow]) -> RowQuestion:
    value = next((row.value for row in stored if row.key == group.keys[0]), "")
    return RowQuestion(f"group-{group.name}", group.keys, group.title, value, is_suggested=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """What answering a table came to: the rows that were answered, and how many held records are sent again."""

    question: TableQuestion
    sent: int


def answer_table(table: ValueTable, answers: Mapping[str, str], *, only: Sequence[str] = ()) -> Answered:
    """Store the answers that were given; an empty one takes a suggestion away and leaves the question open.

    Only values that the target offers count, and with `only` just these rows. Raises RetryableError, FlowError.
    """
    question = question_of(table, only=only)
    offered = {option.value: option.label for option in question.options}
    answered: list[RowQuestion] = []
    sent = 0
    for row in question.rows:
        value = answers.get(row.name)
        is_held = value == HOLD and question.is_needed
        if value in offered:
            sent += sum(_pair(table, key, row, value, offered[value]) for key in row.keys)
        elif is_held or (value == "" and (row.value or row.is_held)):
            leave_open(table, row.keys, is_decided=is_held)
            value = ""
        else:
            continue
        answered.append(replace(row, value=value, is_suggested=False, is_held=is_held, why="", fits=()))
    return Answered(replace(question, rows=answered), sent)


def _pair(table: ValueTable, key: str, row: RowQuestion, value: str, value_label: str) -> int:
    key_label = row.label if len(row.keys) == 1 else ""
    return set_pair(table, key, value, key_label=key_label, value_label=value_label)
