"""The kinds of flow there are."""

from __future__ import annotations

from flows.catalog.base import FlowKind
from flows.catalog.categories import CategoriesFlow
from flows.catalog.customers import CustomersFlow
from flows.catalog.invoices import InvoicesFlow
from flows.catalog.order_status import OrderStatusFlow
from flows.catalog.orders import OrdersFlow
from flows.catalog.payments import PaymentsFlow
from flows.catalog.products import ProductsFlow
from flows.catalog.stock import StockFlow

_KINDS: tuple[FlowKind, ...] = (
    ProductsFlow(),
    StockFlow(),
    CategoriesFlow(),
    CustomersFlow(),
    OrdersFlow(),
    InvoicesFlow(),
    OrderStatusFlow(),
    PaymentsFlow(),
)
FLOW_KINDS: dict[str, FlowKind] = {kind.key: kind for kind in _KINDS}


def flow_kind(key: str) -> FlowKind:
    """Return a kind by its key. Raises KeyError for one that does not exist."""
    return FLOW_KINDS[key]
