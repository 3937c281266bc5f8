"""The made-up items that the fake serves: typical of an ERP, told apart by their number only."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

VAT_CATEGORIES = ("21", "12", "6", "0")
UNITS = ("STK", "UUR", "KG")
CLASSES = ("LIGHT", "CHAIRS", "TABLES", "SERVICE")
PAGE_CAP = 5000
OLDEST = timedelta(days=2)  # a change per second since then, so that the last minutes hold a few hundred of 50,000


class Catalog:
    """So many items, each changed a second after the one before it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._start = datetime.now(UTC).replace(tzinfo=None) - OLDEST
        self._changed: dict[int, datetime] = {}

    def change(self, count: int) -> None:
        """Give so many items, spread over all of them, another price."""
        now = datetime.now(UTC).replace(tzinfo=None)
        step = max(1, self.count // max(1, count))
        self._changed |= dict.fromkeys(range(0, step * count, step), now)

    def page(self, *, number: int, size: int, since: str) -> bytes:
        """Return a page as JSON, each row telling how many there are."""
        found: Any = range(self.count)
        if since:
            begin = datetime.fromisoformat(since)
            found = [at for at in found if self._modified_at(at) >= begin]
        size = min(size, PAGE_CAP)
        rows = [self._row(at, len(found)) for at in found[(number - 1) * size : number * size]]
        return json.dumps(rows).encode()

    def _modified_at(self, at: int) -> datetime:
        return self._changed.get(at) or self._start + timedelta(seconds=at)

    def _row(self, at: int, total: int) -> dict[str, Any]:
        price = 10 + at % 900 + (0.5 if at in self._changed else 0.25)
        return {
            "inventoryId": at + 1,
            "inventoryNumber": f"ITEM-{at:06d}   ",
            "status": "Active",
            "type": "FinishedGoodItem",
            "description": f"Fjord floor lamp, model {at}",
            "body": f"<p>Oak, <b>dimmable</b>, number {at}.</p><ul><li>Height 160 cm</li><li>Cable 2 m</li></ul>",
            "itemClass": {"id": CLASSES[at % 4], "description": "A class of items", "type": "FinishedGoodItem"},
            "postingClass": {"id": "GOODS", "description": "Goods"},
            "vatCode": {"id": VAT_CATEGORIES[at % 4], "description": "A rate"},
            "defaultPrice": price,
            "recommendedPrice": price * 1.2,
            "currentCost": price / 2,
            "lastCost": price / 2,
            "lastModifiedDateTime": self._modified_at(at).isoformat(timespec="milliseconds"),
            "baseUnit": UNITS[at % 3],
            "salesUnit": UNITS[at % 3],
            "stockItem": True,
            "kitItem": False,
            "crossReferences": [
                {"alternateType": "Barcode", "alternateID": f"87{at:011d}", "description": "", "uom": "STK"}
            ],
            "attributes": [
                {"id": "COLOUR", "value": "Oak", "description": "Colour"},
                {"id": "ENERGY", "value": None, "description": "Energy class"},
            ],
            "warehouseDetails": [
                {"isDefault": True, "warehouse": "GHENT", "quantityOnHand": 14.0, "available": 12.5},
                {"isDefault": False, "warehouse": "OSLO", "quantityOnHand": 3.0, "available": 3.0},
            ],
            "salesCategories": [{"categoryId": 7, "description": "Floor lamps"}],
            "metadata": {"totalCount": total, "maxPageSize": PAGE_CAP},
        }
