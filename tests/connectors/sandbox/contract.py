"""Holds requests and answers against the vendors' OpenAPI documents in tests/contracts.

check_request("visma_net", "GET", "/v1/inventory", query={"pageSize": "10"}, body=None)
check_response("visma_net", "GET", "/v1/inventory", status=200, headers=response.headers, body=response.json())
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
FORM = "application/x-www-form-urlencoded"
VERBS = ("get", "put", "post", "delete", "patch")
CLOSED = ("visma_net",)  # this document names every field, so a name it lacks is a slip of ours
Pointer = tuple[str | int, ...]


@dataclass(frozen=True)
class Operation:
    """One verb of one path; `pointer` is where it stands in the document."""

    contract: str
    pointer: Pointer
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{str(self.pointer[2]).upper()} {self.pointer[1]}"


def check_request(
    contract: str, method: str, path: str, *, query: Mapping[str, Any], body: Any, form: bool = False
) -> None:
    """Assert that the vendor knows this call: path, verb, query parameters and body."""
    operation = find_operation(contract, method, path)
    _check_query(operation, query)
    pointer, declared = _follow(contract, (*operation.pointer, "requestBody"))
    if declared is None:
        assert not body, f"{operation} takes no body"
        return
    if body is None:
        assert not declared.get("required"), f"{operation} needs a body"
        return
    media = _json_or(declared["content"], FORM if form else "application/json")
    assert media, f"{operation} does not take {'a form' if form else 'JSON'}"
    _assert_valid(contract, (*pointer, "content", media, "schema"), body, f"request body of {operation}")


def check_response(
    contract: str, method: str, path: str, *, status: int, headers: Mapping[str, str], body: Any
) -> None:
    """Assert that the vendor may answer so: status, headers and body (None for an empty one)."""
    operation = find_operation(contract, method, path)
    pointer, declared = _follow(contract, (*operation.pointer, "responses", str(status)))
    if declared is None:
        # A gateway in front of the service throttles and fails for any call, in words of its own.
        assert status == 429 or status >= 500, f"{operation} never answers {status}"
        return
    _check_headers(operation, (*pointer, "headers"), declared.get("headers", {}), headers)
    content = declared.get("content", {})
    if not content and status >= 400:
        return
    if not content:
        assert not body, f"{operation} answers {status} without a body, not with {body!r:.80}"
        return
    media = _json_or(content, "application/json")
    assert media, f"{operation} answers {status} as {list(content)}, which this check cannot read"
    assert body is not None or str(status) == "204", f"{operation} answers {status} with a body"
    _assert_valid(contract, (*pointer, "content", media, "schema"), body, f"{status} of {operation}")


def find_operation(contract: str, method: str, path: str) -> Operation:
    """Return the operation of this address; fixed paths win over templates. Letter case does not matter."""
    for pattern, template in _paths(contract):
        if pattern.fullmatch(path):
            verbs = _document(contract)["paths"][template]
            if method.lower() in verbs:
                return Operation(contract, ("paths", template, method.lower()), verbs[method.lower()])
    raise AssertionError(f"{contract} has no {method} {path}")


def known_paths(contract: str) -> list[str]:
    """Return every path template of the document."""
    return list(_document(contract)["paths"])


def _check_query(operation: Operation, query: Mapping[str, Any]) -> None:
    declared: dict[str, tuple[Pointer, dict[str, Any]]] = {}
    for base in (operation.pointer[:-1], operation.pointer):
        _, listed = _follow(operation.contract, (*base, "parameters"))
        for index in range(len(listed or ())):
            pointer, parameter = _follow(operation.contract, (*base, "parameters", index))
            if parameter["in"] == "query":
                declared[parameter["name"].lower()] = (pointer, parameter)
    for _, parameter in declared.values():
        assert not parameter.get("required") or parameter["name"] in query, f"{operation} needs {parameter['name']}"
    for name, value in query.items():
        assert name.lower() in declared, f"{operation} has no query parameter {name}"
        pointer, parameter = declared[name.lower()]
        if "schema" in parameter:
            value = _typed(operation.contract, (*pointer, "schema"), value)
            _assert_valid(operation.contract, (*pointer, "schema"), value, f"query parameter {name} of {operation}")


def _check_headers(operation: Operation, base: Pointer, declared: Mapping[str, Any], got: Mapping[str, str]) -> None:
    lower = {name.lower(): value for name, value in got.items()}
    for name in declared:
        pointer, header = _follow(operation.contract, (*base, name))
        value = lower.get(name.lower())
        required = header.get("required") or name == "Location" or name.startswith("X-RateLimit")
        if value is None:
            assert not required or name == "X-RateLimit-Policy", f"{operation} answers with the header {name}"
        elif "schema" in header:
            typed = _typed(operation.contract, (*pointer, "schema"), value)
            _assert_valid(operation.contract, (*pointer, "schema"), typed, f"header {name} of {operation}")


def _typed(contract: str, pointer: Pointer, value: Any) -> Any:
    """Read text of a URL or header as the type its schema asks for; what cannot be read stays text and fails."""
    _, schema = _follow(contract, pointer)
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds:
        values = value if isinstance(value, list | tuple) else [value]
        return [_typed(contract, (*pointer, "items"), each) for each in values]
    if not isinstance(value, str):
        return value
    if "boolean" in kinds and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if ("integer" in kinds or "number" in kinds) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "number" in kinds and re.fullmatch(r"-?\d+\.\d+", value):
        return float(value)
    return value


def _json_or(content: Mapping[str, Any], wanted: str) -> str | None:
    if wanted in content:
        return wanted
    if wanted == "application/json":
        return next((media for media in content if "json" in media), None)
    return None


def _assert_valid(contract: str, pointer: Pointer, value: Any, what: str) -> None:
    problems = sorted(_validator(contract, pointer).iter_errors(value), key=lambda problem: len(problem.path))
    lines = [f"{problem.json_path}: {problem.message[:300]}" for problem in problems[:5]]
    assert not lines, f"{what} breaks the contract {contract}:\n" + "\n".join(lines)


def _follow(contract: str, pointer: Pointer) -> tuple[Pointer, Any]:
    """Return what stands at the pointer, and the pointer itself after the references on the way."""
    node: Any = _document(contract)
    here: Pointer = ()
    for step in pointer:
        if (isinstance(node, list) and isinstance(step, int)) or (isinstance(node, dict) and step in node):
            node = node[step]
        else:
            return pointer, None
        here = (*here, step)
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            here = tuple(part.replace("~1", "/").replace("~0", "~") for part in node["$ref"][2:].split("/"))
            node = _document(contract)
            for part in here:
                node = node[part]
    return here, node


@cache
def _document(contract: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (CONTRACTS / f"{contract.removesuffix('.openapi.yaml')}.openapi.yaml").open("rb") as file:
        document: dict[str, Any] = yaml.load(file, Loader=loader)
    if contract in CLOSED:
        _close(document["components"]["schemas"])
    return document


def _close(node: Any) -> None:
    """Refuse fields a schema does not list, unless it says that others may come or is one part of several."""
    if isinstance(node, list):
        for child in node:
            _close(child)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("properties"), dict) and node["properties"]:
        node.setdefault("additionalProperties", False)
    for name, child in node.items():
        if name != "allOf":
            _close(child)


@cache
def _paths(contract: str) -> list[tuple[re.Pattern[str], str]]:
    templates = sorted(_document(contract)["paths"], key=lambda template: template.count("{"))
    return [(_pattern(template), template) for template in templates]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts), re.IGNORECASE)


@cache
def _registry(contract: str) -> Registry:
    resource = Resource.from_contents(_document(contract), default_specification=DRAFT202012)
    return Registry().with_resource(f"urn:{contract}", resource).crawl()


@cache
def _validator(contract: str, pointer: Pointer) -> Draft202012Validator:
    escaped = "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in pointer)
    return Draft202012Validator(
        {"$ref": f"urn:{contract}#/{escaped}"},
        registry=_registry(contract),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
