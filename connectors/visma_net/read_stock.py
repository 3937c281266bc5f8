"""Inventory rows as stock levels. Pure; an item that is not kept in stock is left out with that reason."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from apicenter.errors import RecordError
from connectors.base import Omitted, ReadRecord, SourceRecord, Unreadable
from connectors.core import JSONDict, StockLevel, WarehouseStock
from connectors.visma_net.read_product import item_key
from connectors.visma_net.read_values import SYSTEM, read_decimal, read_rows, read_text, read_time

KEPT = (
    "inventoryId", "inventoryNumber", "description", "baseUnit", "salesUnit", "inventoryUnits", "stockItem", "type",
    "status", "warehouseDetails", "errorInfo",
)  # fmt: skip


def stock_row(row: JSONDict) -> JSONDict:
    """Return what is kept of an item: no more than its stock."""
    return {name: row[name] for name in KEPT if name in row}


def read_stock_record(raw: JSONDict, zone: tzinfo = UTC) -> ReadRecord:
    """Return the row as record; its moment is the last movement in any warehouse."""
    key, number = item_key(raw) or "", read_text(raw.get("inventoryNumber")) or ""
    modified_at = moved_at(raw, zone)
    if problem := read_text(raw.get("errorInfo")):
        error = RecordError("record.unreadable", system=SYSTEM, what=problem)
        return Unreadable(key, number, error, raw, read_time(raw.get("lastModifiedDateTime"), zone))
    if raw.get("stockItem") is False:
        return Omitted(key, number, "skip.not_stocked", raw, {"what": read_text(raw.get("type")) or "?"}, modified_at)
    level = read_stock(raw)
    return SourceRecord(key, number, level, raw, modified_at, level.name)


def moved_at(raw: JSONDict, zone: tzinfo = UTC) -> datetime | None:
    """Return when the stock of an item last moved, as far as its warehouses say."""
    rows = read_rows(raw.get("warehouseDetails"))
    return max((at for row in rows if (at := read_time(row.get("lastModifiedDateTime"), zone))), default=None)


def read_stock(raw: JSONDict) -> StockLevel:
    number, base = read_text(raw.get("inventoryNumber")) or "", read_text(raw.get("baseUnit"))
    unit = read_text(raw.get("salesUnit")) or base
    return StockLevel(
        sku=number,
        name=read_text(raw.get("description")) or number,
        unit=unit,
        base_unit=base,
        per_unit=base_per_unit(raw.get("inventoryUnits"), unit, base),
        warehouses=tuple(
            WarehouseStock(
                warehouse=name,
                on_hand=_amount(row.get("quantityOnHand")),
                available=_amount(row.get("available")),
            )
            for row in read_rows(raw.get("warehouseDetails"))
            if (name := read_text(row.get("warehouse")))
        ),
    )


def base_per_unit(units: Any, unit: str | None, base: str | None) -> Decimal | None:
    """Return how many base units are in one of this unit, by the item's own conversions; None where none says."""
    if unit == base:
        return Decimal(1)
    for row in read_rows(units):
        if (read_text(row.get("fromUnit")), read_text(row.get("toUnit"))) != (unit, base):
            continue
        rate = read_decimal(row.get("unitRate"))
        if rate:
            return 1 / rate if read_text(row.get("unitMultDiv")) == "Divide" else rate
    return None


def _amount(value: Any) -> Decimal:
    return read_decimal(value) or Decimal(0)
