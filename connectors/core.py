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
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

JSONDict = dict[str, Any]


class Core(BaseModel):
    """Base of all core records: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    passing: ClassVar[frozenset[str]] = frozenset()  # what may change without making it another record


class Money(Core):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


class ListPrice(Core):
    """The price of a product in one price list of the target, by the target's id of that list."""

    price_list_id: str
    price: Money


class Product(Core):
    """Something that is sold. `vat_code`, `unit` and the categories are the source's own codes, for value tables.

    `price` is what a flow's settings make of what the source holds (flows/catalog/prices.py); until then it is the
    source's default price.
    """

    sku: str
    name: str
    long_text: str | None = None  # HTML or Markdown, as the source holds it
    price: Money | None = None  # excluding VAT
    list_price: Money | None = None
    class_prices: Mapping[str, Money] = Field(default_factory=dict)  # by price class, as far as the flow asks for them
    price_list_prices: tuple[ListPrice, ...] | None = None  # None: the flow sends none
    cost: Money | None = None
    vat_code: str | None = None
    vat_rate: Decimal | None = None  # what the code stands for, where the flow asks for it and it is one rate
    unit: str | None = None
    category: str | None = None
    category_name: str | None = None
    sales_category: str | None = None
    sales_category_name: str | None = None
    image: str | None = None  # file name of its first picture
    image_link: str | None = None
    ean: str | None = None
    kind: str | None = None  # the source's word for its type
    status: str | None = None  # the source's word
    is_sellable: bool = True
    stock: Decimal | None = None  # available, over all warehouses
    attributes: Mapping[str, str | None] = Field(default_factory=dict)


class WarehouseStock(Core):
    """What lies in one warehouse, in the product's base unit."""

    warehouse: str
    on_hand: Decimal
    available: Decimal  # on hand without what is promised to orders


class StockLevel(Core):
    """What is in stock of one product. `quantity` is what a flow's settings count of it."""

    sku: str
    name: str
    unit: str | None = None  # the one the product is sold in
    base_unit: str | None = None  # the one the warehouses count in
    per_unit: Decimal | None = Decimal(1)  # base units in one of it; None: the source does not say
    warehouses: tuple[WarehouseStock, ...] = ()
    quantity: Decimal | None = None


class Category(Core):
    """A group that products are sorted into. `counterpart` is the group of the other system, by its code there."""

    key: str
    name: str
    ledger_accounts: tuple[str, ...] = ()
    counterpart: str | None = None


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
    position: str | None = None


class Customer(Core):
    """Who buys: a company, with a contact person if there is one, or a private person.

    `contacts` are all people of a company, its contact person among them; `locations` are the places where it takes
    deliveries beside its own delivery address.
    """

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
    contacts: tuple[Person, ...] = ()
    locations: tuple[Address, ...] = ()
    e_invoice_address: str | None = None  # where electronic invoices go: a Peppol id such as "0208:0899623035"
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


class SalesDocument(Core):
    """What orders and invoices have in common. `discounts` are percentages on the whole document, applied one after the
    other."""

    key: str
    number: str
    title: str | None = None
    currency: str
    exchange_rate: Decimal | None = None
    customer: Customer | None = None
    purchase_order_number: str | None = None
    department: str | None = None
    payment_term: str | None = None
    note: str | None = None
    delivery_address: Address | None = None
    invoice_address: Address | None = None
    lines: tuple[OrderLine, ...]
    discounts: tuple[Decimal, ...] = ()
    totals: Totals
    url: str | None = None
    custom_fields: Mapping[str, Any] = Field(default_factory=dict)


class Order(SalesDocument):
    """A sales order."""

    ordered_at: datetime | None = None
    order_date: date | None = None
    sales_person: str | None = None
    rivals: int = 0  # how many other orders the same sale could become
    is_estimate: bool = False  # of what was expected, as nothing was quoted


class Invoice(SalesDocument):
    """A booked invoice, or a credit note: then `credited_key` names the invoice it corrects, if it corrects one.

    What was paid is no part of the document: it may change without making it another one.
    """

    passing: ClassVar[frozenset[str]] = frozenset({"status", "is_paid", "paid_at", "due"})

    is_credit_note: bool = False
    document_date: date | None = None
    due_on: date | None = None
    credited_key: str | None = None
    deal_key: str | None = None
    payment_reference: str | None = None
    status: str | None = None  # the source's word
    is_paid: bool = False
    paid_at: datetime | None = None
    due: Decimal | None = None  # what is still open


class Shipment(Core):
    """Goods that left for a customer."""

    number: str
    shipped_on: date | None = None
    carrier: str | None = None
    tracking_numbers: tuple[str, ...] = ()


class OrderStatus(Core):
    """How far an order has come. `status` is the source's own word; several numbers of a kind are one text."""

    key: str
    number: str
    order_type: str
    status: str | None = None  # None = only known by its key so far
    customer_number: str | None = None
    description: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    shipped_on: date | None = None
    shipments: tuple[Shipment, ...] = ()
    tracking_number: str | None = None
    invoice_number: str | None = None
    invoice_status: str | None = None


class Payment(Core):
    """Money that was received for one invoice."""

    key: str
    reference: str | None = None
    amount: Decimal
    currency: str
    paid_on: date
    method: str | None = None
    is_reversed: bool = False  # it was booked and then taken back


class PaidInvoice(Core):
    """An invoice with what was paid on it. `balance` is what is still open; `order_keys` are the orders it bills."""

    key: str
    number: str
    status: str | None = None  # None = only known by its number so far
    currency: str | None = None
    total: Decimal | None = None
    balance: Decimal | None = None
    payments: tuple[Payment, ...] = ()
    order_keys: tuple[str, ...] | None = None  # None = not looked at yet

    @property
    def may_be_paid(self) -> bool:
        """Whether anything was paid on it, as far as is known."""
        return self.balance is None or self.balance != self.total


class JournalPart(StrEnum):
    """What a line of a journal entry stands for."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    VAT = "vat"
    ROUNDING = "rounding"


class JournalLine(Core):
    """One side of a ledger account: either debit or credit, never negative and never both."""

    account: str
    part: JournalPart | None = None  # None: read back, where nobody says
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    text: str = ""
    vat_code: str | None = None  # the source's code of the rate
    position: int | None = None  # of the one order line it stands for


class JournalEntry(Core):
    """A booking in the general ledger. Its debits and its credits come to the same, to the last cent."""

    currency: str
    lines: tuple[JournalLine, ...]

    @property
    def total(self) -> Decimal:
        """What it comes to on either side."""
        return sum((line.debit for line in self.lines), Decimal(0))
