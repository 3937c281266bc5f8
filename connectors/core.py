"""Core records: the typed middle between systems. A readable resource turns raw JSON into one of these, in code.

They live beside the connectors, which return them and may not import flows. Money is Decimal with its currency,
percentages are 0 to 100, VAT rates are fractions (0.21), datetimes are aware and in UTC. A value the source does not
give is None; an empty text is a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

JSONDict = dict[str, Any]


class Core(BaseModel):
    """Base of all core records: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Core):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


class Product(Core):
    """Something that is sold. `vat_code`, `unit` and `category` are the source's own codes, for value tables."""

    sku: str
    name: str
    long_text: str | None = None  # HTML or Markdown, as the source holds it
    price: Money | None = None  # excluding VAT
    list_price: Money | None = None
    cost: Money | None = None
    vat_code: str | None = None
    unit: str | None = None
    category: str | None = None
    category_name: str | None = None
    ean: str | None = None
    kind: str | None = None  # the source's word for its type
    status: str | None = None  # the source's word
    is_sellable: bool = True
    stock: Decimal | None = None  # available, over all warehouses
    attributes: Mapping[str, str | None] = Field(default_factory=dict)


class Address(Core):
    """A postal address; the country is ISO 3166-1 alpha-2."""

    addressee: str | None = None
    line_1: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


class CustomerKind(StrEnum):
    COMPANY = "company"
    PERSON = "person"


class Person(Core):
    """A person at a company."""

    key: str
    first_name: str | None = None
    last_name: str
    email: str | None = None
    phone: str | None = None


class Customer(Core):
    """Who buys: a company, with a contact person if there is one, or a private person."""

    key: str
    kind: CustomerKind
    name: str
    first_name: str | None = None
    last_name: str | None = None
    vat_number: str | None = None
    registration_number: str | None = None
    email: str | None = None
    invoice_email: str | None = None
    phone: str | None = None
    website: str | None = None
    language: str | None = None
    currency: str | None = None
    payment_term: str | None = None  # "cash", "after_invoice_date:30", "end_of_month:60"
    primary_address: Address | None = None
    invoice_address: Address | None = None
    delivery_address: Address | None = None
    contact_person: Person | None = None
    is_active: bool = True
    tags: tuple[str, ...] = ()
    note: str | None = None
    custom_fields: Mapping[str, Any] = Field(default_factory=dict)  # by the source's field id


class OrderLine(Core):
    """One line. Prices and totals exclude VAT and are in the order's currency; `total` is after the line's discount."""

    position: int
    text: str
    extended_text: str | None = None
    section: str | None = None
    product_key: str | None = None  # the source's id of the product; None for free text
    sku: str | None = None
    quantity: Decimal
    unit: str | None = None
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    vat_code: str | None = None  # the source's code of the rate
    vat_rate: Decimal | None = None
    total: Decimal | None = None
    is_recurring: bool = False


class VatTotal(Core):
    """What one VAT rate adds up to on a document."""

    rate: Decimal
    taxable: Decimal
    tax: Decimal


class Totals(Core):
    """Document totals in the order's currency."""

    excluding: Decimal
    including: Decimal
    taxes: tuple[VatTotal, ...] = ()


class Order(Core):
    """A sales order. `discounts` are percentages on the whole document, applied one after the other."""

    key: str
    number: str
    title: str | None = None
    ordered_at: datetime | None = None
    order_date: date | None = None
    currency: str
    exchange_rate: Decimal | None = None
    customer: Customer | None = None
    purchase_order_number: str | None = None
    department: str | None = None
    sales_person: str | None = None
    payment_term: str | None = None
    note: str | None = None
    delivery_address: Address | None = None
    invoice_address: Address | None = None
    lines: tuple[OrderLine, ...]
    discounts: tuple[Decimal, ...] = ()
    totals: Totals
    url: str | None = None
    custom_fields: Mapping[str, Any] = Field(default_factory=dict)
