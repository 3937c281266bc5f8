"""Field maps as data: which core field goes where, through which functions, and when it is written.

Defaults ship as constants beside a connector's writable resources; an organization's own version is the same model in
a JSON column. flows/mapping.py runs them.
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
    """When a field is written to a record that exists already. A new record always gets it."""

    ALWAYS = "always"
    ON_CREATE = "on_create"
    IF_UNTOUCHED = "if_untouched"  # only while the target still holds what was last written: hand edits win
    IF_EMPTY = "if_empty"


class OnError(StrEnum):
    """What happens when a field cannot be made."""

    BLOCK = "block"  # the record is held, and a person is told
    EMPTY = "empty"  # the field is left out


class Step(MapData):
    """One function of the chain with its arguments."""

    fn: str
    args: Mapping[str, Any] = Field(default_factory=dict)


class FieldMap(MapData):
    """How one field of the payload is made.

    Exactly one origin: `source` (a core field such as "price.amount", an item of a mapping such as
    "attributes.COLOUR", or "raw.<path>"), `constant`, or `expression` (JMESPath). Then the steps in order, then the
    value table.
    """

    target: str
    source: str = ""
    constant: Any = None
    expression: str = ""
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
    default: str | None = None
