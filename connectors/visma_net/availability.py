"""What can be sold of items: one call for many with the order service, one call per item with the ERP gateway.

Items that are not kept in stock have no availability, and are not in the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from apicenter.errors import NotFound, RemoteUnavailable
from connectors.base import Need
from connectors.core import JSONDict
from connectors.visma_net.api import Erp, path_key
from connectors.visma_net.read_values import SYSTEM, read_decimal, read_id, read_text

V3_PATH = "/api/v3/Inventory"
AT_ONCE = 50  # items in one address
Stock = dict[str, dict[str, Decimal]]  # item -> warehouse -> available


def needs_of(order: JSONDict) -> list[Need]:
    """Return what the lines of an order take from where; "" is any warehouse."""
    preferred = read_text((order.get("shipping") or {}).get("preferredWarehouseId")) or ""
    return [
        Need(item, read_text(line.get("warehouseId")) or preferred, quantity)
        for line in order.get("orderLines") or ()
        if (item := read_text(line.get("inventoryId")))
        and (quantity := read_decimal(line.get("quantity")))
        and quantity > 0
    ]


def available(erp: Erp, items: Sequence[str], *, is_v2: bool) -> Stock:
    """Return what is available of each item that is kept in stock. Raises RetryableError, FlowError."""
    if is_v2:
        return dict(zip(items, erp.api.overlap(partial(_summary, erp), items), strict=True))
    batches = [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]
    return {
        str(row["inventoryId"]): dict(_by_warehouse(row.get("availability") or (), "warehouseId", "quantityAvailable"))
        for rows in erp.api.overlap(partial(_availability, erp), batches)
        for row in rows
    }


def _availability(erp: Erp, items: Sequence[str]) -> list[JSONDict]:
    body = erp.api.call("GET", V3_PATH, host="order", query={"inventoryId": list(items), "pageSize": 1000}).body
    if not isinstance(body, dict) or not isinstance(body.get("value"), list):
        raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail="availability without rows")
    return list(body["value"])


def _summary(erp: Erp, item: str) -> dict[str, Decimal]:
    try:
        rows = erp.rows(f"/v1/inventorysummary/{path_key(item)}")
    except NotFound:
        return {}
    return dict(_by_warehouse(rows, "warehouse", "available"))


def _by_warehouse(rows: Sequence[Mapping[str, object]], place: str, count: str) -> Iterator[tuple[str, Decimal]]:
    for row in rows:
        value = row.get(place)
        yield (
            str(read_id(value) if isinstance(value, dict) else value or ""),
            read_decimal(row.get(count)) or Decimal(0),
        )
