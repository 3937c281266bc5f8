"""What a person chooses about every sales document: VAT, payment, what it is booked for, shipping, discounts."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.maps import NoPair
from flows.catalog.base import KeySource, TableSpec
from flows.catalog.customers import CUSTOMER_TABLES, CustomerSettings
from flows.catalog.presets import Preset
from flows.documents.vat_kinds import VAT_KIND_KEYS

VAT_EXCEPTIONS = "vat_exception"
DEPARTMENT = KeySource("department", _("Department"), "departments")
DELIVERY_COUNTRY = KeySource("delivery_address.country", _("Country of delivery"))
CUSTOMER_COUNTRY = KeySource("customer.primary_address.country", _("Country of the customer"))
PIPELINE = KeySource("raw.deal.pipeline.id", _("Pipeline"), "deal_pipelines")
TERM = KeySource("payment_term", _("Payment terms of the customer"), "payment_terms")
SELLER = KeySource("sales_person", _("Person responsible for the deal"), "users")


class DiscountsAs(StrEnum):
    """What a discount on the whole document becomes."""

    PERCENT = "discount_percent"  # part of the discount of each line
    SPREAD = "discount_spread"  # an amount on each line, by its value
    LINE = "discount_line"  # a line of its own per VAT rate


class DocumentSettings(CustomerSettings):
    """Settings of a flow of sales documents that hold values of the target, and what its lines become."""

    branch: Preset = Preset(uses_table=True)
    default_customer: Preset = Preset()
    vat_category: Preset = Preset(uses_table=True, no_pair=NoPair.BLOCK)
    vat_exceptions: bool = False
    vat_zone_on_document: bool = False
    unit: Preset = Preset(uses_table=True)
    document_payment_method: Preset = Preset()
    line_account: Preset = Preset()
    line_subaccount: Preset = Preset()
    sales_person: Preset = Preset()
    project: Preset = Preset()
    shipping_words: str = ""  # with commas between; a line with one of them is shipping
    shipping_field: str = ""  # the custom field with the amount, excluding VAT
    shipping_item: str = ""
    shipping_text: str = ""
    shipping_vat: str = ""
    discounts: DiscountsAs = DiscountsAs.PERCENT
    discount_item: str = ""
    discount_text: str = ""
    document_note: str = ""
    sends_exchange_rate: bool = False

    def problem(self) -> str:
        if self.discounts is DiscountsAs.LINE and not self.discount_item:
            return gettext("Name the item that discounts travel under.")
        if self.shipping_field and not self.shipping_item:
            return gettext("Name the item that shipping costs travel under.")
        return super().problem()


SUBACCOUNT = "subaccount"
SUBACCOUNT_TABLE = TableSpec(
    SUBACCOUNT,
    _("Subaccount per country, department or field"),
    "",
    "subaccounts",
    NoPair.DEFAULT,
    preset="line_subaccount",
    sources=(CUSTOMER_COUNTRY, DELIVERY_COUNTRY, DEPARTMENT, PIPELINE, SELLER),
)
DOCUMENT_TABLES: tuple[TableSpec, ...] = (
    TableSpec("vat", _("VAT on order lines"), "tax_rates", "vat_categories", preset="vat_category"),
    TableSpec(
        VAT_EXCEPTIONS,
        _("VAT category per country and kind of customer"),
        "",
        "vat_categories",
        NoPair.AS_IS,
        columns=(_("Country of the customer"), _("Kind of customer")),
        second_keys=VAT_KIND_KEYS,
        has_rate=True,
        is_grown=True,
    ),
    TableSpec("unit", _("Units"), "units_of_measure", "units", NoPair.DEFAULT, preset="unit"),
    TableSpec("branch", _("Branch per department"), "departments", "branches", NoPair.DEFAULT, preset="branch"),
    *CUSTOMER_TABLES,
    TableSpec(
        "payment_method",
        _("Payment methods"),
        "",
        "payment_methods",
        NoPair.DEFAULT,
        preset="document_payment_method",
        sources=(TERM, CUSTOMER_COUNTRY, DEPARTMENT),
    ),
    TableSpec(
        "account",
        _("Sales account per country or field"),
        "",
        "accounts",
        NoPair.DEFAULT,
        preset="line_account",
        sources=(CUSTOMER_COUNTRY, DELIVERY_COUNTRY, DEPARTMENT),
    ),
    SUBACCOUNT_TABLE,
    TableSpec(
        "sales_person",
        _("Sales persons"),
        "",
        "sales_persons",
        NoPair.DEFAULT,
        preset="sales_person",
        sources=(SELLER, DEPARTMENT),
    ),
    TableSpec(
        "project",
        _("Projects per department, pipeline or field"),
        "",
        "projects",
        NoPair.DEFAULT,
        preset="project",
        sources=(DEPARTMENT, PIPELINE),
    ),
)
DELIVERY_TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "warehouse",
        _("Warehouse per department or field"),
        "",
        "warehouses",
        NoPair.DEFAULT,
        preset="warehouse",
        sources=(DEPARTMENT, DELIVERY_COUNTRY),
    ),
    TableSpec(
        "ship_via",
        _("Shipping methods"),
        "",
        "carriers",
        NoPair.DEFAULT,
        preset="ship_via",
        sources=(DELIVERY_COUNTRY, DEPARTMENT),
    ),
    TableSpec(
        "shipping_terms",
        _("Shipping terms"),
        "",
        "",
        NoPair.DEFAULT,
        preset="shipping_terms",
        sources=(DELIVERY_COUNTRY, DEPARTMENT),
    ),
)
# settings that fill a field of the map themselves: the setting, and what the field is read from
SETTING_VALUES = {
    "vat_zone_on_document": "resolved.vat_zone",
    "line_subaccount": "resolved.subaccount",  # of lines in the general ledger; those of documents use the table
    "discounts": "resolved.discount_amount",
    "document_note": "resolved.note",
    "sends_exchange_rate": "resolved.exchange_rate",
}
