"""Custom fields of an account: their definitions, and values in the form each type is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError, Rejected
from connectors.base import FieldType
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi

OTHER_NAMES = {"deal": "sale"}  # documented name -> the one the live API is reported to want
REFERENCES = ("company", "contact", "product", "user")
READ_ONLY = ("auto_increment",)
YES = frozenset({"1", "true", "yes", "on", "ja", "oui"})
NO = frozenset({"0", "false", "no", "off", "nee", "non"})

FIELD_TYPES = {
    "date": FieldType.DATE,
    "money": FieldType.MONEY,
    "integer": FieldType.NUMBER,
    "number": FieldType.NUMBER,
    "auto_increment": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "single_select": FieldType.CHOICE,
    "multi_select": FieldType.CHOICES,
    **dict.fromkeys(REFERENCES, FieldType.OBJECT),
}


def load_definitions(focus: FocusApi, *contexts: str) -> dict[str, JSONDict]:
    """Return the definitions of all contexts by id; a context with two names is asked by both."""
    return {row["id"]: row for context in contexts for row in _rows(focus, context)}


def _rows(focus: FocusApi, context: str) -> list[JSONDict]:
    if context not in OTHER_NAMES:
        return focus.all("customFieldDefinitions", where={"context": context})
    rows, refusals = [], []
    for name in (context, OTHER_NAMES[context]):
        try:
            rows += focus.all("customFieldDefinitions", where={"context": name})
        except Rejected as error:
            refusals.append(error)
    if len(refusals) == 2:
        raise refusals[0]
    return rows


def choices(definition: JSONDict) -> tuple[str, ...]:
    """Return the texts a select field offers; texts are what is exchanged, not the options' ids."""
    options = (definition.get("configuration") or {}).get("options") or ()
    return tuple(option["value"] for option in options if option.get("value"))


def write_custom_fields(values: Mapping[str, Any], definitions: Mapping[str, JSONDict]) -> list[JSONDict]:
    """Return [{id, value}] with each value in the form of its type. Raises MappingError."""
    return [{"id": field_id, "value": _written(field_id, value, definitions)} for field_id, value in values.items()]


def _written(field_id: str, value: Any, definitions: Mapping[str, JSONDict]) -> Any:
    definition = definitions.get(field_id)
    if definition is None:
        raise MappingError(
            field=f"custom_fields.{field_id}", why=_("this custom field does not exist in Teamleader any more")
        )
    if value is None or value == "":
        return None
    try:
        return WRITERS.get(definition["type"], _write_text)(definition, value)
    except (ValueError, InvalidOperation) as error:
        why = str(error) if isinstance(error, _NotWritable) else _("“%s” does not fit the type of this field") % value
        raise MappingError(field=definition["label"], why=why) from error


class _NotWritable(ValueError):
    """Says in a sentence why a value cannot be written."""


def _write_text(definition: JSONDict, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)


def _write_integer(definition: JSONDict, value: Any) -> int:
    number = _write_number(definition, value)
    if number != number.to_integral_value():
        raise _NotWritable(_("“%s” is not a whole number") % value)
    return int(number)


def _write_number(definition: JSONDict, value: Any) -> Decimal:
    number = Decimal(str(value).strip())
    if not number.is_finite():
        raise ValueError(value)
    return number


def _write_boolean(definition: JSONDict, value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in YES | NO:
        raise _NotWritable(_("“%s” is neither yes nor no") % value)
    return text in YES


def _write_date(definition: JSONDict, value: Any) -> str:
    return date.fromisoformat(str(value).strip()[:10]).isoformat()


def _write_choice(definition: JSONDict, value: Any) -> str:
    text = str(value).strip()
    offered = choices(definition)
    if text in offered:
        return text
    same = next((choice for choice in offered if choice.casefold() == text.casefold()), None)
    if same is None and not (definition.get("configuration") or {}).get("extra_option_allowed"):
        raise _NotWritable(_("“%s” is not one of its options") % value)
    return same or text


def _write_choices(definition: JSONDict, value: Any) -> list[str]:
    texts = value if isinstance(value, list | tuple) else str(value).split(",")
    return [_write_choice(definition, text) for text in texts if str(text).strip()]


def _write_reference(definition: JSONDict, value: Any) -> JSONDict:
    if isinstance(value, dict) and value.get("id"):
        return {"type": definition["type"], "id": str(value["id"])}
    return {"type": definition["type"], "id": str(value)}


def _refuse(definition: JSONDict, value: Any) -> Any:
    raise _NotWritable(_("Teamleader numbers this field by itself"))


WRITERS: Mapping[str, Callable[[JSONDict, Any], Any]] = {
    "integer": _write_integer,
    "number": _write_number,
    "money": _write_number,
    "boolean": _write_boolean,
    "date": _write_date,
    "single_select": _write_choice,
    "multi_select": _write_choices,
    **dict.fromkeys(READ_ONLY, _refuse),
    **dict.fromkeys(REFERENCES, _write_reference),
}
