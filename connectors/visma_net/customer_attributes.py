"""Attributes of a customer as the ERP takes them: only those of its class, each by the type it has there. Pure.

A choice is written by its value id, yes and no as 1 and 0, a date without a time, several choices with commas
[visma_net.md 4].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.core import JSONDict
from connectors.visma_net.read_values import SYSTEM, fold_text, read_rows, read_text

YES = frozenset({"1", "true", "yes", "on", "ja", "oui"})
NO = frozenset({"0", "false", "no", "off", "nee", "non"})
DATE_LENGTH = 10
MOST_KNOWN = 12


def attribute_lines(values: Mapping[str, Any], classes: Sequence[JSONDict], class_id: str | None) -> list[JSONDict]:
    """Return the attribute lines of a customer of this class; of a known customer the class is not asked for.

    Raises MappingError for an attribute the class does not have, and for a value it does not know.
    """
    known = _attributes(classes, class_id)
    return [
        {"attributeId": code, "attributeValue": _written(code, value, known, class_id)}
        for code, value in values.items()
    ]


def _attributes(classes: Sequence[JSONDict], class_id: str | None) -> dict[str, JSONDict]:
    wanted = [row for row in classes if class_id is None or read_text(row.get("id")) == class_id]
    rows = (row for found in wanted for row in read_rows(found.get("attributes")))
    return {code: row for row in rows if (code := read_text(row.get("attributeId")))}


def _written(code: str, value: Any, known: Mapping[str, JSONDict], class_id: str | None) -> str:
    attribute = known.get(code)
    if attribute is None:
        where = class_id or "*"
        raise MappingError("attribute.unknown", field=f"attributes.{code}", customer_class=where, system=SYSTEM)
    try:
        return WRITERS.get(read_text(attribute.get("attributeType")) or "", _text)(attribute, value)
    except ValueError as error:
        told = {"value": str(value), "known": str(error), "system": SYSTEM}
        raise MappingError("attribute.no_value", field=f"attributes.{code}", **told) from error


def _text(attribute: JSONDict, value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _choice(attribute: JSONDict, value: Any) -> str:
    options = {
        read_text(row.get("id")) or "": read_text(row.get("description")) or ""
        for row in read_rows(attribute.get("details"))
    }
    wanted = fold_text(str(value))
    for option, description in options.items():
        if wanted in (fold_text(option), fold_text(description)):
            return option
    raise ValueError(", ".join(list(options)[:MOST_KNOWN]))


def _choices(attribute: JSONDict, value: Any) -> str:
    texts = value if isinstance(value, list | tuple) else str(value).split(",")
    return ",".join(_choice(attribute, text) for text in texts if str(text).strip())


def _yes_or_no(attribute: JSONDict, value: Any) -> str:
    text = str(value).strip().lower()
    if text not in YES | NO:
        raise ValueError(_("yes and no"))
    return "1" if text in YES else "0"


def _date(attribute: JSONDict, value: Any) -> str:
    text = str(value)[:DATE_LENGTH]
    if len(text) != DATE_LENGTH or text[4] != "-":
        raise ValueError(_("dates"))
    return text


WRITERS: Mapping[str, Callable[[JSONDict, Any], str]] = {
    "Combo": _choice,
    "MultiSelectCombo": _choices,
    "Checkbox": _yes_or_no,
    "Datetime": _date,
}
