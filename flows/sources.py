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
from flows.expressions import compile_expression, prepare
from flows.paths import MISSING, Getter, path_getter
from flows.transforms.values import failed

Read = Callable[[Any, "Scope"], Any]
RAW = "raw."
PARENT = "order."
RESOLVED = "resolved."  # what the flow found out beforehand; on a line, about that line
LINES = "lines"
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
        """Return the core record's list of this name; a target's own name for lines means the core's lines."""
        fields = self.record.core.__dict__
        found = fields.get(name, fields.get(LINES))
        return list(found) if isinstance(found, list | tuple) else []

    @property
    def resolved(self) -> Any:
        return self.record.raw.get("resolved", {})

    @property
    def resolved_line(self) -> Any:
        """Return what was found out about the present line."""
        rows = self.resolved.get(LINES, ())
        return rows[self.index] if self.index < len(rows) else {}


def compile_source(one: FieldMap, *, is_in_list: bool) -> Read:
    """Return how the value is read from a core record or one of its lines. Raises MappingError."""
    if one.expression:
        return _expression(one.expression, is_in_list=is_in_list)
    if one.constant is not None:
        constant = one.constant
        return lambda item, scope: constant
    if one.table and "|" in one.source:
        parts = [_path(part.strip(), is_in_list=is_in_list) for part in one.source.split("|")]
        if len(parts) > 2:
            raise failed(_("a value table has one or two keys"))
        return lambda item, scope: [part(item, scope) for part in parts]
    return _path(one.source, is_in_list=is_in_list)


def _path(path: str, *, is_in_list: bool) -> Read:
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
