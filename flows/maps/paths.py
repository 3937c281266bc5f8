"""Dotted paths into records and payloads. Missing, null and "" are three different things.

A path never reaches anything but data: fields of core records, keys of mappings and items of lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing.MISSING
Getter = Callable[[Any], Any]


def get_path(data: Any, path: str) -> Any:
    """Return the value at the path, or MISSING."""
    return path_getter(path)(data)


def path_getter(path: str) -> Getter:
    """Return a function that reads this path. A key may hold dots: the whole rest is tried before its first part."""
    segments = tuple(path.split("."))
    if len(segments) == 1:
        return _one_getter(path)
    rests = tuple(".".join(segments[at:]) for at in range(len(segments)))
    length = len(segments)

    def read(data: Any, start: int = 0) -> Any:
        for at in range(start, length):
            segment = segments[at]
            if isinstance(data, BaseModel):
                data = data.__dict__.get(segment, MISSING)
            elif isinstance(data, Mapping):
                if rests[at] in data:
                    return data[rests[at]]
                data = data.get(segment, MISSING)
            elif isinstance(data, list | tuple):
                if not _is_index(segment):
                    return [value for item in data if (value := read(item, at)) is not MISSING]
                data = _item(data, segment)
            else:
                return MISSING
            if data is MISSING:
                return MISSING
        return data

    return read


def _one_getter(name: str) -> Getter:
    def read(data: Any) -> Any:
        if isinstance(data, BaseModel):
            return data.__dict__.get(name, MISSING)
        if isinstance(data, Mapping):
            return data.get(name, MISSING)
        if isinstance(data, list | tuple):
            if _is_index(name):
                return _item(data, name)
            return [value for item in data if (value := read(item)) is not MISSING]
        return MISSING

    return read


def _is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdigit() and len(segment) <= 6


def _item(data: list[Any] | tuple[Any, ...], segment: str) -> Any:
    index = int(segment)
    return data[index] if index < len(data) else MISSING


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Put the value at the path, making the dicts on the way. Raises ValueError where something else stands."""
    *parents, last = path.split(".")
    for name in parents:
        inner = data.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ValueError(f"{path} goes through {name}, which holds a value already.")
        data = inner
    data[last] = value


def is_empty(value: Any) -> bool:
    """Return whether a person would say that nothing is there."""
    return value is MISSING or value is None or value == "" or (isinstance(value, list | tuple | dict) and not value)
