"""The price of a product as its settings make it, and what the settings add to the map."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import RecordError
from connectors.base import SourceRecord
from connectors.core import Money, Product
from connectors.maps import FieldMap, ResourceMap, ValueTableData
from flows.catalog.base import Given, with_fields
from flows.catalog.products import ProductSettings, ProductsFlow

KIND = ProductsFlow()


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def prepared(settings: dict[str, Any], **changes: Any) -> Product:
    core = Product(
        sku="A/1", name="Lamp", price=euros("121"), list_price=euros("130"), vat_code="21",
        class_prices={"WEB": euros("99.999"), "RES": euros("80")}, **changes,
    )  # fmt: skip
    rows = {"RES": "list-1", "OLD": "list-2", "WEB": None}
    tables = {"price_list": ValueTableData(name="price_list", rows=rows)}
    given = Given(ProductSettings.model_validate(settings), tables, "EUR", "Teamleader Focus")
    product = KIND.prepare(SourceRecord("1", "A/1", core, {}), given).core
    assert isinstance(product, Product)
    return product


@pytest.mark.parametrize(
    ("settings", "changes", "expected"),
    [
        ({}, {}, "121.00"),
        ({"price_source": "recommended_price"}, {}, "130.00"),
        ({"price_source": "price_class", "price_class": "WEB"}, {}, "100.00"),
        ({"price_source": "price_class", "price_class": "NONE"}, {}, "121.00"),
        ({"price_includes_vat": True}, {"vat_rate": Decimal("0.21")}, "100.00"),
        ({"price_includes_vat": True, "price_decimals": 4}, {"vat_rate": Decimal("0.06")}, "114.1509"),
    ],
)
def test_the_price_comes_from_where_the_settings_say(settings: dict[str, Any], changes: dict[str, Any], expected: str):
    price = prepared(settings, **changes).price

    assert price is not None
    assert str(price.amount) == expected


def test_a_price_with_vat_of_an_unknown_rate_is_never_guessed():
    with pytest.raises(RecordError) as held:
        prepared({"price_includes_vat": True})

    assert (held.value.code, held.value.params["value"]) == ("vat.rate_unknown", "21")


def test_a_price_in_another_currency_is_held_unless_that_is_allowed():
    krone = {"class_prices": {"WEB": Money(amount=Decimal(5), currency="NOK")}}
    core = Product(sku="A", name="Lamp", **krone)
    by_class = {"price_source": "price_class", "price_class": "WEB"}
    record = SourceRecord("1", "A", core, {})

    with pytest.raises(RecordError) as held:
        KIND.prepare(record, Given(ProductSettings.model_validate(by_class), currency="EUR", system="T"))
    allowed = ProductSettings.model_validate({**by_class, "check_currency": False})
    assert KIND.prepare(record, Given(allowed, currency="EUR")).core.price.currency == "NOK"

    assert held.value.code == "currency.other"


def test_price_lists_get_the_price_of_their_class_and_are_left_alone_when_off():
    on = prepared({"send_price_lists": True}).price_list_prices

    assert on is not None
    assert [(one.price_list_id, str(one.price.amount)) for one in on] == [("list-1", "80.00")]
    assert prepared({}).price_list_prices is None


def test_the_link_to_a_picture_needs_what_its_pattern_names():
    pattern = {"image_pattern": "https://pics.example/{sku}/{file}"}

    assert prepared(pattern, image="a b.jpg").image_link == "https://pics.example/A%2F1/a%20b.jpg"
    assert prepared(pattern).image_link is None


def test_settings_add_fields_to_the_map_and_change_only_those():
    usual = ResourceMap(fields=(FieldMap(target="code", source="sku"),))
    chosen = ProductSettings(category_from="sales_category", ean_field="f1", send_cost=True)

    targets = {one.target: one.source for one in with_fields(usual, KIND.setting_fields(chosen)).fields}

    assert targets["code"] == "sku"
    assert targets["product_category_id"] == "sales_category"
    assert targets["custom_fields.f1"] == "ean"
    assert {"purchase_price.amount", "purchase_price.currency"} <= targets.keys()
