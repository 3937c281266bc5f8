"""The kinds of flow there are."""

from __future__ import annotations

from flows.catalog.base import FlowKind
from flows.catalog.customers import CustomersFlow
from flows.catalog.orders import OrdersFlow
from flows.catalog.products import ProductsFlow

_KINDS: tuple[FlowKind, ...] = (ProductsFlow(), CustomersFlow(), OrdersFlow())
FLOW_KINDS: dict[str, FlowKind] = {kind.key: kind for kind in _KINDS}


def flow_kind(key: str) -> FlowKind:
    """Return a kind by its key. Raises KeyError for one that does not exist."""
    return FLOW_KINDS[key]
