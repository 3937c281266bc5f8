"""How a function is declared, described to the mapping page, and bound to its arguments.

The value comes first and is read as its annotated type; arguments are keyword-only and checked when a map is compiled.
A function whose value may be None is also called for an empty or missing value; all others let it through unchanged.
Names are stored in tenants' rows: never rename one without a migration.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr, ValidationError, create_model

from apicenter.errors import MappingError
from flows.maps.paths import MISSING
from flows.transforms.texts import ARGUMENT_TITLES, TITLES
from flows.transforms.values import as_date, as_datetime, as_list, as_number, as_text, checked, failed

Function = TypeVar("Function", bound=Callable[..., Any])
Scalar = StrictBool | StrictStr | Decimal
READERS: dict[Any, Callable[[Any], Any]] = {
    str: as_text,
    Decimal: as_number,
    date: as_date,
    datetime: as_datetime,
    list[Any]: as_list,
}
UNFIT = (ArithmeticError, ValueError, TypeError, LookupError, RecursionError)


@dataclass(frozen=True, slots=True)
class Example:
    """What a function makes of one value: shown beside it, and run by a test."""

    value: Any
    args: Mapping[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument as the mapping page asks for it."""

    name: str
    kind: Literal["text", "number", "whole", "boolean", "choice", "list"]
    required: bool
    default: Any
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return str(ARGUMENT_TITLES[self.name])


@dataclass(frozen=True, slots=True)
class Transform:
    """One registered function."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    example: Example
    takes_empty: bool
    function: Callable[..., Any]
    read: Callable[[Any], Any] | None
    arguments: type[BaseModel]

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return str(TITLES[self.name])

    @property
    def description(self) -> str:
        """What it does, in the reader's language."""
        return _(self.doc)

    def bind(self, args: Mapping[str, Any]) -> Callable[[Any], Any]:
        """Return the function of the value alone. Raises MappingError naming the argument that does not fit."""
        keywords = self._checked_arguments(args)
        function, read, takes_empty, name = self.function, self.read, self.takes_empty, self.name

        def run(value: Any) -> Any:
            is_missing = value is MISSING
            if is_missing or value is None:
                if not takes_empty:
                    return value
                value = None
            try:
                result = checked(function(value if read is None or value is None else read(value), **keywords))
            except UNFIT as error:
                raise failed(_("the value does not fit the function “%(fn)s”") % {"fn": name}) from error
            return MISSING if is_missing and result is None else result

        return run

    def _checked_arguments(self, args: Mapping[str, Any]) -> dict[str, Any]:
        try:
            model = self.arguments.model_validate(dict(args))
        except ValidationError as error:
            raise failed(self._why(error)) from error
        return {parameter.name: getattr(model, parameter.name) for parameter in self.parameters}

    def _why(self, error: ValidationError) -> str:
        first = error.errors(include_url=False)[0]
        words = {"fn": self.name, "name": str(first["loc"][0]) if first["loc"] else "?"}
        if first["type"] == "missing":
            return _("the function “%(fn)s” needs the argument “%(name)s”") % words
        if first["type"] == "extra_forbidden":
            return _("the function “%(fn)s” has no argument “%(name)s”") % words
        own = first.get("ctx", {}).get("error")
        if own is not None:
            return _("the argument “%(name)s” of “%(fn)s” does not fit: %(why)s") % {**words, "why": str(own)}
        return _("the argument “%(name)s” of “%(fn)s” does not fit") % words


TRANSFORMS: dict[str, Transform] = {}


def transform(*, example: tuple[Any, Mapping[str, Any], Any]) -> Callable[[Function], Function]:
    """Register a function under its own name, without a trailing underscore."""

    def register(function: Function) -> Function:
        name = function.__name__.rstrip("_")
        if name in TRANSFORMS:
            raise ValueError(f"There are two functions named {name}.")
        hints = get_type_hints(function, include_extras=True)
        signature = inspect.signature(function).parameters.values()
        keywords = [one for one in signature if one.kind is inspect.Parameter.KEYWORD_ONLY]
        value_type, takes_empty = _without_none(hints["value"])
        TRANSFORMS[name] = Transform(
            name=name,
            doc=inspect.getdoc(function) or "",
            parameters=tuple(_parameter(one, hints[one.name]) for one in keywords),
            example=Example(*example),
            takes_empty=takes_empty,
            function=function,
            read=READERS.get(value_type),
            arguments=_arguments_model(name, keywords, hints),
        )
        return function

    return register


def compile_step(name: str, args: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Return the named function bound to its arguments. Raises MappingError."""
    known = TRANSFORMS.get(name)
    if known is None:
        raise unknown_function(name, TRANSFORMS)
    return known.bind(args)


def unknown_function(name: str, known: Mapping[str, Any]) -> MappingError:
    """Return the error for a name that is not known, with the nearest one that is."""
    near = difflib.get_close_matches(name[:100], list(known), n=1)
    if near:
        return failed(_("there is no function “%(fn)s”; did you mean “%(near)s”?") % {"fn": name, "near": near[0]})
    return failed(_("there is no function “%(fn)s”") % {"fn": name})


def _arguments_model(name: str, keywords: list[inspect.Parameter], hints: dict[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        one.name: (hints[one.name], ... if one.default is inspect.Parameter.empty else one.default) for one in keywords
    }
    return create_model(f"{name}_arguments", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, UnionType):
        inner = [one for one in get_args(annotation) if one is not NoneType]
        if len(inner) == 1 and len(inner) < len(get_args(annotation)):
            return inner[0], True
    return annotation, False


def _parameter(one: inspect.Parameter, annotation: Any) -> Parameter:
    is_required = one.default is inspect.Parameter.empty
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    default = None if is_required else one.default
    if get_origin(plain) is Literal:
        return Parameter(one.name, "choice", is_required, default, tuple(str(choice) for choice in get_args(plain)))
    if plain is bool:
        return Parameter(one.name, "boolean", is_required, default)
    if plain is int:
        return Parameter(one.name, "whole", is_required, default)
    if plain is Decimal:
        return Parameter(one.name, "number", is_required, default)
    if get_origin(plain) is list or get_origin(plain) is dict:
        return Parameter(one.name, "list", is_required, default)
    return Parameter(one.name, "text", is_required, default)
