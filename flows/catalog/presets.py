"""One form for nearly every setting: on or off, a value, forced or not, a value table, and what happens without a pair.

Pure. A preset fills in for a value the source does not have, stands above it when it is forced, or turns it into the
target's by a table. What it comes to is found in one place, `flows.maps.lookup.look_up`, which sees a preset as a value
table laid under it: so the mapping page traces it, and a value without a pair is held and solved like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from connectors.maps import NoPair, ValueTableData

LONGEST = 100
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)]


class Preset(BaseModel):
    """A value of the target that is chosen beforehand, and how it meets what a record says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_on: bool = False  # the value is used where the record gives none, or none that the table knows
    value: Code = ""  # a code of the target; kept while it is off
    is_forced: bool = False  # the value is used whatever the record says
    uses_table: bool = False  # what the record says is turned into the target's value by the table
    no_pair: NoPair = NoPair.DEFAULT  # for what the table does not know; DEFAULT is the value, or nothing when off
    source: Code = ""  # the field of the record the table is read by; empty is the usual one

    @model_validator(mode="after")
    def _has_what_it_uses(self) -> Preset:
        if self.is_on and not self.value:
            raise ValueError(_("Name the value that is used, or switch it off."))
        if self.is_forced and not self.is_on:
            raise ValueError(_("Only a value that is switched on can be used always."))
        return self

    @property
    def filled(self) -> str:
        """The value that fills in, or "" while it is off."""
        return self.value if self.is_on else ""

    def or_else(self, found: str) -> str:
        """Return what was found, or the value where it fills in or is forced. For settings without a table."""
        return self.filled if self.is_forced or not found else found

    def under(self, table: ValueTableData) -> ValueTableData:
        """Return the table as it works with this preset."""
        return table.model_copy(
            update={
                "no_pair": self.no_pair,
                "default": self.filled or None,
                "is_forced": self.is_forced,
                "is_used": self.uses_table,
            }
        )

    def with_rule(self, no_pair: NoPair, default: str) -> Preset:
        """Return the preset with what the page of its table says about values without a row."""
        return self.model_copy(
            update={
                "no_pair": no_pair,
                "is_on": bool(default),
                "value": default or self.value,
                "is_forced": self.is_forced and bool(default),
            }
        )


def complete(given: Any, present: Preset) -> Any:
    """Return a preset's parts: those given over those at present. A text is short for "on, with this value"."""
    if isinstance(given, str):
        text = given.strip()
        given = {"is_on": bool(text), "value": text} | ({} if text else {"is_forced": False})
    return {**present.model_dump(), **given} if isinstance(given, Mapping) else given


def is_preset(stored: Any) -> bool:
    """Whether a setting, as it is stored or sent, is a preset."""
    return isinstance(stored, Mapping) and {"is_on", "value"} <= stored.keys()


def value_in(stored: Any) -> str:
    """Return the value of a setting as it is stored, whether it is a preset or plain."""
    return str((stored.get("value") if isinstance(stored, Mapping) else stored) or "")
