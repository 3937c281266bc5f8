"""Records of the target that several source records are written to together: all orders of one deal.

A pair is unique both ways, so from the second source record on the target's id carries a mark of which one it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

MARK = "#"


@dataclass(frozen=True, slots=True)
class Owner:
    """The record that is written for keys this system gave out, with every key it gave out for it."""

    id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice that belongs to keys this system gave out, as much as tells it from others. `total` is with VAT."""

    id: str
    number: str
    currency: str
    total: Decimal


def free_share(record_id: str, key: str, taken: Iterable[str]) -> str:
    """Return the id under which a source record is paired with a record: the plain one, if no other has it."""
    return record_id if record_id not in taken else f"{record_id}{MARK}{key}"


def owner_of(share: str) -> str:
    """Return the id of the record itself."""
    return share.partition(MARK)[0]
