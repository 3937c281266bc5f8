"""How a field of a record is named inside a list of its map, and back."""

from __future__ import annotations

from connectors.base import FieldInfo
from flows.maps.field_lists import FieldList
from flows.maps.sources import PARENT, RAW, core_list


def fields_in(sources: FieldList, in_list: str) -> dict[str, FieldInfo]:
    """Return the source's fields by the paths a map of this list names them with."""
    return {path_in(one.path, in_list): one for one in sources.fields}


def core_path(path: str, in_list: str) -> str:
    """Return a source as the record's list of fields names it: on a line, a plain name is the line's own."""
    if path.startswith(PARENT):
        return path.removeprefix(PARENT)
    return f"{core_list(in_list)}.{path}" if in_list and not path.startswith("raw.") else path


def path_in(path: str, in_list: str) -> str:
    """Return a field of the record as a map of this list names it."""
    if not in_list or path.startswith(RAW):
        return path
    head = f"{core_list(in_list)}."
    return path.removeprefix(head) if path.startswith(head) else PARENT + path
