"""Core records for the tests of the pure half of flows, with overrides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.base import SourceRecord
from connectors.core import Address, Customer, CustomerKind, Money, Order, OrderLine, Product, Totals


def make_product(sku: str = "SKU-1", *, raw: dict[str, Any] | None = None, **overrides: Any) -> SourceRecord:
    values: dict[str, Any] = {
        "name": "Blue shirt",
        "price": Money(amount=Decimal("12.345"), currency="EUR"),
        "vat_code": "21",
        "attributes": {"COLOUR": "blue", "Colour temp. K": "3000"},
    }
    core = Product(sku=sku, **{**values, **overrides})
    return SourceRecord(key=sku, natural_key=sku, core=core, raw=raw or {})


def make_line(**overrides: Any) -> OrderLine:
    values: dict[str, Any] = {
        "position": 1,
        "text": "Blue shirt",
        "sku": "SKU-1",
        "quantity": Decimal(2),
        "unit_price": Decimal("10.00"),
        "vat_code": "21",
        "vat_rate": Decimal("0.21"),
    }
    return OrderLine(**{**values, **overrides})


def make_customer(**overrides: Any) -> Customer:
    values: dict[str, Any] = {
        "key": "c-1",
        "kind": CustomerKind.COMPANY,
        "name": "Peeters BV",
        "primary_address": Address(line_1="Kerkstraat 12", postal_code="2000", city="Antwerpen", country="BE"),
    }
    return Customer(**{**values, **overrides})


def make_order(*lines: OrderLine, raw: dict[str, Any] | None = None, **overrides: Any) -> SourceRecord:
    values: dict[str, Any] = {
        "key": "o-1",
        "number": "2026/1",
        "currency": "EUR",
        "customer": make_customer(),
        "lines": lines or (make_line(),),
        "totals": Totals(excluding=Decimal("20.00"), including=Decimal("24.20")),
    }
    return SourceRecord(key="o-1", natural_key="2026/1", core=Order(**{**values, **overrides}), raw=raw or {})
