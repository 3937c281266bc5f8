"""The filter of a flow as boxes on a page: groups of rules, read from a form and turned into a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.errors import MappingError
from connectors.base import FieldInfo
from dashboard.flow.filter_words import OPERATORS, YES_NO, Shape, operator_choices, shape_of
from flows.maps.conditions import NEEDS_LIST, NEEDS_NO_VALUE, Condition, Op, Rule
from flows.transforms.values import as_text

MOST_GROUPS, MOST_ROWS = 10, 20
LONGEST_VALUE = 200
Join = Literal["and", "or"]
Choices = Sequence[tuple[str, str]]
FindChoices = Callable[[FieldInfo], Choices]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as it stands in its boxes."""

    field: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    error: str = ""
    info: FieldInfo | None = None
    choices: Choices = ()

    @property
    def shape(self) -> Shape:
        return shape_of(self.info)

    @property
    def operators(self) -> list[tuple[str, str]]:
        return operator_choices(self.shape, kept=self.op)

    @property
    def is_unknown(self) -> bool:
        """Whether it names a field that the system does not offer (any more, or just now)."""
        return bool(self.field) and self.info is None

    @property
    def box(self) -> str:
        """What the value is entered in."""
        if not self.field or self.op in NEEDS_NO_VALUE:
            return "none"
        if self.op in NEEDS_LIST:
            return "several" if self.choices else "lines"
        if self.choices:
            return "choice"
        return {Shape.DATE: "date", Shape.NUMBER: "number"}.get(self.shape, "text")

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def lines(self) -> str:
        return "\n".join(self.values)

    @property
    def offered(self) -> list[tuple[str, str, bool]]:
        """The values to choose from: value, words, whether it is chosen; what is chosen stays on offer."""
        known = dict(self.choices)
        kept = {value: value for value in self.values if value and value not in known}
        return [(value, label, value in self.values) for value, label in {**kept, **known}.items()]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are joined in one way."""

    join: Join = "and"
    rows: tuple[Row, ...] = (Row(),)


@dataclass(frozen=True, slots=True)
class Builder:
    """All the boxes."""

    join: Join = "and"
    groups: tuple[Group, ...] = (Group(),)

    @property
    def has_errors(self) -> bool:
        return any(row.error for group in self.groups for row in group.rows)

    @property
    def is_empty(self) -> bool:
        return not any(row.field for group in self.groups for row in group.rows)


def builder_of(condition: Condition | None) -> Builder | None:
    """Return the boxes of a stored filter; None when it is nested deeper than the boxes can show."""
    if condition is None or not condition.rules:
        return Builder()
    plain = tuple(_row(rule) for rule in condition.rules if isinstance(rule, Rule))
    groups = [Group(condition.join, plain)] if plain else []
    for inner in condition.rules:
        if isinstance(inner, Condition):
            rules = [rule for rule in inner.rules if isinstance(rule, Rule)]
            if len(rules) < len(inner.rules):
                return None
            groups.append(Group(inner.join, tuple(map(_row, rules)) or (Row(),)))
    return Builder(condition.join, tuple(groups))


def _row(rule: Rule) -> Row:
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    return Row(rule.field, rule.op.value, tuple(_text(value) for value in values if value is not None))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else as_text(value)


def read_builder(data: QueryDict) -> Builder:
    """Return the boxes as they were sent."""
    groups: list[Group] = []
    while f"g{len(groups)}-join" in data and len(groups) < MOST_GROUPS:
        prefix = f"g{len(groups)}"
        rows: list[Row] = []
        while f"{prefix}-r{len(rows)}-field" in data and len(rows) < MOST_ROWS:
            rows.append(_read_row(data, f"{prefix}-r{len(rows)}"))
        groups.append(Group(_join(data.get(f"{prefix}-join", "")), tuple(rows) or (Row(),)))
    return Builder(_join(data.get("join", "")), tuple(groups) or (Group(),))


def _read_row(data: QueryDict, prefix: str) -> Row:
    values = [value[: LONGEST_VALUE * 50] for value in data.getlist(f"{prefix}-value")]
    op = data.get(f"{prefix}-op", "")
    if op in NEEDS_LIST:
        values = [line for value in values for line in value.splitlines()]
    clean = tuple(text for value in values if (text := value.replace("\0", "").strip()[:LONGEST_VALUE]))
    return Row(data.get(f"{prefix}-field", "").replace("\0", "")[:LONGEST_VALUE], op, clean)


def _join(text: str) -> Join:
    return "or" if text == "or" else "and"


def acted(builder: Builder, action: str) -> Builder:
    """Return the boxes after a button: "add-group", "drop-group:1", "add-row:0", "drop-row:0:2"."""
    name, *numbers = action.split(":")
    try:
        places = [int(number) for number in numbers]
    except ValueError:
        return builder
    groups = list(builder.groups)
    if name == "add-group" and len(groups) < MOST_GROUPS:
        groups.append(Group())
    elif name == "drop-group" and len(places) == 1:
        groups = [group for index, group in enumerate(groups) if index != places[0]]
    elif name in {"add-row", "drop-row"} and places and 0 <= places[0] < len(groups):
        group = groups[places[0]]
        rows = [row for index, row in enumerate(group.rows) if name == "add-row" or index != places[-1]]
        if name == "add-row" and len(rows) < MOST_ROWS:
            rows.append(Row())
        groups[places[0]] = replace(group, rows=tuple(rows))
        groups = [one for one in groups if one.rows]
    return replace(builder, groups=tuple(groups) or (Group(),))


def with_fields(builder: Builder, fields: Mapping[str, FieldInfo], find_choices: FindChoices) -> Builder:
    """Return the boxes with what is known of their fields; a comparison that a field cannot have becomes its first."""

    def known(row: Row) -> Row:
        info = fields.get(row.field)
        shape = shape_of(info)
        choices = find_choices(info) if info else ()
        if shape is Shape.BOOLEAN:
            choices = [(value, str(words)) for value, words in YES_NO]
        ops = OPERATORS[shape] if info else tuple(Op)  # what is not known is left as it is
        op = row.op if not row.field or row.op in ops else ops[0].value
        return replace(row, info=info, op=op, choices=choices)

    groups = (replace(group, rows=tuple(map(known, group.rows))) for group in builder.groups)
    return replace(builder, groups=tuple(groups))


@dataclass
class Checked:
    """The boxes with what is wrong in them, and the condition if nothing is."""

    builder: Builder
    condition: Condition | None = field(default=None)


def check(builder: Builder) -> Checked:
    """Turn the boxes into a condition; rows without a field are left out."""
    groups: list[Group] = []
    conditions: list[Rule | Condition] = []
    for group in builder.groups:
        rows: list[Row] = []
        rules: list[Rule] = []
        for row in group.rows:
            rule, error = _rule(row) if row.field else (None, "")
            rows.append(replace(row, error=error))
            if rule is not None:
                rules.append(rule)
        groups.append(replace(group, rows=tuple(rows)))
        if rules:
            conditions.append(Condition(join=group.join, rules=tuple(rules)))
    found = replace(builder, groups=tuple(groups))
    if found.has_errors:
        return Checked(found)
    if len(conditions) == 1:
        return Checked(found, conditions[0] if isinstance(conditions[0], Condition) else None)
    return Checked(found, Condition(join=builder.join, rules=tuple(conditions)))


def _rule(row: Row) -> tuple[Rule | None, str]:
    op = Op(row.op)
    title = str(row.info.title) if row.info else ""
    if op in NEEDS_NO_VALUE:
        return Rule(field=row.field, op=op, title=title), ""
    if not row.values:
        return None, _("Choose a value.") if row.choices else _("Fill in a value.")
    labels = {value: str(label) for value, label in row.choices}
    shown = ", ".join(labels.get(text, text) for text in row.values)[:1000] if labels else ""
    try:
        values = tuple(_value(row, text) for text in row.values)
        value = values if op in NEEDS_LIST else values[0]
        return Rule(field=row.field, op=op, value=value, title=title, value_title=shown), ""
    except (ValidationError, MappingError):
        return None, _("This pattern cannot be read.") if op is Op.MATCHES else _("This value does not fit.")
    except ValueError as error:
        return None, str(error)


def _value(row: Row, text: str) -> Any:
    """Return the value as rules hold it. Raises ValueError with the sentence for the person."""
    if row.shape is Shape.BOOLEAN:
        return text == "true"
    if row.shape is Shape.NUMBER:
        try:
            number = Decimal(text.replace(" ", "").replace(",", "."))
        except InvalidOperation as error:
            raise ValueError(_("“%(value)s” is not a number.") % {"value": text}) from error
        if not number.is_finite():
            raise ValueError(_("“%(value)s” is not a number.") % {"value": text})
        return str(number)
    if row.shape is Shape.DATE:
        return _date(text)
    return text


def _date(text: str) -> str:
    try:
        found = parse_date(text[:10])
    except ValueError:
        found = None
    if found is None:
        raise ValueError(_("“%(value)s” is not a date.") % {"value": text})
    return found.isoformat()
