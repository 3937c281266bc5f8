"""What a write said about each field, for the page of the record: sent now, there before, changed since last time."""

from __future__ import annotations

from typing import Any

from connectors.base import Written
from connectors.core import JSONDict
from flows.engine.plan import Action, Change, payload_for
from flows.maps.mapping import CompiledMap
from flows.maps.paths import MISSING, get_path


def told_fields(change: Change, compiled: CompiledMap, *, before: JSONDict | None) -> JSONDict:
    """Return what is kept beside the answer.

    `fields`: target path and value sent; `kept`: paths that had a value and were not sent; `before`: what stood there,
    only if it was read; `changed`, for an update: paths that differ from what was sent last, only if something was.
    """
    if change.built is None:
        return {}
    payload = change.payload if change.action is Action.CREATE else payload_for(change, compiled, before or {})
    fields = _picked(payload, change.built.values)
    told: JSONDict = {"fields": fields, "kept": [path for path in change.built.values if path not in fields]}
    if before is not None:
        told["before"] = _picked(before, change.built.values)
    if change.action is Action.UPDATE and change.previous:
        told["changed"] = [path for path in fields if change.previous.get(path) != change.hashes.get(path)]
    return told


def told_parts(written: Written) -> JSONDict:
    """Return what became of each part of a record: what it is, what was done, and its cause where it failed."""
    parts = [
        {
            "kind": part.kind,
            "title": str(part.title),
            "label": part.label,
            "action": str(part.action),
            "id": part.id,
            **({"code": part.error.code, "params": part.error.params} if part.error else {}),
        }
        for part in written.parts
    ]
    return {"parts": parts} if parts else {}


def _picked(values: JSONDict, paths: dict[str, Any]) -> JSONDict:
    found = ((path, get_path(values, path)) for path in paths)
    return {path: value for path, value in found if value is not MISSING}
