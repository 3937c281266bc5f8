"""Stock levels: GET /v1/inventory with nothing but the warehouses, narrowed to what moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import (
    FieldInfo,
    FieldType,
    Found,
    KeyPage,
    Page,
    ReadRecord,
    SourceRecord,
    Text,
    Unreadable,
    Window,
)
from connectors.core import JSONDict
from connectors.visma_net.api import TOLERANCE, total_count
from connectors.visma_net.fields import ITEM, field
from connectors.visma_net.items import COLLAPSE, LIST_PATH, STUBS, ItemSource, item_keys
from connectors.visma_net.read_stock import moved_at, read_stock_record, stock_row

MOVED = "availabilityLastModifiedDateTime"
STOCKED_TYPES = ("FinishedGoodItem", "ComponentPartItem", "SubassemblyItem")
QUERY = COLLAPSE | {
    "expandWarehouseDetail": "true",
    "expandInventoryUnits": "true",
    "inventoryTypes": list(STOCKED_TYPES),
}
STOCK = _("Stock")
STOCK_FIELDS = (
    field("sku", _("Item number"), ITEM, name="inventoryNumber", is_required=True),
    field("name", _("Description"), ITEM, name="description"),
    field("unit", _("Sales unit"), ITEM, name="salesUnit", list_name="units"),
    field("quantity", _("Quantity in the chosen warehouses"), STOCK, type=FieldType.NUMBER, name="warehouseDetails[]"),
    field("raw.status", _("Status"), ITEM, name="status"),
    field("raw.type", _("Type"), ITEM, name="type"),
)


class Stock(ItemSource):
    """What lies in the warehouses, item by item.

    The filter on movements is distrusted by others who use it: the rows are looked at again, and where it turns out to
    be ignored everything is read, and only what moved is passed on.
    """

    kind: ClassVar[str] = "stock"
    title: ClassVar[Text] = _("Stock levels")
    page_size: ClassVar[int] = 1000
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = STOCK_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        number, size = (position["page"], position["size"]) if position else (1, self.page_size)
        query = QUERY | (self.erp.since(window.since, MOVED) if window.since else {})
        rows = self.erp.page(LIST_PATH, query, number=number, size=size, stubs=STUBS)
        following = self.following(rows, number, size, position, query)
        records = tuple(self._records([row for row in rows if self._is_inside(row, window)]))
        times = [record.modified_at for record in records if record.modified_at]
        return Page(records, following, max(times, default=None))

    def _is_inside(self, row: JSONDict, window: Window) -> bool:
        at = moved_at(row, self.erp.zone)
        if at is None:
            return True
        return (window.since is None or at >= window.since - TOLERANCE) and (window.until is None or at < window.until)

    def counts(self, window: Window) -> Iterator[int]:
        yield max(0, self._total(window.since) - (self._total(window.until) if window.until else 0))

    def count(self, window: Window) -> Found | None:
        return Found(self._total(window.since))

    def _total(self, since: datetime | None) -> int:
        query = QUERY | COLLAPSE | (self.erp.since(since, MOVED) if since else {})
        return total_count(self.erp.page(LIST_PATH, query, number=1, size=1)) or 0

    def keys(self, position: Any | None) -> KeyPage:
        return item_keys(self.erp, position, QUERY, changed_at=moved_at)

    def _records(self, rows: Sequence[JSONDict]) -> list[ReadRecord]:
        return [read_stock_record(stock_row(row), self.erp.zone) for row in rows]

    def parse(self, raw: JSONDict) -> SourceRecord:
        record = read_stock_record(raw, self.erp.zone)
        if isinstance(record, Unreadable):
            raise record.error
        if not isinstance(record, SourceRecord):
            raise TypeError(f"{type(record).__name__} is no stock level.")
        return record

    def fields(self) -> list[FieldInfo]:
        return list(STOCK_FIELDS)
