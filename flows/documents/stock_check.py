"""Whether there is enough of what orders ask for, before they are sent. Pure.

Orders that are sent together share what there is: each takes its part before the next is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from connectors.base import Need

Stock = Mapping[str, Mapping[str, Decimal]]  # item -> warehouse -> available


@dataclass(frozen=True, slots=True)
class Short:
    """An item of which there is not enough. `place` is the warehouse, "" for all together."""

    item: str
    place: str
    wanted: Decimal
    available: Decimal


def shortages(orders: Iterable[tuple[str, list[Need]]], stock: Stock) -> dict[str, list[Short]]:
    """Return what is short for each order (by its key), in their order. An item that `stock` does not know is not
    kept in stock."""
    taken: dict[tuple[str, str], Decimal] = {}
    found: dict[str, list[Short]] = {}
    for key, needs in orders:
        wanted: dict[tuple[str, str], Decimal] = {}
        for need in needs:
            if stock.get(need.item):
                place = (need.item, need.place)
                wanted[place] = wanted.get(place, Decimal(0)) + need.quantity
        short = [
            Short(item, place, quantity, left)
            for (item, place), quantity in wanted.items()
            if quantity > (left := _available(stock[item], place) - taken.get((item, place), Decimal(0)))
        ]
        if short:
            found[key] = short
        for one, quantity in wanted.items():
            taken[one] = taken.get(one, Decimal(0)) + quantity
    return found


def _available(places: Mapping[str, Decimal], place: str) -> Decimal:
    return places.get(place, Decimal(0)) if place else sum(places.values(), Decimal(0))
