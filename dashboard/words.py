"""What things are called on the pages: kinds of records, value tables, settings of flows, systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from connectors.maps import NoPair
from connectors.registry import UnknownConnector, connector_class
from dashboard.flow_settings.document_words import DOCUMENT_SETTINGS
from flows.catalog.presets import Preset, is_preset
from flows.catalog.registry import flow_kind

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Tile:
    """How a system is drawn: its letters and its colour, the same everywhere."""

    letters: str
    colour: str
    title: str


COLOURS = {"visma_net": ("Vn", "v"), "teamleader": ("Tl", "t"), "spreadsheet": ("Xl", "n")}
NO_COLOUR = "n"

KINDS: dict[str, Text] = {
    "products": gettext_lazy("Product"),
    "orders": pgettext_lazy("what a customer buys", "Order"),
    "customers": gettext_lazy("Customer"),
    "invoices": gettext_lazy("Invoice"),
    "credit_notes": gettext_lazy("Credit note"),
    "categories": gettext_lazy("Category"),
    "stock": gettext_lazy("Stock level"),
    "payments": gettext_lazy("Payment"),
    "order_status": gettext_lazy("Order status"),
}
FLOW_ICONS = {
    "products": "package",
    "orders": "shopping-cart",
    "customers": "users",
    "invoices": "file-invoice",
    "stock": "building-warehouse",
    "categories": "category",
    "order_status": "list-check",
    "payments": "credit-card",
}

SETTINGS: dict[str, Text] = {
    **DOCUMENT_SETTINGS,
    "update_existing": gettext_lazy("Update what exists already"),
    "only_sellable": gettext_lazy("Only items that may be sold"),
    "kinds": gettext_lazy("Types of items"),
    "category_from": gettext_lazy("Category of a product"),
    "counterpart": gettext_lazy("Categories stand for"),
    "inactive_items": gettext_lazy("Items that are no longer sold"),
    "inactive_prefix": gettext_lazy("Mark before the name"),
    "warehouses": gettext_lazy("Warehouses that count"),
    "stock_count": gettext_lazy("Quantity"),
    "negative_as_zero": gettext_lazy("Send zero for negative stock"),
    "price_source": gettext_lazy("Price"),
    "price_class": gettext_lazy("Price class"),
    "price_includes_vat": gettext_lazy("Prices include VAT"),
    "price_decimals": gettext_lazy("Decimals of prices"),
    "check_currency": gettext_lazy("Only prices in the account's currency"),
    "send_price_lists": gettext_lazy("Fill price lists"),
    "send_cost": gettext_lazy("Send the purchase price"),
    "ean_field": gettext_lazy("Barcode goes to"),
    "short_text_attribute": gettext_lazy("Short text comes from"),
    "short_text_field": gettext_lazy("Short text goes to"),
    "image_field": gettext_lazy("Link to the picture goes to"),
    "image_pattern": gettext_lazy("Address of the pictures"),
    "update_customers": gettext_lazy("Update customers that exist already"),
    "ladder": gettext_lazy("Customers are found by"),
    "customer_class": gettext_lazy("Customer class"),
    "customer_number_field": gettext_lazy("Who gives the customer number"),
    "send_e_invoice_id": gettext_lazy("Send the Peppol id"),
    "inactive_customers": gettext_lazy("Deactivated customers"),
    "collective_customer": gettext_lazy("Collective customer for one-off buyers"),
    "collective_tag": gettext_lazy("One-off buyers have the tag"),
    "collective_countries": gettext_lazy("One-off buyers live in"),
    "customer_price_class": gettext_lazy("Price class of the customer"),
    "sales_account": gettext_lazy("Sales account of the customer"),
    "credit_limit_field": gettext_lazy("Credit limit from"),
    "send_contacts": gettext_lazy("Send the contacts of a company"),
    "send_locations": gettext_lazy("Send further delivery addresses"),
    "send_as": gettext_lazy("Sent as"),
    "order_type": gettext_lazy("Order type"),
    "hold": gettext_lazy("Arrive on hold"),
    "only_paid": gettext_lazy("Only paid invoices"),
    "credit_notes": gettext_lazy("Send credit notes"),
    "arrival": gettext_lazy("Invoices arrive"),
    "number_from": gettext_lazy("Numbered by"),
    "cash_payment_method": gettext_lazy("Payment method"),
    "cash_account": gettext_lazy("Cash account"),
    "missing_product": gettext_lazy("If an item does not exist"),
    "fallback_item": gettext_lazy("Item used instead"),
    "text_line_item": gettext_lazy("Item for text lines"),
    "totals_tolerance": gettext_lazy("Totals may differ by"),
    "cent_line_item": gettext_lazy("Item for rounding differences"),
    "cent_line_account": gettext_lazy("Ledger account for rounding differences"),
    "cent_line_text": gettext_lazy("Text of the rounding line"),
    "cent_line_vat": gettext_lazy("VAT category of the rounding line"),
    "check_after": gettext_lazy("Read the totals back after booking"),
    "sends_when": gettext_lazy("An order is sent when"),
    "phases": gettext_lazy("Chosen phases"),
    "several_accepted": gettext_lazy("If a deal has several accepted quotations"),
    "no_quotation": gettext_lazy("If a deal has no accepted quotation"),
    "estimate_item": gettext_lazy("Item for the estimated value"),
    "recurring_lines": gettext_lazy("Lines that come back every month or year"),
    "stock_check": gettext_lazy("If there is not enough in stock"),
    "after_change": gettext_lazy("If an order changes afterwards"),
    "after_loss": gettext_lazy("If a deal is lost or reopened afterwards"),
    "number_field": gettext_lazy("Order number goes into"),
    "status_field": gettext_lazy("Status goes into"),
    "tracking_field": gettext_lazy("Tracking number goes into"),
    "tracking_link_field": gettext_lazy("Tracking link goes into"),
    "invoice_field": gettext_lazy("Invoice number goes into"),
    "tracking_address": gettext_lazy("Address of the carrier's tracking page"),
    "deal_phase": gettext_lazy("Move the deal to a phase"),
    "payment_method": gettext_lazy("Payment method"),
    "mutation_type": gettext_lazy("Type of financial mutation"),
    "receivable_account": gettext_lazy("Account for what the customer owes"),
    "revenue_account": gettext_lazy("Revenue account"),
    "vat_account": gettext_lazy("VAT account"),
    "shipping_account": gettext_lazy("Account for shipping costs"),
    "discount_account": gettext_lazy("Account for discounts"),
    "rounding_account": gettext_lazy("Account for rounding differences"),
    "ledger": gettext_lazy("Ledger"),
    "mutation_status": gettext_lazy("Entries arrive"),
    "closed_period": gettext_lazy("If the period is closed"),
    "vat_return": gettext_lazy("Report in the VAT return"),
}
VALUES: dict[str, Text] = {
    "discount_percent": gettext_lazy("part of the discount of each line"),
    "discount_spread": gettext_lazy("an amount on each line, spread by value"),
    "discount_line": gettext_lazy("a line of its own"),
    "sales_order": gettext_lazy("sales order"),
    "customer_invoice": gettext_lazy("customer invoice"),
    "available": gettext_lazy("what is available"),
    "on_hand": gettext_lazy("what is on hand"),
    "cash_sale": gettext_lazy("cash sale"),
    "balanced": gettext_lazy("ready to be released"),
    "series": gettext_lazy("the series of the receiving system"),
    "document_number": gettext_lazy("the number of the invoice"),
    "financial_mutation": gettext_lazy("financial mutation (journal entry)"),
    "simple": pgettext_lazy("type of financial mutation", "simple"),
    "recommended": pgettext_lazy("type of financial mutation", "recommended"),
    "complex": pgettext_lazy("type of financial mutation", "complex"),
    "on_hold": pgettext_lazy("journal entries arrive", "on hold"),
    "to_release": pgettext_lazy("journal entries arrive", "ready to be released"),
    "released": pgettext_lazy("journal entries arrive", "released"),
    "next_open": gettext_lazy("book in the next open period"),
    "default_price": gettext_lazy("default price"),
    "recommended_price": gettext_lazy("recommended price"),
    "price_class": gettext_lazy("price of a price class"),
    "item_class": gettext_lazy("item class"),
    "sales_category": gettext_lazy("first sales category"),
    "nothing": gettext_lazy("leave the product as it is"),
    "rename": gettext_lazy("mark its name"),
    "ask_to_delete": gettext_lazy("ask whether to delete it"),
    "block": gettext_lazy("hold the record back and ask"),
    "fallback_item": gettext_lazy("use another item"),
    "default": gettext_lazy("use the default"),
    "as_is": gettext_lazy("send it as it is"),
    "vat_number": gettext_lazy("VAT number"),
    "registration_number": gettext_lazy("registration number"),
    "email": gettext_lazy("e-mail address"),
    "name_postcode": gettext_lazy("name and postal code (a person confirms)"),
    "leave": gettext_lazy("leave them as they are there"),
    "set_on_hold": gettext_lazy("set them on hold there"),
    "deal_won": gettext_lazy("the deal is won"),
    "deal_phase": gettext_lazy("the deal is in a chosen phase"),
    "quotation_accepted": gettext_lazy("a quotation is accepted, even if the deal is still open"),
    "deal_paid": gettext_lazy("the deal is won, invoiced, and all is paid"),
    "all_quotations": gettext_lazy("each becomes an order"),
    "newest_quotation": gettext_lazy("only the newest becomes an order"),
    "ask_quotation": gettext_lazy("hold them back and ask"),
    "no_quotation_skip": gettext_lazy("leave the deal out, with that reason"),
    "no_quotation_estimate": gettext_lazy("send one line with the estimated value"),
    "check_on_hold": gettext_lazy("as long as documents arrive on hold"),
    "check_always": gettext_lazy("always"),
    "check_off": gettext_lazy("never"),
    "recurring_send": gettext_lazy("send them like other lines"),
    "recurring_drop": gettext_lazy("send the order without them"),
    "stock_off": gettext_lazy("do not look at the stock"),
    "stock_note": gettext_lazy("send the order, and say so on its record"),
    "stock_wait": gettext_lazy("let the order wait until there is enough"),
    "stock_hold": gettext_lazy("hold the order back and ask"),
    "change_ignore": gettext_lazy("leave what was sent as it is"),
    "change_warn": gettext_lazy("show the difference and ask"),
    "change_update": gettext_lazy("change it while it is on hold and nobody has edited it"),
    "loss_ignore": gettext_lazy("leave what was sent as it is"),
    "loss_warn": gettext_lazy("ask what becomes of it"),
    "loss_cancel": gettext_lazy("cancel it while nothing is shipped"),
    "recurring_skip": gettext_lazy("leave the whole order out"),
    "FinishedGoodItem": gettext_lazy("finished goods"),
    "NonStockItem": gettext_lazy("non-stock items"),
    "ComponentPartItem": gettext_lazy("component parts"),
    "SubassemblyItem": gettext_lazy("subassemblies"),
    "LaborItem": gettext_lazy("labour"),
    "ChargeItem": gettext_lazy("charges"),
    "ExpenseItem": gettext_lazy("expenses"),
    "ServiceItem": gettext_lazy("services"),
}
WHEN: dict[str, Text] = {
    "always": pgettext_lazy("when a field is written", "always"),
    "on_create": gettext_lazy("only when it is new"),
    "if_untouched": gettext_lazy("until somebody edits it there"),
    "if_empty": gettext_lazy("only while it is empty there"),
    "never": gettext_lazy("switched off"),
}


def tile_of(connector: str) -> Tile:
    """Return how a system is drawn; one we do not know is grey."""
    try:
        title = connector_class(connector).title
    except UnknownConnector:
        title = connector
    letters, colour = COLOURS.get(connector, (title[:2], NO_COLOUR))
    return Tile(letters, colour, title)


def kind_word(kind: str) -> str:
    """Return what one record of this kind is called."""
    return str(KINDS.get(kind, kind))


def kind_count(kind: str, count: int) -> str:
    """Say how many records of a kind: "22 orders"."""
    words = {
        "products": ngettext("%(count)s product", "%(count)s products", count),
        "orders": ngettext("%(count)s order", "%(count)s orders", count),
        "customers": ngettext("%(count)s customer", "%(count)s customers", count),
        "invoices": ngettext("%(count)s invoice", "%(count)s invoices", count),
        "credit_notes": ngettext("%(count)s credit note", "%(count)s credit notes", count),
        "categories": ngettext("%(count)s category", "%(count)s categories", count),
        "stock": ngettext("%(count)s stock level", "%(count)s stock levels", count),
        "payments": ngettext("%(count)s payment", "%(count)s payments", count),
        "order_status": ngettext("%(count)s order status", "%(count)s order statuses", count),
    }
    other = ngettext("%(count)s record", "%(count)s records", count)
    return words.get(kind, other) % {"count": number_format(count)}


def table_title(flow_kind_key: str, name: str) -> str:
    """Return what a value table is called."""
    spec = next((spec for spec in flow_kind(flow_kind_key).tables if spec.name == name), None)
    return str(spec.title) if spec else name


def readable_value(value: Any) -> str:
    """Return a setting's value in words; an empty one is a dash."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Enum):
        return readable_value(value.value)
    if isinstance(value, Decimal | float):
        return number_format(value)
    if isinstance(value, list | tuple):
        return ", ".join(readable_value(one) for one in value) or _("all")
    if isinstance(value, Preset):
        return preset_words(value)
    if is_preset(value):
        return preset_words(Preset.model_construct(**value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {readable_value(one)}" for name, one in value.items()) or "–"
    return str(VALUES.get(str(value), value)) if value not in (None, "") else "–"


def preset_words(preset: Preset) -> str:
    """Say what a preset does: "by table, else 2 · North", "always 10015"; one that does nothing is a dash."""
    value = preset.filled
    if value and preset.is_forced:
        return _("always %(value)s") % {"value": value}
    if not preset.uses_table:
        return value or "–"
    rest = value if preset.no_pair == NoPair.DEFAULT else readable_value(preset.no_pair)
    return _("by table, else %(rest)s") % {"rest": rest} if rest else _("by table")


def sent_words(count: int) -> str:
    """Say how many records go out again."""
    return ngettext("%(count)s record is sent again.", "%(count)s records are sent again.", count) % {"count": count}
