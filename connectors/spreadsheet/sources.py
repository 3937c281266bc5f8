"""Uploaded sheets as sources: records that changed since, by the moment of the upload that changed them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apicenter.errors import RecordError
from connectors.base import (
    FieldInfo,
    FieldType,
    Found,
    KeyPage,
    Listed,
    Omitted,
    Page,
    ReadRecord,
    Source,
    SourceRecord,
    Unreadable,
    Window,
)
from connectors.core import Core, Customer, JSONDict, Order, Product
from connectors.files import Kept, Side, Store
from connectors.spreadsheet.read_cells import BadCell
from connectors.spreadsheet.read_records import read_buyer, read_customer, read_order, read_product
from connectors.spreadsheet.targets import SYSTEM

PAGE_SIZE = 200
DEFAULT_CURRENCY = "EUR"


class SheetSource(Source):
    """Rows of the sheet that a person uploaded last. Raw is what stood in the row, and where."""

    page_size = PAGE_SIZE
    prefix = ""  # of columns that nothing of ours was found for

    @property
    def store(self) -> Store:
        assert self.connector.store is not None
        return self.connector.store

    @property
    def currency(self) -> str:
        return str(self.connector.settings.get("currency") or DEFAULT_CURRENCY)

    @abstractmethod
    def read(self, raw: JSONDict) -> Core:
        """Return the core record. Raises RecordError."""

    @abstractmethod
    def names(self, core: Core) -> tuple[str, str]:
        """Return what a person knows the record by, and what it is called."""

    def page(self, window: Window, position: Any | None) -> Page:
        batch = self.store.batch(
            self.kind, Side.UPLOADED, position, size=self.page_size, since=window.since, until=window.until
        )
        seen = max((row.changed_at for row in batch.rows), default=None)
        return Page(tuple(map(self._record, batch.rows)), batch.position, seen)

    def counts(self, window: Window) -> Iterator[int]:
        yield self.store.count(self.kind, Side.UPLOADED, since=window.since, until=window.until)

    def count(self, window: Window) -> Found | None:
        return Found(self.store.count(self.kind, Side.UPLOADED, since=window.since, until=window.until))

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        found = self.store.fetch(self.kind, Side.UPLOADED, keys)
        gone = {"system": SYSTEM}
        return [
            self._record(found[key]) if key in found else Omitted(key, key, "skip.deleted", {}, gone) for key in keys
        ]

    def keys(self, position: Any | None) -> KeyPage:
        batch = self.store.batch(self.kind, Side.UPLOADED, position, size=self.page_size)
        return KeyPage(tuple(Listed(row.key, row.changed_at) for row in batch.rows), batch.position)

    def all_keys(self) -> Iterator[str]:
        position = None
        while True:
            page = self.keys(position)
            yield from (row.key for row in page.rows)
            position = page.position
            if position is None:
                return

    def parse(self, raw: JSONDict) -> SourceRecord:
        core = self.read(raw)
        natural_key, label = self.names(core)
        return SourceRecord(raw["key"], natural_key, core, raw, label=label)

    def fields(self) -> list[FieldInfo]:
        facts = self.store.facts(self.kind, Side.UPLOADED)
        others = facts.values.get("other", ()) if facts and self.prefix else ()
        own = [FieldInfo(f"{self.prefix}.{one}", one, group=_("Columns of the file"), is_custom=True) for one in others]
        return [*self.standard_fields, *own]

    def _record(self, row: Kept) -> ReadRecord:
        raw = {**row.content, "key": row.key}
        try:
            core = self.read(raw)
        except RecordError as error:
            return Unreadable(row.key, row.key, error, raw, row.changed_at)
        except (KeyError, ValueError) as error:  # a row that the core record refuses
            return Unreadable(row.key, row.key, _refused(row, error), raw, row.changed_at)
        natural_key, label = self.names(core)
        return SourceRecord(row.key, natural_key, core, raw, row.changed_at, label)


def _refused(row: Kept, error: Exception) -> RecordError:
    return BadCell(line=str(row.line), column="?", why=type(error).__name__)


def _text(path: str, title: Any, list_name: str = "") -> FieldInfo:
    return FieldInfo(path, title, list_name=list_name)


ADDRESS_FIELDS = (
    _text("primary_address.line_1", _("Street and number")),
    _text("primary_address.postal_code", _("Postcode")),
    _text("primary_address.city", _("Town")),
    _text("primary_address.country", _("Country")),
)
CUSTOMER_FIELDS = (
    _text("key", _("Customer number")),
    _text("name", _("Name")),
    _text("first_name", _("First name")),
    _text("vat_number", _("VAT number")),
    _text("registration_number", _("Registration number")),
    _text("email", _("E-mail address")),
    _text("phone", _("Telephone")),
    _text("website", _("Website")),
    _text("payment_term", _("Payment term"), "payment_terms"),
    _text("currency", _("Currency")),
    _text("language", _("Language")),
    *ADDRESS_FIELDS,
    _text("note", _("Note")),
    FieldInfo("is_active", _("Active"), FieldType.BOOLEAN),
)


class ProductSheet(SheetSource):
    kind = "products"
    title = _("Products")
    prefix = "attributes"
    standard_fields = (
        _text("sku", _("Product number")),
        _text("name", _("Name")),
        _text("long_text", _("Long description")),
        FieldInfo("price.amount", _("Selling price"), FieldType.MONEY),
        _text("price.currency", _("Currency")),
        FieldInfo("cost.amount", _("Purchase price"), FieldType.MONEY),
        _text("vat_code", _("VAT"), "vat_categories"),
        _text("unit", _("Unit"), "units"),
        _text("category", _("Category"), "item_classes"),
        _text("ean", _("Barcode")),
        FieldInfo("stock", _("Stock"), FieldType.NUMBER),
    )

    def read(self, raw: JSONDict) -> Product:
        product = read_product(raw, currency=self.currency)
        return product.model_copy(update={"attributes": raw["other"]}) if raw.get("other") else product

    def names(self, core: Core) -> tuple[str, str]:
        assert isinstance(core, Product)
        return core.sku, core.name


class CustomerSheet(SheetSource):
    kind = "customers"
    title = _("Customers")
    prefix = "custom_fields"
    standard_fields = CUSTOMER_FIELDS

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """A customer may stand in a sheet of its own, or only in the orders."""
        read = super().fetch(keys)
        missing = {one.key for one in read if isinstance(one, Omitted)}
        carried = self._in_orders(missing) if missing else {}
        return [carried.get(one.key, one) for one in read]

    def _in_orders(self, keys: set[str]) -> dict[str, SourceRecord]:
        orders = self.connector.source("orders")
        found: dict[str, SourceRecord] = {}
        position = None
        while True:
            page = orders.page(Window(), position)
            buyers = (orders.carried(one, self.kind) for one in page.records if isinstance(one, SourceRecord))
            found |= {one.key: one for one in buyers if one is not None and one.key in keys}
            position = page.position
            if position is None or len(found) == len(keys):
                return found

    def read(self, raw: JSONDict) -> Customer:
        """Read a row of customers, or the customer that an order carries."""
        if "lines" in raw:
            customer = read_buyer(raw)
            if customer is None:
                raise BadCell(line="?", column=str(_("Customer name")), why=str(_("it is empty")))
            return customer
        customer = read_customer(raw, key=raw["key"])
        return customer.model_copy(update={"custom_fields": raw["other"]}) if raw.get("other") else customer

    def names(self, core: Core) -> tuple[str, str]:
        assert isinstance(core, Customer)
        return core.name, core.name


class OrderSheet(SheetSource):
    kind = "orders"
    title = _("Orders")
    prefix = "custom_fields"
    standard_fields = (
        _text("number", _("Order number")),
        FieldInfo("order_date", _("Order date"), FieldType.DATE),
        _text("title", _("Order description")),
        _text("purchase_order_number", _("Customer’s own reference")),
        _text("currency", _("Currency")),
        _text("note", _("Note")),
        _text("customer.name", _("Customer name")),
        _text("customer.key", _("Customer number")),
        FieldInfo("lines", _("Lines"), FieldType.LIST),
        _text("lines.sku", _("Product number")),
        _text("lines.text", _("Text of the line")),
        FieldInfo("lines.quantity", _("Quantity"), FieldType.NUMBER),
        _text("lines.unit", _("Unit"), "units_of_measure"),
        FieldInfo("lines.unit_price", _("Price per unit"), FieldType.MONEY),
        FieldInfo("lines.discount_percent", _("Discount in percent"), FieldType.NUMBER),
        _text("lines.vat_code", _("VAT"), "tax_rates"),
    )

    def read(self, raw: JSONDict) -> Order:
        order = read_order(raw, key=raw["key"], currency=self.currency)
        other = raw["lines"][0].get("other")
        return order.model_copy(update={"custom_fields": other}) if other else order

    def names(self, core: Core) -> tuple[str, str]:
        assert isinstance(core, Order)
        buyer = core.customer.name if core.customer else ""
        return core.number, " · ".join(filter(None, (core.title, buyer)))

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        """The customer stands in the columns of the order itself."""
        order = record.core
        if kind != "customers" or not isinstance(order, Order) or order.customer is None:
            return None
        buyer = order.customer
        raw = {"lines": record.raw["lines"][:1], "decimal": record.raw.get("decimal", "."), "key": buyer.key}
        return SourceRecord(buyer.key, buyer.name, buyer, raw, label=buyer.name)
