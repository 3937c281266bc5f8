"""Where the value of a field map comes from, and the form it is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel

from connectors.base import SourceRecord
from connectors.maps import FieldMap
from flows.maps.expressions import compile_expression, prepare
from flows.maps.paths import MISSING, Getter, path_getter
from flows.transforms.values import failed

Read = Callable[[Any, "Scope"], Any]
RAW = "raw."
PARENT = "order."
RESOLVED = "resolved."  # what the flow found out beforehand; on a line, about that line
MOST_FIELDS = 10
LINES = "lines"
OWN_LISTS = frozenset({"contacts", "locations", "payments"})  # of a payload that the core record has by the same name
ITEMS = "items"
_AS_THEY_ARE = (str, Decimal, int, bool, NoneType)


class Scope:
    """A record while its payload is being made; what expressions see of it is prepared once, if at all."""

    __slots__ = ("_core", "_raw", "index", "record")

    def __init__(self, record: SourceRecord) -> None:
        self.record = record
        self.index = 0  # of the line being made
        self._core: dict[str, Any] | None = None
        self._raw: dict[str, Any] | None = None

    @property
    def core_data(self) -> dict[str, Any]:
        if self._core is None:
            self._core = prepare(self.record.core)
        return self._core or {}

    @property
    def raw_data(self) -> dict[str, Any]:
        if self._raw is None:
            self._raw = prepare(self.record.raw)
        return self._raw or {}

    def items(self, name: str) -> list[Any]:
        """Return the core record's list that a target's list is made of.

        Where the flow composed the lines itself, it says what each of them is made from.
        """
        if (made := self.resolved.get(ITEMS)) is not None:
            return list(made)
        found = self.record.core.__dict__.get(core_list(name))
        return list(found) if isinstance(found, list | tuple) else []

    @property
    def resolved(self) -> Any:
        return self.record.raw.get("resolved", {})

    @property
    def resolved_line(self) -> Any:
        """Return what was found out about the present line."""
        rows = self.resolved.get(LINES, ())
        return rows[self.index] if self.index < len(rows) else {}

    def pair(self, table: str, *, is_in_list: bool) -> Any:
        """Return what a look-up comes to where that was found out beforehand, or MISSING."""
        return (self.resolved_line if is_in_list else self.resolved).get("pairs", {}).get(table, MISSING)


def core_list(name: str) -> str:
    """Return the core record's name of a target's list: its own name for lines means the core's lines."""
    return name if name in OWN_LISTS else LINES


def compile_source(one: FieldMap, *, is_in_list: bool) -> Read:
    """Return how the value is read from a core record or one of its lines. Raises MappingError."""
    if one.expression:
        return _expression(one.expression, is_in_list=is_in_list)
    if one.constant is not None:
        constant = one.constant
        return lambda item, scope: constant
    if "|" in one.source:
        return _several(one, is_in_list=is_in_list)
    return compile_path(one.source, is_in_list=is_in_list)


def _several(one: FieldMap, *, is_in_list: bool) -> Read:
    """Read several fields into a list: the keys of a value table, or what a function on lists makes one value of."""
    parts = [compile_path(part.strip(), is_in_list=is_in_list) for part in one.source.split("|")]
    if one.table and not one.steps and len(parts) > 2:
        raise failed(_("a value table has one or two keys"))
    if len(parts) > MOST_FIELDS:
        raise failed(_("a field is made of at most %(count)s fields") % {"count": MOST_FIELDS})
    if one.table and not one.steps:
        return lambda item, scope: [part(item, scope) for part in parts]

    def read(item: Any, scope: Scope) -> Any:
        found = [part(item, scope) for part in parts]
        return MISSING if all(value is MISSING for value in found) else found

    return read


def read_key(record: SourceRecord, path: str) -> Any:
    """Return what stands at a path of a record, for a value table; of a list with one value that value."""
    value = compile_path(path, is_in_list=False)(record.core, Scope(record))
    value = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    return None if value is MISSING else written(value)


def compile_path(path: str, *, is_in_list: bool) -> Read:
    """Return how the value at a path is read. Raises MappingError."""
    if not path or not all(path.split(".")[:2]):
        raise failed(_("the path “%(path)s” is not complete") % {"path": path})
    get: Getter
    if path.startswith(RAW):
        get = path_getter(path.removeprefix(RAW))
        return lambda item, scope: get(scope.record.raw)
    if path.startswith(RESOLVED):
        get = path_getter(path.removeprefix(RESOLVED))
        return (lambda item, scope: get(scope.resolved_line)) if is_in_list else lambda item, scope: get(scope.resolved)
    if is_in_list and path.startswith(PARENT + RESOLVED):
        get = path_getter(path.removeprefix(PARENT + RESOLVED))
        return lambda item, scope: get(scope.resolved)
    if is_in_list and path.startswith(PARENT):
        get = path_getter(path.removeprefix(PARENT))
        return lambda item, scope: get(scope.record.core)
    get = path_getter(path)
    return lambda item, scope: get(item)


def _expression(text: str, *, is_in_list: bool) -> Read:
    """An expression sees the core fields, `raw`, `resolved` and, on a line, the whole record as `order`."""
    evaluate = compile_expression(text)
    needs_raw, needs_resolved = "raw" in text, "resolved" in text

    def read(item: Any, scope: Scope) -> Any:
        data = {**prepare(item), "order": scope.core_data} if is_in_list else dict(scope.core_data)
        if needs_raw:
            data["raw"] = scope.raw_data
        if needs_resolved:
            data["resolved"] = prepare(scope.resolved_line if is_in_list else scope.resolved)
        return evaluate(data)

    return read


def written(value: Any) -> Any:
    """Return the value in the form payloads hold: texts, Decimal, true and false, null, and lists and dicts of them."""
    if type(value) in _AS_THEY_ARE or value is MISSING:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return {name: written(inner) for name, inner in value.__dict__.items()}
    if isinstance(value, Mapping):
        return {str(name): written(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner) for inner in value if inner is not MISSING]
    return str(value)
