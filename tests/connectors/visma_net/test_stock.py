"""Reading stock: only what moved, over the warehouses, in the unit that is sold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Omitted, SourceRecord, Window
from connectors.visma_net.read_stock import read_stock, read_stock_record
from tests.connectors.visma_net.calling import API, company, counted, reply

ITEMS = f"{API}/v1/inventory"
SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)
MOVED = "availabilityLastModifiedDateTime"


def item(number: int, *, at: str | None = "2026-11-21T09:00:00.000", **changes: Any) -> dict[str, Any]:
    row = {"warehouse": "MAIN", "quantityOnHand": 12, "available": 10, "lastModifiedDateTime": at}
    body = {"inventoryId": number, "inventoryNumber": f"A-{number}", "description": "Lamp", "stockItem": True}
    return body | {"baseUnit": "PCS", "salesUnit": "PCS", "warehouseDetails": [row]} | changes


def test_only_items_whose_stock_moved_are_asked_for_and_those_that_did_not_are_dropped():
    with company() as (connector, routes):
        rows = [item(1), item(2, at="2020-01-01T00:00:00.000"), item(3, at=None)]
        asked = routes.get(ITEMS).mock(return_value=reply(counted(rows)))

        page = connector.source("stock").page(Window(since=SINCE), None)

    query = asked.calls.last.request.url.params
    assert (query[MOVED], query[f"{MOVED}Condition"]) == ("2026-11-20T08:00:00.000", ">=")
    assert query.get_list("inventoryTypes") == ["FinishedGoodItem", "ComponentPartItem", "SubassemblyItem"]
    assert (query["expandWarehouseDetail"], query["expandAttribute"]) == ("true", "false")
    assert [record.key for record in page.records] == ["1", "3"]
    assert page.seen_until == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_what_is_kept_of_an_item_reads_the_same_again_and_holds_no_price():
    with company() as (connector, _routes):
        source = connector.source("stock")
        with pytest.raises(TypeError):
            source.parse(item(1, stockItem=False))
        record = source._records([item(1, defaultPrice=99)])[0]

        assert isinstance(record, SourceRecord)
        assert source.parse(record.raw) == record
        assert "defaultPrice" not in record.raw


def test_an_item_that_is_not_kept_in_stock_is_left_out_with_the_reason():
    record = read_stock_record(item(1, stockItem=False, type="ServiceItem"))

    assert isinstance(record, Omitted)
    assert (record.code, record.params) == ("skip.not_stocked", {"what": "ServiceItem"})


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([{"fromUnit": "BOX", "toUnit": "PCS", "unitMultDiv": "Multiply", "unitRate": 10}], "10"),
        ([{"fromUnit": "BOX", "toUnit": "PCS", "unitMultDiv": "Divide", "unitRate": 4}], "0.25"),
        ([], None),
    ],
)
def test_the_unit_that_is_sold_is_counted_by_the_items_own_conversion(units: list[Any], expected: str | None):
    level = read_stock(item(1, salesUnit="BOX", inventoryUnits=units))

    assert (str(level.per_unit) if level.per_unit is not None else None) == expected
    assert level.warehouses[0].on_hand == Decimal(12)


def test_keys_come_by_themselves_and_a_list_that_ends_early_is_never_taken_for_whole():
    with company() as (connector, routes):
        pages = [counted([item(1), item(2)], total=3, cap=2), counted([item(3)], total=3, cap=2)]
        routes.get(ITEMS).mock(side_effect=[reply(page) for page in pages])
        source = connector.source("products")

        first = source.keys(None)
        second = source.keys(first.position)

    assert [row.key for row in (*first.rows, *second.rows)] == ["1", "2", "3"]
    assert second.position is None
