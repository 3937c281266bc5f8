"""Which held records wait only for another held one, such as an order for its customer: that one's task is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

WAITS = "dependency.failed"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """As much of a held record as tells what it waits for."""

    pk: UUID
    flow_id: UUID
    source_key: str
    code: str
    params: Mapping[str, Any]


def waits_for(held: Iterable[HeldRow]) -> dict[UUID, UUID]:
    """Return, by their ids, those of these records that are sent as soon as another of them is, and which."""
    rows = list(held)
    others = {(row.flow_id, row.source_key): row.pk for row in rows if row.code != WAITS}
    named = {row.pk: (row.flow_id, str(row.params.get("dependency", ""))) for row in rows if row.code == WAITS}
    return {pk: others[key] for pk, key in named.items() if key in others}
