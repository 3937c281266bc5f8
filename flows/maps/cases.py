"""The rows of "only if" of a field: the first that fits a record says what the field is made from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.base import SourceRecord
from connectors.maps import Case, FieldMap
from flows.maps.conditions import Condition, Rule, holds, parse_condition
from flows.maps.paths import MISSING
from flows.maps.sources import Read, Scope, compile_path, compile_source
from flows.transforms.values import failed

Fits = Callable[[Any, Scope], bool]


@dataclass(frozen=True, slots=True)
class Final:
    """A value that is sent as it is, without functions and value table: somebody wrote it in the target's own terms."""

    value: Any


def compile_cases(one: FieldMap, *, is_in_list: bool) -> Read:
    """Return how a field's value is read: by the first row that fits, otherwise from its own origin.

    Raises MappingError.
    """
    otherwise = compile_source(one, is_in_list=is_in_list)
    if not one.cases:
        return otherwise
    rows = [(_fits(case, is_in_list=is_in_list), _origin(case, one, is_in_list=is_in_list)) for case in one.cases]

    def read(item: Any, scope: Scope) -> Any:
        return next((origin for fits, origin in rows if fits(item, scope)), otherwise)(item, scope)

    return read


def condition_of(case: Case) -> Condition:
    """Return a row's condition. Raises MappingError for one that cannot be read or compares nothing."""
    condition = parse_condition(case.when)
    if condition is None or not condition.rule_count:
        raise failed(_("a row of “only if” compares nothing"))
    return condition


def fitting(cases: Sequence[Case], record: SourceRecord, *, in_list: str = "") -> tuple[bool | None, ...]:
    """Return for each row whether a record fits it, or the first line of a list; None where that cannot be said."""
    scope = Scope(record)
    items = scope.items(in_list) if in_list else [record.core]

    def fits(case: Case) -> bool | None:
        try:
            return _fits(case, is_in_list=bool(in_list))(items[0], scope) if items else None
        except MappingError:
            return None

    return tuple(fits(case) for case in cases)


def _fits(case: Case, *, is_in_list: bool) -> Fits:
    condition = condition_of(case)
    reads = {path: compile_path(path, is_in_list=is_in_list) for path in _paths(condition)}
    return lambda item, scope: holds(condition, lambda path: reads[path](item, scope))


def _paths(condition: Condition) -> set[str]:
    found: set[str] = set()
    for rule in condition.rules:
        found |= {rule.field} if isinstance(rule, Rule) else _paths(rule)
    return found


def _origin(case: Case, one: FieldMap, *, is_in_list: bool) -> Read:
    if case.source:
        own = one.model_copy(update={"source": case.source, "constant": None, "expression": ""})
        return compile_source(own, is_in_list=is_in_list)
    value = Final(MISSING if case.constant is None else case.constant)
    return lambda item, scope: value
