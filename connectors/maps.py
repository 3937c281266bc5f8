"""Field maps as data: which core field goes where, through which functions, and when it is written.

Defaults ship as constants beside a connector's writable resources; an organization's own version is the same model in
a JSON column. flows/maps/mapping.py runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class MapData(BaseModel):
    """Base: frozen, one form for each thing, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class When(StrEnum):
    """When a field is written to a record that exists already. A new record gets it, unless it is switched off."""

    ALWAYS = "always"
    ON_CREATE = "on_create"
    IF_UNTOUCHED = "if_untouched"  # only while the target still holds what was last written: hand edits win
    IF_EMPTY = "if_empty"
    NEVER = "never"  # switched off, and kept with everything that was set up for it


class OnError(StrEnum):
    """What happens when a field cannot be made."""

    BLOCK = "block"  # the record is held, and a person is told
    EMPTY = "empty"  # the field is left out


class Step(MapData):
    """One function of the chain with its arguments."""

    fn: str
    args: Mapping[str, Any] = Field(default_factory=dict)


class Case(MapData):
    """A row of "only if": what a field is made from while a record fits. Without source and constant it is left out.

    `when` is a condition as flows/maps/conditions.py reads it: {"join": "and", "rules": [{"field", "op", "value"}]}. A
    constant is sent as it is; a source goes through the field's steps and value table.
    """

    when: Mapping[str, Any]
    source: str = ""
    constant: Any = None

    @model_validator(mode="after")
    def _one_origin(self) -> Case:
        if self.source and self.constant is not None:
            raise ValueError("a row of “only if” gives a source or a constant, not both")
        return self


class FieldMap(MapData):
    """How one field of the payload is made.

    Exactly one origin: `source` (a core field such as "price.amount", an item of a mapping such as
    "attributes.COLOUR", or "raw.<path>"; several joined by "|" come as a list), `constant`, or `expression` (JMESPath).
    The first of the `cases` that fits takes the place of that origin. Then the steps in order, then the value table.
    """

    target: str
    source: str = ""
    constant: Any = None
    expression: str = ""
    cases: tuple[Case, ...] = Field(default=(), max_length=20)
    steps: tuple[Step, ...] = ()
    table: str = ""
    when: When = When.ALWAYS
    on_error: OnError = OnError.BLOCK
    required: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> FieldMap:
        origins = sum((bool(self.source), self.constant is not None, bool(self.expression)))
        if origins != 1:
            raise ValueError(f"{self.target}: give exactly one of source, constant and expression")
        return self


class ResourceMap(MapData):
    """All field maps of one writable resource: its own fields, and those of each list inside it ("lines")."""

    fields: tuple[FieldMap, ...]
    lists: Mapping[str, tuple[FieldMap, ...]] = Field(default_factory=dict)
    skips_empty: bool = False  # what has no value is left as it stands there; otherwise it is emptied


class NoPair(StrEnum):
    """What a value table does with a value it has no row for."""

    BLOCK = "block"
    DEFAULT = "default"
    AS_IS = "as_is"


class ValueTableData(MapData):
    """A value table as the mapping sees it. Keys are one text, or two joined by "|"; "*" as second part fits any."""

    name: str
    rows: Mapping[str, str | None]
    no_pair: NoPair = NoPair.BLOCK
    default: str | None = None  # also what stands in for no value at all
    is_forced: bool = False  # the default is used whatever the value
    is_used: bool = True  # whether the rows count; without them only the default is left
