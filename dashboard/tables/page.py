"""What the pages of value tables show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from connectors.base import Option
from connectors.maps import NoPair
from dashboard.tables.choices import MOST_SHOWN, Choice, choices_of, encoded, labels_of
from dashboard.words import table_title
from flows.catalog.base import TableSpec
from flows.documents.vat_kinds import AT_RATE
from flows.maps.lookup import ANY
from flows.models import Flow, ValueRow, ValueTable
from flows.tables.option_lists import OptionList, has_list, kept_list, read_list
from flows.tables.proposals import Proposal, propose
from flows.tables.value_tables import MissingValue, missing_values, spec_of, specificity


@dataclass(frozen=True, slots=True)
class TableLink:
    """A table in the list of all."""

    table: ValueTable
    title: str
    missing: int
    settled: int
    total: int

    @property
    def is_complete(self) -> bool:
        return self.settled == self.total


@dataclass(frozen=True, slots=True)
class Use:
    """A field that is filled through a table."""

    resource: str
    path: str


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the page: stored, or missing with records that wait for it."""

    name: str  # of its box in the form
    key: str
    parts: tuple[str, ...]
    row: ValueRow | None
    waits: int = 0
    proposal: Proposal | None = None
    is_gone: bool = False  # its key is no longer offered by the source
    is_unknown: bool = False  # its value is no longer offered by the target

    @property
    def label(self) -> str:
        return ", ".join(self.parts)

    @property
    def choice(self) -> str:
        return encoded(self.row)

    @property
    def value(self) -> str:
        return self.row.value if self.row else ""

    @property
    def value_label(self) -> str:
        return (self.row.value_label or self.row.value) if self.row else ""

    @property
    def is_missing(self) -> bool:
        return self.row is None

    @property
    def is_open(self) -> bool:
        return not self.choice

    @property
    def is_empty(self) -> bool:
        return self.row is not None and self.row.is_confirmed and not self.row.value

    @property
    def is_suggested(self) -> bool:
        return self.row is not None and bool(self.row.value) and not self.row.is_confirmed

    @property
    def shows_code(self) -> bool:
        """Whether the key itself tells a person something beside its name."""
        return bool(self.row and self.row.key_label and self.row.key_label != self.row.key and len(self.row.key) < 20)

    @property
    def suggestion(self) -> Option | None:
        """What would fit a row that has no value yet."""
        return self.proposal.right if self.proposal and self.is_open else None

    @property
    def why(self) -> str:
        """Why the value was chosen, if a proposal says the same."""
        fits = self.proposal and self.proposal.right and self.proposal.right.value == self.value
        return self.proposal.why if self.proposal and fits else ""


