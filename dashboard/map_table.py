"""A published map as rows that a person can read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors.maps import FieldMap, ResourceMap, Step
from dashboard.words import WHEN, kind_word, table_title
from flows.models import Flow
from flows.transforms.registry import TRANSFORMS


@dataclass(frozen=True, slots=True)
class StepWords:
    """One function of a chain: its name with its arguments, and what it does."""

    text: str
    description: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """How one field is made."""

    target: str
    source: str
    origin: str  # field | constant | expression
    steps: tuple[StepWords, ...]
    table: str
    when: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class MapGroup:
    """The rows of one kind of record, or of a list inside it."""

    title: str
    path: str  # of the list, "" = the record itself
    rows: tuple[MapRow, ...]


def map_groups(flow: Flow) -> list[MapGroup]:
    """Return the flow's present maps, group by group."""
    if flow.map_version is None:
        return []
    groups: list[MapGroup] = []
    for kind, stored in flow.map_version.maps.items():
        resource = ResourceMap.model_validate(stored)
        groups.append(MapGroup(kind_word(kind), "", tuple(_row(flow, field) for field in resource.fields)))
        for path, fields in resource.lists.items():
            groups.append(MapGroup(kind_word(kind), path, tuple(_row(flow, field) for field in fields)))
    return groups


def _row(flow: Flow, field: FieldMap) -> MapRow:
    source, origin = field.source, "field"
    if field.expression:
        source, origin = field.expression, "expression"
    elif field.constant is not None:
        source, origin = _plain(field.constant), "constant"
    return MapRow(
        target=field.target,
        source=source,
        origin=origin,
        steps=tuple(_step(step) for step in field.steps),
        table=table_title(flow.kind, field.table) if field.table else "",
        when=str(WHEN[field.when.value]),
        is_required=field.required,
    )


def _step(step: Step) -> StepWords:
    known = TRANSFORMS.get(step.fn)
    arguments = ", ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in step.args.items())
    name = step.fn.replace("_", " ")
    return StepWords(f"{name}: {arguments}" if arguments else name, known.description if known else "")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
