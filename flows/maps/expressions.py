"""JMESPath with our functions, under a budget: no expression can hang or fill the memory.

Limits are on the text, its nesting, the steps taken, the nodes looked at and the size of the result. The result is a
scalar or a list of scalars, as a field cannot hold more. Numbers are decimals throughout.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import jmespath
from django.utils.translation import gettext as _
from jmespath import exceptions
from jmespath.functions import Functions
from jmespath.visitor import Options, TreeInterpreter
from pydantic import BaseModel

from apicenter.errors import MappingError
from flows.transforms.look_up import LOOK_UP
from flows.transforms.registry import TRANSFORMS, UNFIT, unknown_function
from flows.transforms.values import MAX_LIST, MAX_TEXT, checked, failed

MAX_EXPRESSION = 500
MAX_NESTING = 30
MAX_TREE_DEPTH = 60  # pipes and operators nest without brackets
MAX_STEPS = 20_000
MAX_NODES = 200_000
NUMBER_TYPES = ("int", "float", "Decimal")
Evaluate = Callable[[Any], Any]


def compile_expression(text: str) -> Evaluate:
    """Return a function from prepared data to the result. Raises MappingError in words for a person."""
    if len(text) > MAX_EXPRESSION:
        raise failed(_("the expression is longer than %(limit)s characters") % {"limit": MAX_EXPRESSION})
    if _nesting(text) > MAX_NESTING:
        raise _too_deep()
    try:
        tree = _exact_literals(jmespath.compile(text).parsed, depth=0)
    except (exceptions.JMESPathError, ValueError) as error:
        raise failed(_("the expression cannot be read: %(why)s") % {"why": _where(error)}) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check_functions(tree)

    def evaluate(data: Any) -> Any:
        interpreter = _Interpreter()
        try:
            return _as_field(interpreter.visit(tree, data))
        except (exceptions.JMESPathError, *UNFIT) as error:
            raise failed(_("the expression does not fit this record: %(why)s") % {"why": _misfit(error)}) from error

    return evaluate


def prepare(value: Any) -> Any:
    """Return the value as an expression sees it: dicts, lists, texts, decimals. Nothing but data is reachable."""
    if value is None or isinstance(value, bool | Decimal):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, BaseModel):
        return {name: prepare(inner) for name, inner in value.__dict__.items()}
    if isinstance(value, Mapping):
        return {str(name): prepare(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [prepare(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else str(value)


def _nesting(text: str) -> int:
    depth = deepest = 0
    for letter in text:
        if letter in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")]}":
            depth -= 1
    return deepest


def _too_deep() -> MappingError:
    return failed(_("the expression is nested too deeply"))


def _where(error: Exception) -> str:
    position = getattr(error, "lex_position", getattr(error, "lexer_position", None))
    if not isinstance(position, int):
        return _("it is not complete")
    return _("there is a mistake at character %(position)s") % {"position": position + 1}


def _misfit(error: Exception) -> str:
    """Say what went wrong without the library's text, which quotes the record."""
    name = getattr(error, "function_name", "")
    if name:
        return _("“%(fn)s” was given something it cannot work on") % {"fn": name}
    return _("a function was given something it cannot work on")


def _exact_literals(node: Any, *, depth: int) -> Any:
    """Return the tree with its numbers as decimals; the library's own tree is shared and stays as it is."""
    if depth > MAX_TREE_DEPTH:
        raise RecursionError
    if not isinstance(node, dict) or "type" not in node:
        return node
    if node["type"] == "literal":
        return {**node, "value": prepare(node["value"])}
    return {**node, "children": [_exact_literals(child, depth=depth + 1) for child in node["children"]]}


def _check_functions(node: Any) -> None:
    if not isinstance(node, dict) or "type" not in node:
        return
    if node["type"] == "function_expression" and not _is_function(node["value"]):
        raise unknown_function(node["value"], {**TRANSFORMS, **_Functions.FUNCTION_TABLE})
    for child in node["children"]:
        _check_functions(child)


def _is_function(name: str) -> bool:
    return name in _Functions.FUNCTION_TABLE or (name in TRANSFORMS and name != LOOK_UP)


def _as_field(result: Any) -> Any:
    rows = result if isinstance(result, list) else [result]
    if not all(row is None or isinstance(row, str | bool | int | float | Decimal) for row in rows):
        raise failed(_("the expression must give one value or a list of values, not whole records"))
    checked(result)
    for row in rows:
        checked(row)
    return [prepare(row) for row in rows] if isinstance(result, list) else prepare(result)


