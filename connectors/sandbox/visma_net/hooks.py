"""What a test or a demonstration does behind the caller's back: as if somebody worked in the company."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.seed.catalog import Item, items
from connectors.sandbox.seed.visma_items import item_body
from connectors.sandbox.visma_net import aftersales, store


def touch(account: Account, kind: str, key: str, **changes: Any) -> Thing:
    """Change a record's fields now. Raises LookupError for one that is not there."""
    thing = store.find(account, kind, key)
    if thing is None:
        raise LookupError(f"No {kind} {key} in this company.")
    thing.body |= changes
    return store.save(thing)


def add_item(account: Account, item: Item | None = None, **changes: Any) -> Thing:
    """Add an item: the catalogue's next one, or the one given, with `changes` in Visma.net's field names."""
    new = item or items(Thing.objects.filter(account=account, kind="inventory").count() + 1)[-1]
    body = item_body(new, item_id=Thing.objects.filter(account=account, kind="inventory").count() + 5000) | changes
    return store.add(account, "inventory", body["inventoryNumber"], body)


def close_period(account: Account, period: str) -> None:
    """Close a financial period (YYYYPP) for every ledger. Raises LookupError."""
    thing = store.find(account, "period", period)
    if thing is None:
        raise LookupError(f"No financial period {period} in this company.")
    thing.body |= {name: True for name in thing.body if name.startswith("closedIn")}
    store.save(thing)


def pay_invoice(account: Account, number: str) -> Thing:
    """Book the payment of a released invoice; returns the invoice."""
    aftersales.pay(account, number)
    return store.get(account, "customerinvoice", number, what="The customer invoice")


def ship_order(account: Account, order_type: str, number: str, *, invoice: str = "", tracking: str = "") -> Thing:
    """Send an order's goods, and invoice them when a number is given; returns the order."""
    thing = store.find(account, "salesorder", f"{order_type}/{number}")
    if thing is None:
        raise LookupError(f"No order {order_type} {number} in this company.")
    aftersales.ship(account, thing, tracking=tracking)
    if invoice:
        aftersales.mark_invoiced(account, thing, invoice)
    return thing
