"""Where a read of one or more lists stands between two pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from apicenter.errors import RemoteUnavailable
from connectors.core import JSONDict
from connectors.visma_net.api import is_complete, page_cap, total_count
from connectors.visma_net.read_values import SYSTEM


@dataclass(frozen=True, slots=True)
class Place:
    """The next page: `number` of list `part`, `size` rows each; `total` is what the list said to have."""

    part: str
    number: int = 1
    size: int = 100
    total: int = 0

    @classmethod
    def at(cls, position: Any | None, *, start: str, size: int) -> Place:
        return cls(**position) if position else cls(start, size=size)

    def to_json(self) -> JSONDict:
        return asdict(self)

    def after(self, rows: list[JSONDict]) -> Place | None:
        """Return the place of the page after this one, None at the end. Raises RemoteUnavailable for a list that ends
        before all it says to have was seen: what was not seen must not be taken for absent."""
        seen = (self.number - 1) * self.size + len(rows)
        if not rows and seen < self.total:
            detail = f"{self.part}: {seen} of {self.total} rows"
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=detail)
        if not rows or is_complete(rows, seen=seen, size=self.size):
            return None
        size = min(self.size, page_cap(rows) or self.size)
        return replace(self, number=seen // size + 1, size=size, total=total_count(rows) or 0)
