"""The schema as a page: every address with what it takes and gives, without a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One value that is taken or given; `depth` says how far inside others it lies."""

    name: str
    type: str
    text: str
    is_required: bool
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    text: str
    parameters: list[Field]
    takes: list[Field]
    gives: list[Field]
    status: str


@dataclass(frozen=True, slots=True)
class Group:
    """The operations on one kind of thing."""

    name: str
    operations: list[Operation] = field(default_factory=list)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the OpenAPI schema; it changes with the code only."""
    return SchemaGenerator().get_schema(request=None, public=True)


@lru_cache(maxsize=1)
def groups() -> list[Group]:
    """Return all operations, grouped by their first path segment, in the order of the schema."""
    found: dict[str, Group] = {}
    for path, methods in schema()["paths"].items():
        name = path.removeprefix("/api/v1/").split("/")[0]
        group = found.setdefault(name, Group(name))
        group.operations.extend(_operation(path, method, methods[method]) for method in METHODS if method in methods)
    return list(found.values())


def _operation(path: str, method: str, described: dict[str, Any]) -> Operation:
    status, answer = next((item for item in described["responses"].items() if item[0].startswith("2")), ("", {}))
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        text=described.get("description", ""),
        parameters=[_parameter(one) for one in described.get("parameters", ()) if one["in"] != "header"],
        takes=_fields(_json(described.get("requestBody", {}))),
        gives=_fields(_json(answer)),
        status=status,
    )


def _parameter(one: dict[str, Any]) -> Field:
    return Field(one["name"], _type(one["schema"]), one.get("description", ""), bool(one.get("required")))


def _json(holder: dict[str, Any]) -> dict[str, Any]:
    return holder.get("content", {}).get("application/json", {}).get("schema", {})


def _resolve(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return schema()["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    if "allOf" in part and len(part["allOf"]) == 1:
        return {**_resolve(part["allOf"][0]), **{name: part[name] for name in part if name != "allOf"}}
    return part


def _fields(part: dict[str, Any], depth: int = 0) -> list[Field]:
    part = _resolve(part)
    if part.get("type") == "array":
        return _fields(part["items"], depth)
    if depth >= DEEPEST:
        return []
    required = set(part.get("required", ()))
    found: list[Field] = []
    for name, inner in part.get("properties", {}).items():
        inner = _resolve(inner)
        found.append(Field(name, _type(inner), _first_line(inner), name in required, depth))
        found += _fields(inner, depth + 1)
    return found


def _first_line(part: dict[str, Any]) -> str:
    return str(part.get("description", "")).split("\n")[0]


def _type(part: dict[str, Any]) -> str:
    part = _resolve(part)
    if part.get("type") == "array":
        return f"list of {_type(part['items'])}"
    if "enum" in part:
        return " | ".join(str(one) for one in part["enum"] if one not in ("", None))
    if "oneOf" in part:
        return " | ".join(filter(None, (_type(one) for one in part["oneOf"])))
    kind = part.get("type", "any")
    shape = part.get("format")
    return f"{kind} ({shape})" if shape else str(kind)
