"""A line for cents: only where it makes both totals equal, and never for more than may differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.core import Order, OrderLine, Totals
from flows.catalog.cent_line import CentLine, cent_line
from flows.catalog.order_settings import OrderSettings
from flows.catalog.sales_lines import Held, Items
from tests.flows.records import make_line, make_order

ITEM = "CENTS"
KNOWN = Items({ITEM: ITEM}, {})


def order(including: str, excluding: str = "100.00") -> Order:
    """An order of one line of 100.00 at 21 %, of which the source says something else."""
    line = make_line(quantity=Decimal(1), unit_price=Decimal(100))
    core = make_order(line, totals=Totals(excluding=Decimal(excluding), including=Decimal(including))).core
    assert isinstance(core, Order)
    return core


def rate(line: OrderLine, category: str | None) -> Decimal | None:
    return Decimal(0) if category == "ZERO" else Decimal("0.21")


def find(one: Order, *, items: Items = KNOWN, **settings: Any) -> CentLine | Held | None:
    chosen = OrderSettings(**{"cent_line_item": ITEM, **settings})
    lines = [{"item": "SKU-1", "discount_percent": Decimal(0), "pairs": {}}]
    return cent_line(one, lines, rate, chosen, items, system="Visma.net ERP")


@pytest.mark.parametrize(
    ("including", "category", "amount"),
    [("121.02", "", "0.02"), ("120.99", "", "-0.01"), ("121.03", "ZERO", "0.03"), ("120.97", "ZERO", "-0.03")],
)
def test_what_is_missing_becomes_a_line(including: str, category: str, amount: str):
    found = find(order(including), cent_line_vat=category)

    assert isinstance(found, CentLine)
    assert found.line.quantity * found.line.unit_price == Decimal(amount)
    assert found.resolved["item"] == ITEM
    assert found.resolved["pairs"] == ({"vat": category} if category else {})
    assert found.line.text == "Rounding"


@pytest.mark.parametrize(
    ("including", "settings"),
    [
        ("121.00", {}),  # nothing is missing
        ("121.06", {"cent_line_vat": "ZERO"}),  # more than is tolerated
        ("121.02", {"cent_line_item": ""}),  # off
    ],
)
def test_there_is_no_line_where_none_is_needed_or_allowed(including: str, settings: dict[str, Any]):
    assert find(order(including), **settings) is None


def test_an_item_that_is_not_there_holds_the_order():
    found = find(order("121.02"), items=Items({}, {}))

    assert found == Held("product.missing", {"sku": ITEM, "system": "Visma.net ERP"})
