"""Looking a value up in a value table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.maps import NoPair, ValueTableData
from flows.maps.paths import MISSING, is_empty
from flows.transforms.values import as_number, as_text, failed

ANY = "*"


def look_up(name: str, table: ValueTableData | None, value: Any) -> Any:
    """Return the counterpart of a value, or of a pair of them. No value has none: it stays null or left out.

    Raises MappingError "value.no_pair", or "vat.no_pair" for tables whose name starts with "vat".
    """
    if table is None:
        if value is MISSING:  # nothing to look up: the kind of flow does not have what the map could send
            return MISSING
        raise failed(_("there is no value table “%(table)s”") % {"table": name})
    if table.is_forced and table.default is not None:
        return table.default
    if not table.is_used:
        return MISSING if table.default is None else table.default
    if is_empty(value) or (isinstance(value, list) and all(is_empty(part) for part in value)):
        return _for_nothing(table, value)
    parts = _key_parts(table, value)
    for key in _candidates(parts):
        if key in table.rows:
            return table.rows[key]
    if table.no_pair is NoPair.DEFAULT:
        return table.default
    if table.no_pair is NoPair.AS_IS:
        return parts[0]
    code = "vat.no_pair" if name.startswith("vat") else "value.no_pair"
    raise MappingError(code, value="|".join(parts), table=name)


def key_text(value: Any) -> str:
    """Return the text a value is found under: numbers without trailing zeros, so that 21.00 is 21."""
    if isinstance(value, Decimal | float) and not isinstance(value, bool):
        number = as_number(value)
        return f"{number.normalize() if number else Decimal(0):f}"
    return as_text(value).strip()


def _for_nothing(table: ValueTableData, value: Any) -> Any:
    if "" in table.rows:
        return table.rows[""]
    if table.default is not None:
        return table.default
    return MISSING if value is MISSING or (isinstance(value, list) and MISSING in value) else None


def _key_parts(table: ValueTableData, value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        if len(value) > 2:
            raise failed(_("a value table has one or two keys"))
        return ["" if is_empty(part) else key_text(part) for part in value]
    text = key_text(value)
    return [text] if text in table.rows else text.split("|", maxsplit=1)


def _candidates(parts: list[str]) -> Iterator[str]:
    """Yield the keys from the most specific to the most general."""
    first, *rest = parts
    if rest:
        yield f"{first}|{rest[0]}"
        yield f"{first}|{ANY}"
        yield first
        yield f"{ANY}|{rest[0]}"
    else:
        yield first
        yield f"{first}|{ANY}"
    yield f"{ANY}|{ANY}"
    yield ANY
