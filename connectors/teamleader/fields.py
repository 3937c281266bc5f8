"""The fields a map may name, by the names this system and the core records give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, FieldType, Text
from connectors.core import JSONDict
from connectors.teamleader.custom_fields import FIELD_TYPES, READ_ONLY, choices

CUSTOM_GROUP = _("Custom fields")
ADDRESS, CONTACT_PERSON, TOTALS, LINE = _("Address"), _("Contact person"), _("Totals"), _("Line")
CONTACTS = _("Contacts of the company")


def _address(path: str, title: Text) -> tuple[FieldInfo, ...]:
    return (
        FieldInfo(f"{path}.addressee", _("Addressee"), group=title),
        FieldInfo(f"{path}.line_1", _("Street and number"), group=title),
        FieldInfo(f"{path}.postal_code", _("Postal code"), group=title),
        FieldInfo(f"{path}.city", _("City"), group=title),
        FieldInfo(f"{path}.country", _("Country"), group=title),
    )


def _customer(prefix: str = "", group: Text = "") -> tuple[FieldInfo, ...]:
    rows: tuple[tuple[str, Text, FieldType], ...] = (
        ("key", _("Id"), FieldType.TEXT),
        ("kind", _("Company or person"), FieldType.TEXT),
        ("name", _("Name"), FieldType.TEXT),
        ("first_name", _("First name"), FieldType.TEXT),
        ("last_name", _("Last name"), FieldType.TEXT),
        ("vat_number", _("VAT number"), FieldType.TEXT),
        ("registration_number", _("National identification number"), FieldType.TEXT),
        ("email", _("E-mail"), FieldType.TEXT),
        ("invoice_email", _("E-mail for invoices"), FieldType.TEXT),
        ("phone", _("Telephone"), FieldType.TEXT),
        ("website", _("Website"), FieldType.TEXT),
        ("language", _("Language"), FieldType.TEXT),
        ("currency", _("Preferred currency"), FieldType.TEXT),
        ("payment_term", _("Payment term"), FieldType.TEXT),
        ("e_invoice_address", _("Electronic invoicing address"), FieldType.TEXT),
        ("is_active", _("Active"), FieldType.BOOLEAN),
        ("tags", _("Tags"), FieldType.LIST),
        ("note", _("Remarks"), FieldType.TEXT),
    )
    return tuple(FieldInfo(prefix + path, title, kind, group) for path, title, kind in rows)


_PERSON = (
    FieldInfo("contact_person.first_name", _("First name"), group=CONTACT_PERSON),
    FieldInfo("contact_person.last_name", _("Last name"), group=CONTACT_PERSON),
    FieldInfo("contact_person.email", _("E-mail"), group=CONTACT_PERSON),
    FieldInfo("contact_person.phone", _("Telephone"), group=CONTACT_PERSON),
)

_PEOPLE = (
    FieldInfo("contacts.first_name", _("First name"), group=CONTACTS),
    FieldInfo("contacts.last_name", _("Last name"), group=CONTACTS),
    FieldInfo("contacts.email", _("E-mail"), group=CONTACTS),
    FieldInfo("contacts.phone", _("Telephone"), group=CONTACTS),
    FieldInfo("contacts.position", _("Job title"), group=CONTACTS),
)

CUSTOMER_FIELDS = (
    *_customer(),
    *_address("primary_address", ADDRESS),
    *_address("invoice_address", _("Invoicing address")),
    *_address("delivery_address", _("Delivery address")),
    *_PERSON,
    *_PEOPLE,
    *_address("locations", _("Further delivery addresses")),
)

_LINES = (
    FieldInfo("lines.position", _("Position"), FieldType.NUMBER, LINE),
    FieldInfo("lines.sku", _("Product code"), group=LINE),
    FieldInfo("lines.text", _("Text"), group=LINE),
    FieldInfo("lines.extended_text", _("Long text"), group=LINE, hint=_("Markdown")),
    FieldInfo("lines.section", _("Section"), group=LINE),
    FieldInfo("lines.quantity", _("Quantity"), FieldType.NUMBER, LINE),
    FieldInfo("lines.unit", _("Unit of measure"), group=LINE, list_name="units_of_measure"),
    FieldInfo("lines.unit_price", _("Unit price"), FieldType.MONEY, LINE),
    FieldInfo("lines.discount_percent", _("Discount in percent"), FieldType.NUMBER, LINE),
    FieldInfo("lines.vat_code", _("VAT rate"), group=LINE, list_name="tax_rates"),
    FieldInfo("lines.vat_rate", _("VAT rate as a fraction"), FieldType.NUMBER, LINE),
    FieldInfo("lines.total", _("Total after discount"), FieldType.MONEY, LINE),
)

ORDER_FIELDS = (
    FieldInfo("key", _("Quotation id")),
    FieldInfo("number", _("Deal reference")),
    FieldInfo("title", _("Deal title")),
    FieldInfo("ordered_at", _("Closed at"), FieldType.DATE),
    FieldInfo("order_date", _("Closing date"), FieldType.DATE),
    FieldInfo("currency", _("Currency")),
    FieldInfo("exchange_rate", _("Exchange rate"), FieldType.NUMBER),
    FieldInfo("purchase_order_number", _("Purchase order number of the customer")),
    FieldInfo("department", _("Department"), list_name="departments"),
    FieldInfo("sales_person", _("Responsible user")),
    FieldInfo("payment_term", _("Payment term"), list_name="payment_terms"),
    FieldInfo("note", _("Deal summary")),
    FieldInfo("url", _("Address of the deal")),
    FieldInfo("discounts", _("Discounts on the whole order"), FieldType.LIST),
    FieldInfo("totals.excluding", _("Total excluding VAT"), FieldType.MONEY, TOTALS),
    FieldInfo("totals.including", _("Total including VAT"), FieldType.MONEY, TOTALS),
    *_LINES,
    *_address("invoice_address", _("Invoicing address")),
    *_address("delivery_address", _("Delivery address")),
    *_customer("customer.", _("Customer")),
    FieldInfo("raw.quotation.name", _("Name of the quotation"), group=_("Quotation")),
    FieldInfo("raw.quotation.text", _("Text of the quotation"), group=_("Quotation")),
    FieldInfo("raw.deal.current_phase.id", _("Phase"), group=_("Deal"), list_name="deal_phases"),
    FieldInfo("raw.deal.pipeline.id", _("Pipeline"), group=_("Deal"), list_name="deal_pipelines"),
    FieldInfo("raw.deal.estimated_closing_date", _("Estimated closing date"), FieldType.DATE, _("Deal")),
)

INVOICE_FIELDS = (
    FieldInfo("key", _("Invoice id")),
    FieldInfo("number", _("Invoice number")),
    FieldInfo("is_credit_note", _("Is a credit note"), FieldType.BOOLEAN),
    FieldInfo("document_date", _("Invoice date"), FieldType.DATE),
    FieldInfo("due_on", _("Due date"), FieldType.DATE),
    FieldInfo("currency", _("Currency")),
    FieldInfo("exchange_rate", _("Exchange rate"), FieldType.NUMBER),
    FieldInfo("purchase_order_number", _("Purchase order number of the customer")),
    FieldInfo("payment_reference", _("Payment reference")),
    FieldInfo("department", _("Department"), list_name="departments"),
    FieldInfo("payment_term", _("Payment term"), list_name="payment_terms"),
    FieldInfo("status", _("Status"), options=("outstanding", "matched")),
    FieldInfo("is_paid", _("Paid"), FieldType.BOOLEAN),
    FieldInfo("paid_at", _("Paid on"), FieldType.DATE),
    FieldInfo("due", _("Amount still open"), FieldType.MONEY),
    FieldInfo("note", _("Note")),
    FieldInfo("url", _("Address of the invoice")),
    FieldInfo("discounts", _("Discounts on the whole invoice"), FieldType.LIST),
    FieldInfo("totals.excluding", _("Total excluding VAT"), FieldType.MONEY, TOTALS),
    FieldInfo("totals.including", _("Total including VAT"), FieldType.MONEY, TOTALS),
    *_LINES,
    *_address("invoice_address", _("Invoicing address")),
    *_address("delivery_address", _("Delivery address")),
    *_customer("customer.", _("Customer")),
    FieldInfo("raw.invoice.invoicee.name", _("Name on the invoice"), group=_("Invoice")),
    FieldInfo("raw.invoice.invoicee.for_attention_of.name", _("For the attention of"), group=_("Invoice")),
    FieldInfo("raw.invoice.expected_payment_method.method", _("Expected payment method"), group=_("Invoice")),
)

PRODUCT_FIELDS = (
    FieldInfo("sku", _("Product code")),
    FieldInfo("name", _("Name")),
    FieldInfo("long_text", _("Description"), hint=_("Markdown")),
    FieldInfo("price.amount", _("Selling price"), FieldType.MONEY),
    FieldInfo("price.currency", _("Currency of the selling price")),
    FieldInfo("cost.amount", _("Purchase price"), FieldType.MONEY),
    FieldInfo("cost.currency", _("Currency of the purchase price")),
    FieldInfo("vat_code", _("VAT rate"), list_name="tax_rates"),
    FieldInfo("unit", _("Unit of measure"), list_name="units_of_measure"),
    FieldInfo("category", _("Product category"), list_name="product_categories"),
    FieldInfo("stock", _("Stock"), FieldType.NUMBER),
)

IDENTITY, TEXTS, PRICE_AND_VAT, UNIT_AND_CATEGORY = (
    _("Identity"),
    _("Texts"),
    _("Price and VAT"),
    _("Unit and category"),
)
PRODUCT_TARGETS = (
    FieldInfo("code", _("Product code"), group=IDENTITY, is_required=True),
    FieldInfo("name", _("Name"), group=IDENTITY, is_required=True),
    FieldInfo("description", _("Description"), group=TEXTS, hint=_("Markdown")),
    FieldInfo("selling_price.amount", _("Selling price"), FieldType.MONEY, PRICE_AND_VAT),
    FieldInfo("selling_price.currency", _("Currency of the selling price"), group=PRICE_AND_VAT),
    FieldInfo("purchase_price.amount", _("Purchase price"), FieldType.MONEY, PRICE_AND_VAT),
    FieldInfo("purchase_price.currency", _("Currency of the purchase price"), group=PRICE_AND_VAT),
    FieldInfo("price_list_prices", _("Prices per price list"), FieldType.LIST, PRICE_AND_VAT),
    FieldInfo("tax_rate_id", _("VAT rate"), FieldType.CHOICE, PRICE_AND_VAT, list_name="tax_rates"),
    FieldInfo(
        "unit_of_measure_id", _("Unit of measure"), FieldType.CHOICE, UNIT_AND_CATEGORY, list_name="units_of_measure"
    ),
    FieldInfo(
        "product_category_id", _("Product category"), FieldType.CHOICE, UNIT_AND_CATEGORY,
        list_name="product_categories",
    ),
)  # fmt: skip

STOCK_TARGET = FieldInfo(
    "stock.amount", _("Stock"), FieldType.NUMBER, UNIT_AND_CATEGORY, hint=_("Only in accounts with stock management")
)


def custom_source_fields(definitions: Mapping[str, JSONDict], *, prefix: str) -> list[FieldInfo]:
    """Return the custom fields of an account as sources of a map."""
    return [_custom_field(definition, prefix) for definition in definitions.values()]


def custom_target_fields(definitions: Mapping[str, JSONDict]) -> list[FieldInfo]:
    """Return the custom fields of an account that can be written."""
    rows: Iterable[JSONDict] = (row for row in definitions.values() if row["type"] not in READ_ONLY)
    return [_custom_field(row, "custom_fields") for row in rows]


def _custom_field(definition: JSONDict, prefix: str) -> FieldInfo:
    return FieldInfo(
        path=f"{prefix}.{definition['id']}",
        title=definition["label"],
        type=FIELD_TYPES.get(definition["type"], FieldType.TEXT),
        group=definition.get("group") or CUSTOM_GROUP,
        is_custom=True,
        options=choices(definition),
    )
