"""Prices of price classes: which row counts, how they are asked for, and that a new price brings its item along."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceRecord, Wanted, Window
from connectors.visma_net.sales_prices import SalesPrices, class_prices
from tests.connectors.visma_net.calling import API, company, counted, recorded, reply

PRICES = f"{API}/v1/customerSalesPrice"
ITEMS = f"{API}/v1/inventory"
SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)


def price(number: str = "A-1", amount: float = 8.5, **changes: Any) -> dict[str, Any]:
    row = {"recordId": 1, "priceType": "CustomerPriceClass", "priceCode": "WEB", "inventoryId": number}
    return row | {"price": amount, "breakQty": 0, "currency": "NOK", "uoM": "PCS"} | changes


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([price()], "8.5"),
        ([price(), price(amount=7, breakQty=10)], "8.5"),
        ([price(), price(amount=9, effectiveDate="2026-12-01T00:00:00")], "8.5"),
        ([price(), price(amount=7, expirationDate="2026-11-21T00:00:00")], "8.5"),
        ([price(effectiveDate="2026-01-01"), price(amount=9, effectiveDate="2026-06-01")], "9"),
        ([price(amount=9, effectiveDate="2026-06-01"), price(promotion=True)], "8.5"),
        ([price(uoM="BOX", amount=80)], None),
    ],
)
def test_the_price_of_one_on_the_day_in_the_sales_unit_counts(rows: list[dict[str, Any]], expected: str | None):
    found = class_prices({"asOf": "2026-11-22", "rows": rows}, unit="PCS", currency="EUR")

    assert (str(found["WEB"].amount) if found else None) == expected


def item(number: int, **changes: Any) -> dict[str, Any]:
    return recorded("item", inventoryId=number, inventoryNumber=f"A-{number}", salesUnit="PCS", **changes)


def test_a_few_items_are_asked_for_singly_and_many_by_the_list_of_the_class():
    with company() as (connector, routes):
        routes.get(ITEMS).mock(
            side_effect=[
                reply(counted([item(1)])),
                reply(counted([item(number) for number in range(1, 13)])),
            ]
        )
        asked = routes.get(PRICES).mock(return_value=reply(counted([price(), price(priceType="Base")])))
        source = connector.source("products")
        source.wanted = Wanted(price_classes=("WEB",))

        few = source.page(Window(), None).records
        many = source.page(Window(), None).records

    queries = [dict(call.request.url.params) for call in asked.calls]
    assert [query.get("inventoryId", query.get("priceCode")) for query in queries] == ["A-1", "WEB"]
    assert all(query["effectiveAsOf"] for query in queries)
    for records in (few, many):
        assert isinstance(records[0], SourceRecord)
        assert records[0].core.class_prices["WEB"].amount == Decimal("8.5")
        assert connector.source("products").parse(records[0].raw).core == records[0].core


def test_a_changed_price_brings_its_item_along_and_moves_the_cursor():
    now = datetime.now(UTC).replace(microsecond=0)  # of today: the prices whose day has come were looked at before
    later = now.replace(tzinfo=None).isoformat()
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply([]))
        routes.get(f"{ITEMS}/A-7").mock(return_value=reply(item(7)))
        routes.get(PRICES).mock(return_value=reply(counted([price("A-7", lastModifiedDateTime=later)])))
        source = connector.source("products")
        source.wanted = Wanted(price_classes=("WEB",))

        first = source.page(Window(since=now), None)
        second = source.page(Window(since=now), first.position)

    assert [record.key for record in second.records] == ["7"]
    assert (second.position, second.seen_until) == (None, now)


def test_when_very_many_prices_were_changed_everything_is_read_once():
    with company() as (connector, routes):
        items = routes.get(ITEMS).mock(return_value=reply(counted([item(1)])))
        routes.get(PRICES).mock(return_value=reply(counted([price(f"A-{number}") for number in range(60)])))
        source = connector.source("products")
        source.wanted = Wanted(price_classes=("WEB",))

        page = source.page(Window(since=SINCE), "prices")
        assert page.position == {"page": 1, "size": 500, "total": None, "is_full": True}
        last = source.page(Window(since=SINCE), page.position)

    assert "lastModifiedDateTime" not in items.calls.last.request.url.params
    assert last.position is None


def test_a_price_whose_day_has_come_brings_its_item_along_though_nobody_touched_it():
    today = datetime.now(UTC).date().isoformat()
    rows = [
        price("A-1", effectiveDate=f"{today}T00:00:00"),
        price("A-2", expirationDate="2026-11-20T00:00:00"),
        price("A-3", effectiveDate="2026-01-01T00:00:00", expirationDate=f"{today}T00:00:00"),
        price("A-4"),
    ]
    with company() as (connector, routes):
        routes.get(PRICES).mock(return_value=reply(counted(rows)))
        prices = SalesPrices(connector.erp, ["WEB"], day=datetime.now(UTC).date())

        assert prices.begun_or_ended_since(SINCE.date()) == {"A-1", "A-2"}
