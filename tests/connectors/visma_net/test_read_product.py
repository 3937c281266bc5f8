"""Inventory rows become products."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import SourceRecord, Unreadable
from connectors.core import Money
from connectors.visma_net.read_product import read_product, read_product_record, with_currency
from tests.connectors.visma_net.calling import recorded


def item(**changes: Any) -> dict[str, Any]:
    return with_currency(recorded("item", **changes), "NOK")


def test_a_whole_item():
    product = read_product(item())

    assert product.sku == "LAMP-100"
    assert product.name == "Fjord floor lamp"
    assert product.long_text == "<p>Oak, <b>dimmable</b>.</p>"
    assert product.price == Money(amount=Decimal("249.5"), currency="NOK")
    assert product.list_price == Money(amount=Decimal("299"), currency="NOK")
    assert product.cost == Money(amount=Decimal("120.25"), currency="NOK")
    assert (product.vat_code, product.unit, product.ean) == ("1", "STK", "8712345678906")
    assert (product.category, product.category_name) == ("LIGHT", "Lighting")
    assert (product.kind, product.status, product.is_sellable) == ("FinishedGoodItem", "Active", True)
    assert product.stock == Decimal("15.5")
    assert product.attributes == {"COLOUR": "Oak", "ENERGY": None}


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"description": "  "}, "name", "LAMP-100"),
        ({"salesUnit": None}, "unit", "STK"),
        ({"salesUnit": " BOX ", "baseUnit": "STK"}, "unit", "BOX"),
        ({"vatCode": None}, "vat_code", None),
        ({"defaultPrice": None}, "price", None),
        ({"currentCost": None}, "cost", Money(amount=Decimal("119"), currency="NOK")),
        ({"currentCost": 0}, "cost", Money(amount=Decimal(0), currency="NOK")),
        ({"status": "NoSales"}, "is_sellable", False),
        ({"status": "NoPurchases"}, "is_sellable", True),
        ({"status": "NoRequest"}, "is_sellable", True),
        ({"status": None}, "is_sellable", False),
        ({"crossReferences": None}, "ean", None),
        ({"crossReferences": [{"alternateType": "Global", "alternateID": "123"}]}, "ean", "123"),
        ({"crossReferences": [{"alternateType": "CPN", "alternateID": "123"}]}, "ean", None),
        ({"warehouseDetails": []}, "stock", Decimal(0)),
        ({"warehouseDetails": None}, "stock", None),
        ({"stockItem": False, "warehouseDetails": []}, "stock", None),
        ({"warehouseDetails": [{"available": -2}]}, "stock", Decimal(-2)),
        ({"attributes": None}, "attributes", {}),
    ],
)
def test_single_values(changes: dict[str, Any], name: str, expected: object):
    assert getattr(read_product(item(**changes)), name) == expected


def test_the_record_keeps_the_internal_number_as_key_and_the_row_without_counters():
    record = read_product_record(item())

    assert isinstance(record, SourceRecord)
    assert (record.key, record.natural_key, record.label) == ("9001", "LAMP-100", "Fjord floor lamp")
    assert record.modified_at == datetime(2026, 11, 20, 8, 15, 30, 123000, tzinfo=UTC)
    assert "metadata" not in record.raw


def test_times_without_a_zone_are_of_the_zone_that_the_connection_says():
    record = read_product_record(item(), ZoneInfo("Europe/Oslo"))

    assert record.modified_at == datetime(2026, 11, 20, 7, 15, 30, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"errorInfo": "The item class cannot be read."}, "The item class cannot be read."),
        ({"inventoryNumber": "   "}, "it has no item number"),
        ({"inventoryNumber": None}, "it has no item number"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(changes: dict[str, Any], reason: str):
    record = read_product_record(item(**changes))

    assert isinstance(record, Unreadable)
    assert record.key == "9001"
    assert (record.error.code, record.error.params["what"]) == ("record.unreadable", reason)