@dataclass
class TablePage:
    """One value table with both lists."""

    table: ValueTable
    spec: TableSpec | None
    left: OptionList | None
    right: OptionList | None
    missing: list[MissingValue] = field(default_factory=list)

    @property
    def flow(self) -> Flow:
        return self.table.flow

    @property
    def title(self) -> str:
        return table_title(self.flow.kind, self.table.name)

    @property
    def key_titles(self) -> Sequence[str | Promise]:
        return self.spec.columns if self.spec else ()

    @property
    def second_keys(self) -> list[tuple[str, str]]:
        named = [(key, str(label)) for key, label in self.spec.second_keys] if self.spec else []
        return [*named, (ANY, _("any"))] if named else []

    @property
    def has_rate(self) -> bool:
        """Whether a row may be for one VAT rate only."""
        return bool(self.spec and self.spec.has_rate)

    @property
    def source_name(self) -> str:
        return self.spec.source_list if self.spec else ""

    @property
    def target_name(self) -> str:
        return self.spec.target_list if self.spec else ""

    @property
    def is_pending(self) -> bool:
        """Whether a list of one of the systems has still to be read."""
        left = self.left is None and has_list(self.flow.source, self.source_name)
        return left or (self.right is None and has_list(self.flow.target, self.target_name))

    @property
    def has_lists(self) -> bool:
        return has_list(self.flow.source, self.source_name) or has_list(self.flow.target, self.target_name)

    @property
    def read_at(self) -> datetime | None:
        return min((one.read_at for one in (self.left, self.right) if one and one.read_at), default=None)

    @property
    def problems(self) -> list[str]:
        return list(dict.fromkeys(one.problem for one in (self.left, self.right) if one and one.problem))

    @property
    def is_free(self) -> bool:
        """Whether values are typed, as there is no list to choose from."""
        return not self.right or not self.right.options

    @cached_property
    def choices(self) -> list[Choice]:
        return choices_of(self.right)

    @cached_property
    def lines(self) -> list[RowLine]:
        """What is missing first, then the rows from the most specific to the most general."""
        proposals = self._proposals()
        rows = sorted(self.table.rows.all(), key=self._order)
        known = {row.key for row in rows if encoded(row)}
        waits = {one.key: one.count for one in self.missing}
        missing = [
            RowLine(f"new-{number}", one.key, self._parts(one.key, one.label), None, one.count, proposals.get(one.key))
            for number, one in enumerate(self.missing)
            if one.key not in {row.key for row in rows}
        ]
        stored = [self._line(row, 0 if row.key in known else waits.get(row.key, 0), proposals) for row in rows]
        return [*missing, *[line for line in stored if line.waits], *[line for line in stored if not line.waits]]

    def _line(self, row: ValueRow, waits: int, proposals: dict[str, Proposal]) -> RowLine:
        is_listed = self.left is not None and self.left.is_read and ANY not in row.key.split("|")
        return RowLine(
            f"row-{row.pk}",
            row.key,
            self._parts(row.key, row.key_label),
            row,
            waits,
            proposals.get(row.key),
            is_gone=bool(is_listed and self.left and row.key not in self.left.labels),
            is_unknown=bool(row.value and self.right and self.right.options and row.value not in self.right.labels),
        )

    def _proposals(self) -> dict[str, Proposal]:
        if not self.right or not self.right.options:
            return {}
        left = {option.value: option for option in (self.left.options if self.left else ())}
        for one in self.missing:
            left.setdefault(one.key, Option(one.key, one.label))
        if not left:
            return {}
        return {one.left.value: one for one in propose(list(left.values()), self.right.options)}

    def _order(self, row: ValueRow) -> tuple[int, str]:
        return specificity(row.key), (row.key_label or row.key).casefold()

    def _parts(self, key: str, label: str) -> tuple[str, ...]:
        if not self.key_titles:
            return (_("any other value") if key == ANY else label or self._source_labels.get(key, key),)
        first, _sign, second = key.partition("|")
        return (_("any") if first == ANY else first, self._second(second or ANY))

    def _second(self, second: str) -> str:
        seconds = dict(self.second_keys)
        if not self.has_rate or AT_RATE not in second:
            return seconds.get(second, second)
        kind, _sign, percent = second.rpartition(AT_RATE)
        return f"{seconds.get(kind, kind)} · {number_format(percent)} %"

    @cached_property
    def _source_labels(self) -> dict[str, str]:
        return labels_of(self.left.options) if self.left else {}

    @cached_property
    def new_keys(self) -> list[Choice]:
        """Values of the source that have no row yet."""
        taken = {row.key for row in self.table.rows.all()}
        return [one for one in choices_of(self.left) if one.value[1:] not in taken]

    @property
    def suggested(self) -> list[RowLine]:
        return [line for line in self.lines if line.is_suggested]

    @property
    def open_lines(self) -> list[RowLine]:
        return [line for line in self.lines if line.is_open]

    @property
    def gone(self) -> list[RowLine]:
        return [line for line in self.lines if line.is_gone]

    @property
    def waiting(self) -> int:
        """How many records wait for a value of this table."""
        return sum(one.count for one in self.missing)

    @property
    def is_wide(self) -> bool:
        """Whether a list in each row would make the page too heavy."""
        return len(self.lines) * len(self.choices) > MOST_SHOWN

    @property
    def rule(self) -> str:
        """What happens if no row fits, as the form carries it."""
        if self.table.no_pair == NoPair.DEFAULT:
            return "default" if self.table.default else "empty"
        return self.table.no_pair

    @property
    def uses(self) -> list[Use]:
        return uses_of(self.table)


def build_table_page(table: ValueTable, *, reads: bool = False, is_fresh: bool = False) -> TablePage:
    """Gather a table; with `reads`, a list that is not kept is read now, with `is_fresh` both are read again."""
    spec, flow = spec_of(table), table.flow
    sides = [(flow.source, spec.source_list if spec else ""), (flow.target, spec.target_list if spec else "")]
    if reads:
        left, right = (read_list(connection, name, is_fresh=is_fresh) for connection, name in sides)
    else:
        left, right = (kept_list(connection, name) for connection, name in sides)
    return TablePage(table, spec, left, right, missing_values([table]).get(table.pk, []))


def uses_of(table: ValueTable) -> list[Use]:
    """Return the fields that the flow's present map fills through the table."""
    maps = table.flow.map_version.maps if table.flow.map_version else {}
    return [
        Use(resource, f"{prefix}{entry.get('target', '')}")
        for resource, resource_map in maps.items()
        for prefix, entry in _entries(resource_map)
        if entry.get("table") == table.name
    ]


def _entries(resource_map: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in resource_map.get("fields", ()):
        yield "", entry
    for name, entries in resource_map.get("lists", {}).items():
        for entry in entries:
            yield f"{name}.", entry


def table_links(flow: Flow | None = None) -> list[TableLink]:
    """Return all tables of the organization in context, or of one flow, in the order of the flows."""
    rows = ValueTable.objects.select_related("flow__source", "flow__target", "flow__map_version")
    tables = list((rows.filter(flow=flow) if flow else rows).prefetch_related("rows"))
    missing = missing_values(tables)
    links = [_link(table, len(missing.get(table.pk, ()))) for table in tables]
    return sorted(links, key=lambda link: (link.table.flow.created_at, link.table.flow.name, link.title))


def _link(table: ValueTable, missing: int) -> TableLink:
    rows = list(table.rows.all())
    settled = sum(bool(encoded(row)) for row in rows)
    return TableLink(table, table_title(table.flow.kind, table.name), missing, settled, len(rows))
