"""The fields of products and customers as the mapping page shows them, by Visma.net's own names."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, FieldType, Text
from connectors.core import JSONDict
from connectors.visma_net.api import Erp
from connectors.visma_net.read_values import read_rows, read_text

ITEM = _("Item")
PRICES = _("Prices")
CODES = _("Classification")
ATTRIBUTES = _("Attributes")
GENERAL = _("General")
FINANCE = _("Financial settings")
CONTACTS = _("Contacts of the company")
LOCATIONS = _("Delivery locations")
CONTROL_TYPES = {
    "Combo": FieldType.CHOICE,
    "MultiSelectCombo": FieldType.CHOICES,
    "Lookup": FieldType.CHOICE,
    "Checkbox": FieldType.BOOLEAN,
    "Datetime": FieldType.DATE,
}


def field(
    path: str,
    title: Text,
    group: Text,
    *,
    type: FieldType = FieldType.TEXT,
    name: str = "",
    length: int | None = None,
    list_name: str = "",
    options: tuple[str, ...] = (),
    is_required: bool = False,
) -> FieldInfo:
    """Return a field; `name` is what Visma.net calls it where the path does not say so already."""
    if list_name or options:
        type = FieldType.CHOICE
    return FieldInfo(
        path=path, title=title, type=type, group=group, hint=name, max_length=length, list_name=list_name,
        options=options, is_required=is_required,
    )  # fmt: skip


PRODUCT_FIELDS = (
    field("sku", _("Item number"), ITEM, name="inventoryNumber", is_required=True),
    field("name", _("Description"), ITEM, name="description", is_required=True),
    field("long_text", _("Long text"), ITEM, name="body"),
    field("ean", _("Barcode"), ITEM, name="crossReferences[].alternateID"),
    field("image_link", _("Link to the picture"), ITEM, name="attachments[].name"),
    field("image", _("File name of the picture"), ITEM, name="attachments[].name"),
    field("unit", _("Sales unit"), ITEM, name="salesUnit", list_name="units"),
    field("stock", _("Available stock"), ITEM, type=FieldType.NUMBER, name="warehouseDetails[].available"),
    field("is_sellable", _("Can be sold"), ITEM, type=FieldType.BOOLEAN, name="status"),
    field("status", _("Status"), ITEM, name="status"),
    field("kind", _("Type"), ITEM, name="type"),
    field("price.amount", _("Default price"), PRICES, type=FieldType.MONEY, name="defaultPrice"),
    field("price.currency", _("Currency"), PRICES, name="baseCurrency", list_name="currencies"),
    field("list_price.amount", _("Recommended price"), PRICES, type=FieldType.MONEY, name="recommendedPrice"),
    field("price_list_prices", _("Prices per price list"), PRICES, type=FieldType.LIST, name="customerSalesPrice"),
    field("cost.amount", _("Cost"), PRICES, type=FieldType.MONEY, name="currentCost"),
    field("vat_code", _("VAT category"), CODES, name="vatCode.id", list_name="vat_categories"),
    field("category", _("Item class"), CODES, name="itemClass.id", list_name="item_classes"),
    field("category_name", _("Name of the item class"), CODES, name="itemClass.description"),
    field("raw.postingClass.id", _("Posting class"), CODES),
    field("raw.priceClass.id", _("Price class"), CODES),
    field(
        "sales_category",
        _("First sales category"),
        CODES,
        name="salesCategories[].categoryId",
        list_name="sales_categories",
    ),
    field("sales_category_name", _("Name of the first sales category"), CODES, name="salesCategories[].description"),
    field("raw.defaultWarehouse.id", _("Default warehouse"), CODES, list_name="warehouses"),
    field("raw.inventoryId", _("Internal number"), ITEM, type=FieldType.NUMBER),
    field("raw.baseUnit", _("Base unit"), ITEM, list_name="units"),
    field("raw.stockItem", _("Kept in stock"), ITEM, type=FieldType.BOOLEAN),
    field("raw.kitItem", _("Is a kit"), ITEM, type=FieldType.BOOLEAN),
    field("raw.lastModifiedDateTime", _("Last change"), ITEM, type=FieldType.DATE),
)


def address_fields(target: str, group: Text) -> tuple[FieldInfo, ...]:
    return (
        field(f"{target}.addressLine1", _("Address line 1"), group, length=50),
        field(f"{target}.addressLine2", _("Address line 2"), group, length=50),
        field(f"{target}.addressLine3", _("Address line 3"), group, length=50),
        field(f"{target}.postalCode", _("Postal code"), group, length=20),
        field(f"{target}.city", _("City"), group, length=50),
        field(f"{target}.countryId", _("Country"), group, length=2),
    )


def _contact_fields(target: str, group: Text) -> tuple[FieldInfo, ...]:
    return (
        field(f"{target}.name", _("Name"), group, length=255),
        field(f"{target}.attention", _("Attention"), group, length=255),
        field(f"{target}.email", _("E-mail"), group, length=255),
        field(f"{target}.phone1", _("Phone"), group, length=50),
        field(f"{target}.phone2", _("Second phone"), group, length=50),
        field(f"{target}.web", _("Website"), group, length=255),
    )


CUSTOMER_FIELDS = (
    field("name", _("Name"), GENERAL, length=60, is_required=True),
    field("number", _("Customer number"), GENERAL, length=30),
    field("status", _("Status"), GENERAL, options=("Active", "OnHold", "CreditHold", "Inactive", "OneTime")),
    field("vatRegistrationId", _("VAT number"), GENERAL, length=50),
    field("corporateId", _("Registration number"), GENERAL, length=50),
    field("gln", _("GLN"), GENERAL, length=13),
    field("accountReference", _("Our account number at the customer"), GENERAL),
    field("note", _("Note"), GENERAL),
    field("customerClassId", _("Customer class"), FINANCE, list_name="customer_classes", is_required=True),
    field("creditTermsId", _("Payment terms"), FINANCE, list_name="credit_terms"),
    field("currencyId", _("Currency"), FINANCE, list_name="currencies", length=5),
    field("vatZoneId", _("VAT zone"), FINANCE, list_name="vat_zones"),
    field("priceClassId", _("Price class"), FINANCE),
    field("creditLimit", _("Credit limit"), FINANCE, type=FieldType.MONEY),
    field(
        "creditVerification",
        _("Credit check"),
        FINANCE,
        options=("Disabled", "DaysPastDue", "CreditLimit", "LimitAndDaysPastDue"),
    ),
    field("defaultPaymentMethod.paymentMethodId", _("Payment method"), FINANCE, list_name="payment_methods"),
    field("glAccounts.salesAccount", _("Sales account"), FINANCE, list_name="accounts"),
    field("glAccounts.salesNonTaxableAccount", _("Sales account without VAT"), FINANCE, list_name="accounts"),
    field("glAccounts.salesEuAccount", _("Sales account EU"), FINANCE, list_name="accounts"),
    field("glAccounts.salesExportAccount", _("Sales account export"), FINANCE, list_name="accounts"),
    field("peppolScheme.endpoint", _("Peppol id of the main location"), FINANCE),
    field("sendInvoicesByEmail", _("Send invoices by e-mail"), FINANCE, type=FieldType.BOOLEAN),
    field("printInvoices", _("Print invoices"), FINANCE, type=FieldType.BOOLEAN),
    *address_fields("mainAddress", _("Main address")),
    *_contact_fields("mainContact", _("Main contact")),
    *address_fields("invoiceAddress", _("Invoice address")),
    *_contact_fields("invoiceContact", _("Invoice contact")),
    *address_fields("deliveryAddress", _("Delivery address")),
    *_contact_fields("deliveryContact", _("Delivery contact")),
    field("contacts.firstName", _("First name"), CONTACTS, length=50),
    field("contacts.lastName", _("Last name"), CONTACTS, length=100, is_required=True),
    field("contacts.email", _("E-mail"), CONTACTS, length=255),
    field("contacts.phone1", _("Phone"), CONTACTS, length=50),
    field("contacts.phone2", _("Second phone"), CONTACTS, length=50),
    field("contacts.position", _("Job title"), CONTACTS, length=255),
    field("locations.locationName", _("Name"), LOCATIONS, length=60),
    field("locations.locationId", _("Location"), LOCATIONS),
    *address_fields("locations.address", LOCATIONS),
    *_contact_fields("locations.contact", LOCATIONS),
    field("locations.vatZone", _("VAT zone"), LOCATIONS, list_name="vat_zones"),
    field("locations.gln", _("GLN"), LOCATIONS, length=13),
)


def product_fields(erp: Erp) -> list[FieldInfo]:
    """Return the fixed fields and the attributes of the account."""
    return [*PRODUCT_FIELDS, *_attributes(row for page in erp.pages("/v1/attribute") for row in page)]


def customer_fields(erp: Erp) -> list[FieldInfo]:
    """Return the fixed fields and the attributes that belong to a customer class: no other can be written."""
    rows = [row for found in erp.rows("/v1/customer/customerClass") for row in read_rows(found.get("attributes"))]
    by_id = {read_text(row.get("attributeId")): row for row in rows}
    return [*CUSTOMER_FIELDS, *_attributes(iter(by_id.values()))]


def _attributes(rows: Iterator[JSONDict]) -> Iterator[FieldInfo]:
    for row in rows:
        code = read_text(row.get("attributeID")) or read_text(row.get("attributeId"))
        if code is None or row.get("internal") is True:
            continue
        control = read_text(row.get("controlType")) or read_text(row.get("attributeType")) or ""
        values = (
            read_text(option.get("valueId")) or read_text(option.get("id")) for option in read_rows(row.get("details"))
        )
        yield FieldInfo(
            path=f"attributes.{code}",
            title=read_text(row.get("description")) or code,
            type=CONTROL_TYPES.get(control, FieldType.TEXT),
            group=ATTRIBUTES,
            is_custom=True,
            options=tuple(value for value in values if value),
            hint=code,
        )
