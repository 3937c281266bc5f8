"""Filters as data: groups of rules joined by "and" or "or", on core fields and raw ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from apicenter.errors import MappingError
from connectors.base import SourceRecord
from flows.maps.paths import Getter, is_empty, path_getter
from flows.transforms.text import compile_pattern
from flows.transforms.values import MAX_EXPONENT, as_date, as_datetime, as_number, as_text

MAX_RULES = 100
MAX_DEPTH = 5
Number = Annotated[Decimal, Field(ge=-(10**MAX_EXPONENT), le=10**MAX_EXPONENT, allow_inf_nan=False)]
Scalar = StrictBool | Annotated[StrictStr, Field(max_length=1000)] | Number


class Op(StrEnum):
    """How a field is compared. Texts are compared without regard to capitals and surrounding spaces."""

    EQ = "eq"
    NE = "ne"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    IS_EMPTY = "is_empty"
    IS_FILLED = "is_filled"
    MATCHES = "matches"


NEEDS_NO_VALUE = frozenset({Op.IS_EMPTY, Op.IS_FILLED})
NEEDS_LIST = frozenset({Op.IN, Op.NOT_IN})
OPPOSITES = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.IS_FILLED: Op.IS_EMPTY}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Data):
    """One comparison. A field with several values fits if one of them does."""

    field: str = Field(min_length=1, max_length=200)
    op: Op
    title: str = Field("", max_length=200)  # what a person calls the field, and below its value
    value_title: str = Field("", max_length=1000)
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> Rule:
        if self.op in NEEDS_NO_VALUE:
            if self.value is not None:
                raise ValueError(f"{self.field}: {self.op} takes no value")
        elif isinstance(self.value, tuple) != (self.op in NEEDS_LIST) or self.value is None:
            raise ValueError(f"{self.field}: {self.op} takes {'a list' if self.op in NEEDS_LIST else 'one value'}")
        if self.op == Op.MATCHES:
            compile_pattern(as_text(self.value))
        return self


class Condition(_Data):
    """A group of rules and groups. Without any it fits every record."""

    join: Literal["and", "or"] = "and"
    rules: tuple[Rule | Condition, ...] = Field(default=(), max_length=MAX_RULES)

    @field_validator("rules")
    @classmethod
    def _not_too_deep(cls, rules: tuple[Rule | Condition, ...]) -> tuple[Rule | Condition, ...]:
        if any(isinstance(rule, Condition) and rule.depth >= MAX_DEPTH for rule in rules):
            raise ValueError(f"groups nest at most {MAX_DEPTH} deep")
        return rules

    @property
    def depth(self) -> int:
        return 1 + max((rule.depth for rule in self.rules if isinstance(rule, Condition)), default=0)

    @property
    def rule_count(self) -> int:
        """How many comparisons it makes, in all groups."""
        return sum(rule.rule_count if isinstance(rule, Condition) else 1 for rule in self.rules)


def parse_condition(stored: Any) -> Condition | None:
    """Return a stored filter, None if there is none. Raises MappingError for one that cannot be read."""
    if not stored:
        return None
    try:
        return Condition.model_validate(stored)
    except ValidationError as error:
        raise MappingError(why=_("the filter cannot be read"), detail=str(error)[:500]) from error


def matches(condition: Condition, record: SourceRecord) -> bool:
    """Return whether the record fits the condition."""
    return holds(condition, lambda field: _reader(field)(record))


def holds(condition: Condition, read: Callable[[str], Any]) -> bool:
    """Return whether the condition holds for what `read` gives for each of its fields."""
    if not condition.rules:
        return True
    found = (holds(rule, read) if isinstance(rule, Condition) else _fits(rule, read) for rule in condition.rules)
    return all(found) if condition.join == "and" else any(found)


def describe(condition: Condition, *, name: Callable[[str], str] | None = None) -> str:
    """Return the condition as words for a person. `name` says what a field is called in the reader's language, or "";
    a rule keeps what it was called when it was made."""
    parts = [
        f"({describe(rule, name=name)})" if isinstance(rule, Condition) and len(rule.rules) > 1 else _words(rule, name)
        for rule in condition.rules
    ]
    if not parts:
        return _("every record")
    return (_(" and ") if condition.join == "and" else _(" or ")).join(parts)


def _words(rule: Rule | Condition, name: Callable[[str], str] | None) -> str:
    if isinstance(rule, Condition):
        return describe(rule, name=name)
    sentences = {
        Op.EQ: _("%(field)s is “%(value)s”"),
        Op.NE: _("%(field)s is not “%(value)s”"),
        Op.CONTAINS: _("%(field)s contains “%(value)s”"),
        Op.STARTS_WITH: _("%(field)s starts with “%(value)s”"),
        Op.GT: _("%(field)s is more than %(value)s"),
        Op.GTE: _("%(field)s is at least %(value)s"),
        Op.LT: _("%(field)s is less than %(value)s"),
        Op.LTE: _("%(field)s is at most %(value)s"),
        Op.IN: _("%(field)s is one of %(value)s"),
        Op.NOT_IN: _("%(field)s is none of %(value)s"),
        Op.IS_EMPTY: _("%(field)s is empty"),
        Op.IS_FILLED: _("%(field)s is filled in"),
        Op.MATCHES: _("%(field)s looks like “%(value)s”"),
    }
    shown = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    value = rule.value_title or ", ".join(as_text(one) for one in shown if one is not None)
    title = (name(rule.field) if name else "") or rule.title or rule.field
    return sentences[rule.op] % {"field": title, "value": value}


@lru_cache(maxsize=1024)
def _reader(field: str) -> Getter:
    """Return how a field of a record is read: "raw." leads into the raw JSON, all else into the core record."""
    if field.startswith("raw."):
        inner = path_getter(field.removeprefix("raw."))
        return lambda record: inner(record.raw)
    inner_core = path_getter(field)
    return lambda record: inner_core(record.core)


def _fits(rule: Rule, read: Callable[[str], Any]) -> bool:
    value = read(rule.field)
    if rule.op in OPPOSITES:
        return not _holds(OPPOSITES[rule.op], value, rule.value)
    return _holds(rule.op, value, rule.value)


def _holds(op: Op, value: Any, wanted: Any) -> bool:
    if op == Op.IS_EMPTY:
        return is_empty(value)
    found = value if isinstance(value, list | tuple) else (value,)
    if op == Op.IN:
        return any(_same(one, other) for one in found for other in wanted)
    compare = COMPARISONS[op]
    return any(compare(one, wanted) for one in found if not is_empty(one) or op == Op.EQ)


def _plain(value: Any) -> str:
    try:
        return as_text(value).strip().casefold()
    except MappingError:  # too long or too large to be sent, but it can be compared
        return str(value).strip().casefold()


def _same(value: Any, wanted: Any) -> bool:
    if is_empty(value):
        return is_empty(wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return _is_scalar(value) and _plain(value) == _plain(wanted)
    order = None if isinstance(value, str) and isinstance(wanted, str) else _ordered(value, wanted)  # "007" is not "7"
    return order == 0 if order is not None else _is_scalar(value) and _plain(value) == _plain(wanted)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | Decimal | date)


def _ordered(value: Any, wanted: Any) -> int | None:
    """Return -1, 0 or 1, or None when the two cannot be ordered."""
    left: Any
    right: Any
    try:
        if isinstance(value, datetime) and len(as_text(wanted)) > len("2026-12-31"):
            left, right = value, as_datetime(wanted)
        elif isinstance(value, date) or _looks_like_date(wanted):
            left, right = as_date(value), as_date(wanted)
        else:
            left, right = as_number(value), as_number(wanted)
        return int(left > right) - int(left < right)
    except (MappingError, TypeError):
        return None


def _looks_like_date(wanted: Any) -> bool:
    return isinstance(wanted, str) and len(wanted) >= 10 and wanted[4] == "-" == wanted[7]


def _text_test(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: _is_scalar(value) and test(_plain(value), _plain(wanted))


def _order_test(*orders: int) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: _ordered(value, wanted) in orders


def _pattern_test(value: Any, wanted: Any) -> bool:
    try:
        return (
            _is_scalar(value)
            and compile_pattern(as_text(wanted)).search(value if isinstance(value, str) else as_text(value)) is not None
        )
    except (MappingError, UnicodeEncodeError):  # nothing that could be written as text
        return False


COMPARISONS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: _same,
    Op.CONTAINS: _text_test(lambda value, wanted: wanted in value),
    Op.STARTS_WITH: _text_test(str.startswith),
    Op.GT: _order_test(1),
    Op.GTE: _order_test(0, 1),
    Op.LT: _order_test(-1),
    Op.LTE: _order_test(-1, 0),
    Op.MATCHES: _pattern_test,
}
