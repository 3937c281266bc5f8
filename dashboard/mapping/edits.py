"""An edit as the forms of the mapping page send it, turned into the field as it is afterwards. No database here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.errors import MappingError
from connectors.base import FieldInfo, FieldType
from connectors.maps import FieldMap, OnError, Step, When
from dashboard.mapping.cases import Fields, move_case, read_case, remove_case
from dashboard.mapping.inspector import is_pairs
from dashboard.mapping.refusal import EditRefused
from dashboard.mapping.words import is_sent_on_create, is_sent_on_update
from flows.maps.checks import reason, why_broken
from flows.transforms import TRANSFORMS, Parameter, Transform, compile_step

LONGEST_TEXT = 2000
MOST_STEPS = 20
WHENS = {"always": When.ALWAYS, "if_untouched": When.IF_UNTOUCHED, "if_empty": When.IF_EMPTY}


def edited(
    field: FieldMap | None,
    info: FieldInfo,
    data: QueryDict,
    *,
    target: str,
    in_list: str,
    is_key: bool,
    fields: Fields | None = None,
) -> FieldMap | None:
    """Return the field after an edit, or None when it is no longer mapped. Raises EditRefused.

    `fields` are those of the source, which the rows of "only if" compare.
    """
    action = data.get("do", "")
    if is_key and action in ("toggle_create", "toggle_update", "when", "remove"):
        raise EditRefused(_("Records are recognised by this field, so it is always sent."))
    if action in ORIGINS:
        return _sound(ORIGINS[action](field, data, target, info), in_list, action)
    if field is None:
        raise EditRefused(_("Choose a source first."))
    if action == "remove":
        return None
    if action == "case":
        changed = read_case(field, data, fields or {}, lambda text, where: _constant(text, info, where))
        return _sound(changed, in_list, f"case-{data.get('index', 'new')}")
    edit = EDITS.get(action)
    if edit is None:
        raise EditRefused(_("This cannot be done here."))
    return edit(field, data, info)


def _sound(field: FieldMap, in_list: str, action: str) -> FieldMap:
    why = why_broken(field, in_list=in_list)
    if why:
        raise EditRefused(why, action)
    return field


def _from_source(field: FieldMap | None, data: QueryDict, target: str, info: FieldInfo) -> FieldMap:
    source = data.get("source", "").strip()
    if not source:
        raise EditRefused(_("Choose a source first."), "source")
    if data.get("also") and field is not None and field.source:
        return _with_another(field, target, source)
    return _with_origin(field, target, source=source)


def _with_another(field: FieldMap, target: str, source: str) -> FieldMap:
    """Add a source to those there are. What makes one value of them is put in front; a table takes both as its keys."""
    several = _with_origin(field, target, source=f"{field.source} | {source}")
    if "|" in field.source or field.table:
        return several
    return several.model_copy(update={"steps": (Step(fn="join", args={"separator": " "}), *several.steps)})


def _from_constant(field: FieldMap | None, data: QueryDict, target: str, info: FieldInfo) -> FieldMap:
    text = data.get("constant", "").strip()
    if not text:
        raise EditRefused(_("Fill in the value."), "constant")
    return _with_origin(field, target, constant=_constant(text, info))


def _constant(text: str, info: FieldInfo, where: str = "constant") -> Any:
    """Read yes, no and numbers as what they are where the field wants such; all else is text."""
    words = {"true": True, "yes": True, "false": False, "no": False}
    if info.type is FieldType.BOOLEAN and text.lower() in words:
        return words[text.lower()]
    if info.type in (FieldType.NUMBER, FieldType.MONEY):
        plain = text.replace(",", ".")
        if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", plain) is None:
            raise EditRefused(_("“%(text)s” is not a number") % {"text": text[:40]}, where)
        return float(plain) if "." in plain else int(plain)
    return text[:LONGEST_TEXT]


def _from_expression(field: FieldMap | None, data: QueryDict, target: str, info: FieldInfo) -> FieldMap:
    text = data.get("expression", "").strip()
    if not text:
        raise EditRefused(_("Write the expression."), "expression")
    return _with_origin(field, target, expression=text)


def _with_origin(field: FieldMap | None, target: str, **origin: Any) -> FieldMap:
    kept = {} if field is None else field.model_dump(exclude={"source", "constant", "expression"})
    try:
        return FieldMap.model_validate({**kept, "target": target, **origin})
    except ValidationError as error:
        raise EditRefused(str(error.errors(include_url=False)[0]["msg"])) from error


def _toggle_create(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    """Off means off altogether: what a new record does not get, an existing one does not get either."""
    return _when(field, When.NEVER if is_sent_on_create(field.when) else When.ON_CREATE)


def _toggle_update(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    return _when(field, When.ON_CREATE if is_sent_on_update(field.when) else When.ALWAYS)


def _set_when(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    """The form of the panel: two boxes and how an existing record is treated."""
    if not data.get("on_create"):
        return _when(field, When.NEVER)
    if not data.get("on_update"):
        return _when(field, When.ON_CREATE)
    return _when(field, WHENS.get(data.get("mode", "always"), When.ALWAYS))


def _when(field: FieldMap, when: When) -> FieldMap:
    return field.model_copy(update={"when": when})


def _set_empty(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    on_error = OnError.EMPTY if data.get("leave_out") else OnError.BLOCK
    return field.model_copy(update={"on_error": on_error, "required": bool(data.get("required"))})


def _add_step(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    known = TRANSFORMS.get(data.get("fn", ""))
    if known is None:
        raise EditRefused(_("There is no such function."))
    if len(field.steps) >= MOST_STEPS:
        raise EditRefused(_("A field takes at most %(count)s functions.") % {"count": MOST_STEPS})
    step = Step(fn=known.name, args=_starting_arguments(known, info))
    return field.model_copy(update={"steps": (*field.steps, step)})


def _starting_arguments(known: Transform, info: FieldInfo) -> dict[str, Any]:
    """Return arguments a new function can run with: what the field asks for, else those of its example."""
    args = {name: _plain(value) for name, value in known.example.args.items()}
    if "length" in args and info.max_length:
        args["length"] = info.max_length
    for parameter in known.parameters:
        if parameter.required and parameter.kind == "text" and parameter.name in args:
            emptied = {**args, parameter.name: ""}
            if _binds(known.name, emptied):
                args = emptied
    return args


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | list | dict) else str(value)


def _binds(name: str, args: Mapping[str, Any]) -> bool:
    try:
        compile_step(name, args)
    except MappingError:
        return False
    return True


def _set_step(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    index = _index(field, data)
    step = field.steps[index]
    known = TRANSFORMS.get(step.fn)
    if known is None:
        raise EditRefused(_("There is no such function."), f"step-{index}")
    args = dict(step.args)
    for parameter in known.parameters:
        name = f"arg-{parameter.name}"
        if parameter.kind == "boolean":
            args[parameter.name] = bool(data.get(name))
        elif name in data:
            text = str(data[name])
            _put(args, parameter, _read_argument(known, parameter, text), text)
    try:
        compile_step(step.fn, args)
    except MappingError as error:
        raise EditRefused(reason(error), f"step-{index}") from error
    return _with_step(field, index, Step(fn=step.fn, args=args))


def _put(args: dict[str, Any], parameter: Parameter, value: Any, text: str) -> None:
    """An argument that may be left out is left out when its input is empty."""
    is_blank = text == "" if parameter.kind == "text" else text.strip() == ""
    if is_blank and not parameter.required and (parameter.kind != "text" or parameter.default is None):
        args.pop(parameter.name, None)
    else:
        args[parameter.name] = value


def _read_argument(known: Transform, parameter: Parameter, text: str) -> Any:
    if is_pairs(known, parameter.name):
        pairs = (line.partition("=") for line in text.splitlines() if line.strip())
        return {left.strip(): right.strip() for left, _sign, right in pairs}
    if parameter.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if parameter.kind == "whole":
        plain = text.strip()
        return int(plain) if plain.lstrip("-").isdecimal() and plain.isascii() and len(plain) < 12 else plain
    if parameter.kind == "number":
        return text.strip().replace(",", ".")
    return text[:LONGEST_TEXT]


def _remove_step(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    index = _index(field, data)
    return field.model_copy(update={"steps": field.steps[:index] + field.steps[index + 1 :]})


def _move_step(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    index = _index(field, data)
    to = index + (-1 if data.get("to") == "up" else 1)
    if not 0 <= to < len(field.steps):
        return field
    steps = list(field.steps)
    steps[index], steps[to] = steps[to], steps[index]
    return field.model_copy(update={"steps": tuple(steps)})


def _order_steps(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    wanted = [int(one) for one in data.get("order", "").split(",") if one.isdecimal() and len(one) < 4]
    if sorted(wanted) != list(range(len(field.steps))):
        raise EditRefused(_("The functions changed in the meantime."))
    return field.model_copy(update={"steps": tuple(field.steps[at] for at in wanted)})


def _set_table(field: FieldMap, data: QueryDict, info: FieldInfo) -> FieldMap:
    return field.model_copy(update={"table": data.get("table", "")[:40]})


def _index(field: FieldMap, data: QueryDict) -> int:
    text = data.get("index", "")
    if not text.isdecimal() or len(text) > 3 or int(text) >= len(field.steps):
        raise EditRefused(_("The functions changed in the meantime."))
    return int(text)


def _with_step(field: FieldMap, index: int, step: Step) -> FieldMap:
    return field.model_copy(update={"steps": (*field.steps[:index], step, *field.steps[index + 1 :])})


ORIGINS: dict[str, Callable[[FieldMap | None, QueryDict, str, FieldInfo], FieldMap]] = {
    "source": _from_source,
    "constant": _from_constant,
    "expression": _from_expression,
}
EDITS: dict[str, Callable[[FieldMap, QueryDict, FieldInfo], FieldMap]] = {
    "toggle_create": _toggle_create,
    "toggle_update": _toggle_update,
    "when": _set_when,
    "empty": _set_empty,
    "add_step": _add_step,
    "step": _set_step,
    "remove_step": _remove_step,
    "move_step": _move_step,
    "order": _order_steps,
    "table": _set_table,
    "remove_case": lambda field, data, info: remove_case(field, data),
    "move_case": lambda field, data, info: move_case(field, data),
}
