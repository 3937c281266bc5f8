"""The orders that the naive way sends."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.seed.catalog import items

ORDERS = 40


def order(number: int) -> dict[str, Any]:
    """An order as Visma.net's order service takes it; `customer.refNo` says which one it is."""
    item = next(item for item in items() if item.is_sellable and item.stock)
    line = {"inventoryId": item.number, "quantity": 1, "unitPrice": 10}
    return {"type": "SO", "customer": {"id": "10001", "refNo": f"N{number}"}, "orderLines": [line]}
