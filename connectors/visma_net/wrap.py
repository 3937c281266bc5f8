"""Payloads are plain nested dicts; the ERP API wants every value wrapped. The rules of that stand here only."""

from __future__ import annotations

from typing import Any

from connectors.core import JSONDict

INSERT = "Insert"
PLAIN_FIELDS = frozenset({"operation", "overrideWithClassValues", "rotRutDetails", "packaging", "subaccount"})


def prune(payload: Any) -> Any:
    """Return the payload without what has no value: to the ERP a null would change the field."""
    if isinstance(payload, dict):
        kept = {name: prune(value) for name, value in payload.items() if value is not None}
        return {name: value for name, value in kept.items() if value not in ({}, [])}
    if isinstance(payload, list | tuple):
        return [row for item in payload if (row := prune(item)) != {}]
    return payload


def wrap(payload: JSONDict) -> JSONDict:
    """Return `{"city": "Oslo"}` as `{"city": {"value": "Oslo"}}`; lists stay bare and their rows are wrapped."""
    return {name: _wrapped(name, value) for name, value in payload.items()}


def _wrapped(name: str, value: Any) -> Any:
    if name in PLAIN_FIELDS:
        return value
    if isinstance(value, list | tuple):
        return [wrap(row) if isinstance(row, dict) else row for row in value]
    return {"value": wrap(value) if isinstance(value, dict) else value}


def unwrap(body: Any) -> Any:
    """Return what `wrap` made of it as the plain payload again."""
    if isinstance(body, list):
        return [unwrap(row) for row in body]
    if not isinstance(body, dict):
        return body
    if set(body) == {"value"}:
        return unwrap(body["value"])
    return {name: unwrap(value) for name, value in body.items()}


def insert_lines(payload: JSONDict, name: str) -> JSONDict:
    """Return a new document's payload with the operation each of its lines needs."""
    lines = [{"operation": INSERT, **line} for line in payload.get(name) or ()]
    return {**payload, name: lines} if lines else {key: value for key, value in payload.items() if key != name}
