"""The settings of sales documents: VAT by kind of customer, shipping, discounts, and what else is on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.core import Address, Customer, SalesDocument
from connectors.maps import ValueTableData
from flows.catalog.base import Given
from flows.catalog.document_values import document_values, with_vat_exceptions
from flows.catalog.orders import OrderSettings
from flows.catalog.sales_lines import Held, Items, check_totals, resolve_lines
from flows.documents.extra_lines import extra_lines, is_shipping
from flows.documents.totals import predict
from flows.documents.vat_kinds import VatKind, percent_key, read_percent, vat_kind, zone_pair
from tests.flows.records import make_customer, make_line, make_order

SPELLED = {name: name for name in ("SKU-1", "TXT", "SHIP", "DISC")}


def customer(country: str, vat_number: str = "", kind: str = "company") -> Customer:
    address = Address(country=country) if country else None
    return make_customer(primary_address=address, vat_number=vat_number or None, kind=kind)


def settings(**values: Any) -> OrderSettings:
    return OrderSettings.model_validate({"text_line_item": "TXT", **values})


def document(*lines: Any, **values: Any) -> SalesDocument:
    core = make_order(*lines, **values).core
    assert isinstance(core, SalesDocument)
    return core


@pytest.mark.parametrize(
    ("country", "vat_number", "home", "expected"),
    [
        ("BE", "", "BE", VatKind.DOMESTIC),
        ("be", "BE0123456789", "BE", VatKind.DOMESTIC),
        ("FR", "FR40303265045", "BE", VatKind.EU_BUSINESS),
        ("FR", "", "BE", VatKind.EU_PRIVATE),
        ("US", "", "BE", VatKind.EXPORT),
        ("FR", "FR40303265045", "NO", VatKind.EXPORT),
        ("", "", "BE", None),
        ("FR", "", "", None),
    ],
)
def test_what_a_customer_is_for_vat(country: str, vat_number: str, home: str, expected: VatKind | None):
    assert vat_kind(customer(country, vat_number), home) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"FR|eu_private": "OSS-FR", "*|eu_private": "OSS"}, "OSS-FR"),
        ({"*|eu_private": "OSS"}, "OSS"),
        ({"*|eu_private": "OSS", "FR|company": "OLD"}, None),  # a row of earlier times for the country is more exact
        ({"*|eu_private": "OSS", "FR|*": "OLD"}, None),
        ({"*|eu_business": "EU"}, None),
    ],
)
def test_a_vat_zone_follows_the_kind_of_customer(rows: dict[str, str | None], expected: str | None):
    table = ValueTableData(name="vat_zone", rows=rows)

    assert zone_pair(customer("FR"), table, "BE") == expected


def exceptions(rows: dict[str, str | None], **values: Any) -> list[str | None]:
    sold = document(
        make_line(vat_rate=Decimal("0.21")),
        make_line(vat_rate=Decimal("0.055")),
        customer=customer("FR"),
    )
    resolved: list[dict[str, Any]] = [{}, {"pairs": {"vat": "SHIPPING"}}] if values.get("shipping") else [{}, {}]
    tables = {"vat_exception": ValueTableData(name="vat_exception", rows=rows)}
    given = Given(settings(vat_exceptions=values.get("is_on", True)), tables, country="BE")

    with_vat_exceptions(sold, sold.lines, resolved, given)

    return [one.get("pairs", {}).get("vat") for one in resolved]


@pytest.mark.parametrize(
    ("rows", "values", "expected"),
    [
        ({"FR|eu_private": "OSS"}, {}, ["OSS", "OSS"]),
        ({"FR|eu_private": "OSS", "FR|eu_private:5.5": "OSS5"}, {}, ["OSS", "OSS5"]),
        ({"*|eu_private": "OSS"}, {"shipping": True}, ["OSS", "SHIPPING"]),
        ({"FR|*": "FR", "FR|*:5.5": "FR5", "*|eu_private": "OSS"}, {}, ["FR", "FR5"]),
        ({"*|*:21": "HIGH"}, {}, ["HIGH", None]),
        ({"FR|eu_business": "RC"}, {}, [None, None]),
        ({"FR|eu_private": "OSS"}, {"is_on": False}, [None, None]),
    ],
)
def test_another_vat_category_for_some_customers(
    rows: dict[str, str | None], values: dict[str, Any], expected: list[str | None]
):
    assert exceptions(rows, **values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {}),
        ({"document_note": "Deliver to the back door."}, {"note": "Call first.\n\nDeliver to the back door."}),
        ({"sends_exchange_rate": True}, {"exchange_rate": Decimal("11.5")}),
        ({"vat_zone_on_document": True}, {"vat_zone": "EU"}),
    ],
)
def test_what_a_document_says_beside_its_own_fields(values: dict[str, Any], expected: dict[str, Any]):
    sold = document(
        make_line(), note="Call first.", exchange_rate=Decimal("11.5"), customer=customer("FR", "FR40303265045")
    )
    tables = {"vat_zone": ValueTableData(name="vat_zone", rows={"*|eu_business": "EU"})}

    assert document_values(sold, Given(settings(**values), tables, country="BE")) == expected


@pytest.mark.parametrize(
    ("sku", "text", "expected"),
    [("VRACHT", "Transport", True), ("A", "Verzendkosten Bpost", True), ("A", "Lamp", False), (None, "", False)],
)
def test_a_line_is_shipping_by_its_product_or_a_word(sku: str | None, text: str, expected: bool):
    chosen = settings(shipping_items="vracht, port", shipping_words="verzendkosten,")

    assert is_shipping(make_line(sku=sku, text=text), chosen) == expected


def test_shipping_travels_under_its_own_item_and_vat():
    sold = document(make_line(product_key="p-1"), make_line(text="Verzendkosten"))
    chosen = settings(shipping_words="verzend", shipping_item="SHIP", shipping_vat="21")

    lines = resolve_lines(sold, chosen, Items(SPELLED, {}), text_item="TXT", system="Visma.net")

    assert not isinstance(lines, Held)
    assert [(one["item"], one["pairs"]) for one in lines] == [("SKU-1", {}), ("SHIP", {"vat": "21"})]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(Decimal("12.50"), ["12.50"]), ("12,50", ["12.50"]), ("", []), (None, []), ("soon", []), (0, [])],
)
def test_shipping_from_a_field_becomes_a_line(amount: Any, expected: list[str]):
    sold = document(make_line(vat_code="high"), custom_fields={"f1": amount})
    chosen = settings(shipping_field="f1", shipping_item="SHIP", shipping_text="Transport")

    added = [(str(line.unit_price), line.text, line.vat_code, item) for line, item in extra_lines(sold, chosen)]

    assert added == [(price, "Transport", "high", "SHIP") for price in expected]


def discounted() -> SalesDocument:
    lines = (
        make_line(quantity=Decimal(3), unit_price=Decimal("33.33"), vat_code="21", vat_rate=Decimal("0.21")),
        make_line(unit_price=Decimal("10.01"), discount_percent=Decimal(5), vat_code="6", vat_rate=Decimal("0.06")),
    )
    return document(*lines, discounts=(Decimal(10),), totals=predict(lines, (Decimal(10),), currency="EUR"))


@pytest.mark.parametrize("how", ["discount_percent", "discount_spread", "discount_line"])
def test_a_discount_on_all_comes_to_the_same_however_it_is_sent(how: str):
    sold = discounted()
    chosen = settings(discounts=how, discount_item="DISC", totals_tolerance=0)

    lines = resolve_lines(sold, chosen, Items(SPELLED, {}), text_item="TXT", system="Visma.net")

    assert not isinstance(lines, Held)
    added = extra_lines(sold, chosen)
    assert check_totals(sold, lines, lambda line, _category: line.vat_rate, chosen) is None
    assert [item for _line, item in added] == (["DISC", "DISC"] if how == "discount_line" else [])
    if how == "discount_spread":
        assert [str(one["discount_amount"]) for one in lines] == ["10.00", "2.90"]


def test_a_discount_line_without_its_item_is_held():
    held = resolve_lines(
        discounted(), settings(discounts="discount_line"), Items(SPELLED, {}), text_item="TXT", system="Visma.net"
    )

    assert isinstance(held, Held)
    assert held.code == "product.missing"


@pytest.mark.parametrize(("text", "key"), [("5,50 %", "5.5"), ("21", "21"), ("0", "0"), (" 12.5%", "12.5")])
def test_a_rate_is_read_as_a_person_writes_it(text: str, key: str):
    assert read_percent(text) == key == percent_key(Decimal(key) / 100)


@pytest.mark.parametrize("text", ["high", "-1", "100", "5.555", "nan", "5;5"])
def test_what_is_no_rate_is_refused(text: str):
    with pytest.raises(ValueError, match=text):
        read_percent(text)
