"""How a field may be compared, by its type, and what that is called."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.base import FieldInfo, FieldType
from flows.maps.conditions import Op


class Shape(StrEnum):
    """How fields of a type are compared."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    THING = "thing"  # it can only be there or not


SHAPES: dict[FieldType, Shape] = {
    FieldType.NUMBER: Shape.NUMBER,
    FieldType.MONEY: Shape.NUMBER,
    FieldType.DATE: Shape.DATE,
    FieldType.BOOLEAN: Shape.BOOLEAN,
    FieldType.CHOICE: Shape.CHOICE,
    FieldType.CHOICES: Shape.CHOICE,
    FieldType.OBJECT: Shape.THING,
    FieldType.LIST: Shape.THING,
}
_THERE = (Op.IS_FILLED, Op.IS_EMPTY)
OPERATORS: dict[Shape, tuple[Op, ...]] = {
    Shape.TEXT: (
        *(Op.EQ, Op.NE, Op.CONTAINS, Op.STARTS_WITH, Op.IN, Op.NOT_IN, *_THERE),
        Op.MATCHES,
    ),
    Shape.NUMBER: (Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, *_THERE),
    Shape.DATE: (Op.GTE, Op.GT, Op.LTE, Op.LT, Op.EQ, *_THERE),
    Shape.BOOLEAN: (Op.EQ,),
    Shape.CHOICE: (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, *_THERE),
    Shape.THING: _THERE,
}
WORDS: dict[Op, Promise] = {
    Op.EQ: pgettext_lazy("comparison", "is"),
    Op.NE: pgettext_lazy("comparison", "is not"),
    Op.CONTAINS: pgettext_lazy("comparison", "contains"),
    Op.STARTS_WITH: pgettext_lazy("comparison", "starts with"),
    Op.GT: pgettext_lazy("comparison", "is more than"),
    Op.GTE: pgettext_lazy("comparison", "is at least"),
    Op.LT: pgettext_lazy("comparison", "is less than"),
    Op.LTE: pgettext_lazy("comparison", "is at most"),
    Op.IN: pgettext_lazy("comparison", "is one of"),
    Op.NOT_IN: pgettext_lazy("comparison", "is none of"),
    Op.IS_EMPTY: pgettext_lazy("comparison", "is empty"),
    Op.IS_FILLED: pgettext_lazy("comparison", "is filled in"),
    Op.MATCHES: pgettext_lazy("comparison", "fits the pattern"),
}
DATE_WORDS: dict[Op, Promise] = {
    Op.EQ: pgettext_lazy("comparison of dates", "is on"),
    Op.GT: pgettext_lazy("comparison of dates", "is after"),
    Op.GTE: pgettext_lazy("comparison of dates", "is on or after"),
    Op.LT: pgettext_lazy("comparison of dates", "is before"),
    Op.LTE: pgettext_lazy("comparison of dates", "is on or before"),
}
YES_NO = (("true", _("yes")), ("false", _("no")))


def shape_of(field: FieldInfo | None) -> Shape:
    """Return how a field is compared; one that is not known any more, as a text."""
    if field is None:
        return Shape.TEXT
    if field.list_name or field.options:
        return Shape.CHOICE
    return SHAPES.get(field.type, Shape.TEXT)


def operator_choices(shape: Shape, *, kept: str = "") -> list[tuple[str, str]]:
    """Return the comparisons of a shape with their words; the one that is `kept` stays on offer."""
    words = {**WORDS, **DATE_WORDS} if shape is Shape.DATE else WORDS
    ops = [*OPERATORS[shape], *(op for op in Op if op == kept and op not in OPERATORS[shape])]
    return [(op.value, str(words[op])) for op in ops]