class _Budget:
    """Steps and nodes an evaluation may still use."""

    __slots__ = ("nodes", "steps")

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.nodes = MAX_NODES

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise failed(_("the expression takes too many steps"))

    def spend(self, nodes: int) -> None:
        self.nodes -= nodes
        if self.nodes < 0:
            raise failed(_("the expression makes too much of this record"))

    def walk(self, value: Any) -> int:
        """Count every node and character below the value, shared parts as often as they occur."""
        waiting, size = [value], 0
        while waiting:
            one = waiting.pop()
            if isinstance(one, list | dict):
                self.spend(len(one) + 1)
                waiting.extend(one if isinstance(one, list) else one.values())
            elif isinstance(one, str):
                size += len(one)
            elif isinstance(one, Decimal):
                checked(one)
        return size


class _Functions(Functions):
    """The library's functions on decimals and with sizes checked beforehand; then ours, the value first."""

    def __init__(self, budget: _Budget) -> None:
        self._budget = budget

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        size = sum(self._budget.walk(arg) for arg in resolved_args)
        if function_name in self.FUNCTION_TABLE:
            if function_name in ("join", "to_string"):
                self._check_length(function_name, resolved_args, size)
            return _plain_numbers(super().call_function(function_name, resolved_args))
        known = TRANSFORMS[function_name]
        names = [parameter.name for parameter in known.parameters]
        if not 1 <= len(resolved_args) <= len(names) + 1:
            raise failed(_("the function “%(fn)s” takes other arguments") % {"fn": function_name})
        value, *rest = resolved_args
        return prepare(known.bind(dict(zip(names, rest, strict=False)))(value))

    def _check_length(self, function_name: str, args: list[Any], size: int) -> None:
        if function_name == "join" and len(args) == 2 and isinstance(args[0], str) and isinstance(args[1], list):
            size += len(args[0]) * len(args[1])
        if size > MAX_TEXT:
            raise failed(_("the text is longer than %(limit)s characters") % {"limit": MAX_TEXT})

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, inner = super()._get_allowed_pytypes(types)  # type: ignore[misc]
        if "number" in types:
            allowed.append("Decimal")
        return allowed, [NUMBER_TYPES if "float" in one else one for one in inner]

    def _convert_to_jmespath_type(self, pyobject: str) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]


def _to_number(self: Functions, arg: Any) -> Any:
    if isinstance(arg, Decimal):
        return arg
    try:
        return TRANSFORMS["to_number"].bind({})(arg) if isinstance(arg, str) else None
    except MappingError:
        return None


def _to_string(self: Functions, arg: Any) -> str:
    if isinstance(arg, str):
        return arg
    if isinstance(arg, Decimal):
        return f"{checked(arg):f}"
    return json.dumps(arg, separators=(",", ":"), default=str, ensure_ascii=False)


def _type(self: Functions, arg: Any) -> str:
    names = {str: "string", bool: "boolean", list: "array", dict: "object", Decimal: "number"}
    return names.get(type(arg), "null")


# The library finds its functions through a table made at class creation; these three know decimals.
_Functions.FUNCTION_TABLE = {
    **Functions.FUNCTION_TABLE,
    **{
        name: {**Functions.FUNCTION_TABLE[name], "function": function}
        for name, function in (("to_number", _to_number), ("to_string", _to_string), ("type", _type))
    },
}


def _plain_numbers(value: Any) -> Any:
    """Return whole numbers of length(), ceil() and sum() as decimals too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return prepare(value)
    return value


class _Interpreter(TreeInterpreter):
    """The library's interpreter, counting."""

    def __init__(self) -> None:
        self._budget = _Budget()
        super().__init__(Options(custom_functions=_Functions(self._budget)))

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._budget.step()
        result = super().visit(node, *args, **kwargs)
        if isinstance(result, list):
            if len(result) > MAX_LIST:
                raise failed(_("the expression makes too much of this record"))
            self._budget.spend(len(result))
        return result

    def visit_flatten(self, node: Any, value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self._budget.spend(sum(len(one) if isinstance(one, list) else 1 for one in base))
        return [inner for one in base for inner in (one if isinstance(one, list) else [one])]

    def visit_comparator(self, node: Any, value: Any) -> Any:
        left, right = (self.visit(child, value) for child in node["children"])
        if node["value"] in ("eq", "ne"):
            self._budget.walk(left)
            self._budget.walk(right)
            is_equal = isinstance(left, bool) == isinstance(right, bool) and left == right
            return is_equal == (node["value"] == "eq")
        both = (Decimal, Decimal), (str, str)
        if not any(isinstance(left, one) and isinstance(right, other) for one, other in both):
            return None
        return self.COMPARATOR_FUNC[node["value"]](left, right)
