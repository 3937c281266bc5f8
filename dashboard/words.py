"""What things are called on the pages: kinds of records, value tables, settings of flows, systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from connectors.registry import UnknownConnector, connector_class
from flows.catalog.registry import flow_kind
from flows.models import Flow
from flows.services import kind_of

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Tile:
    """How a system is drawn: its letters and its colour, the same everywhere."""

    letters: str
    colour: str
    title: str


COLOURS = {"visma_net": ("Vn", "v"), "teamleader": ("Tl", "t")}
NO_COLOUR = "n"

KINDS: dict[str, Text] = {
    "products": gettext_lazy("Product"),
    "orders": pgettext_lazy("what a customer buys", "Order"),
    "customers": gettext_lazy("Customer"),
    "invoices": gettext_lazy("Invoice"),
    "categories": gettext_lazy("Category"),
    "stock": gettext_lazy("Stock level"),
    "payments": gettext_lazy("Payment"),
}
FLOW_ICONS = {"products": "package", "orders": "shopping-cart", "customers": "users", "invoices": "file-invoice"}

SETTINGS: dict[str, Text] = {
    "update_existing": gettext_lazy("Update what exists already"),
    "only_sellable": gettext_lazy("Only items that may be sold"),
    "kinds": gettext_lazy("Types of items"),
    "update_customers": gettext_lazy("Update customers that exist already"),
    "ladder": gettext_lazy("Customers are found by"),
    "send_as": gettext_lazy("Orders become"),
    "order_type": gettext_lazy("Order type"),
    "branch": gettext_lazy("Branch"),
    "warehouse": gettext_lazy("Warehouse"),
    "hold": gettext_lazy("Arrive on hold"),
    "default_customer": gettext_lazy("Default customer"),
    "force_default_customer": gettext_lazy("Always use the default customer"),
    "missing_product": gettext_lazy("If an item does not exist"),
    "fallback_item": gettext_lazy("Item used instead"),
    "text_line_item": gettext_lazy("Item for text lines"),
    "totals_tolerance": gettext_lazy("Totals may differ by"),
    "default_credit_terms": gettext_lazy("Payment terms if none fit"),
}
VALUES: dict[str, Text] = {
    "sales_order": gettext_lazy("sales order"),
    "customer_invoice": gettext_lazy("customer invoice"),
    "block": gettext_lazy("hold the record back and ask"),
    "fallback_item": gettext_lazy("use another item"),
    "default": gettext_lazy("use the default"),
    "as_is": gettext_lazy("send it as it is"),
    "vat_number": gettext_lazy("VAT number"),
    "registration_number": gettext_lazy("registration number"),
    "email": gettext_lazy("e-mail address"),
    "FinishedGoodItem": gettext_lazy("finished goods"),
    "NonStockItem": gettext_lazy("non-stock items"),
    "ServiceItem": gettext_lazy("services"),
}
WHEN: dict[str, Text] = {
    "always": pgettext_lazy("when a field is written", "always"),
    "on_create": gettext_lazy("only when it is new"),
    "if_untouched": gettext_lazy("until somebody edits it there"),
    "if_empty": gettext_lazy("only while it is empty there"),
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


def table_title(flow_kind_key: str, name: str) -> str:
    """Return what a value table is called."""
    spec = next((spec for spec in flow_kind(flow_kind_key).tables if spec.name == name), None)
    return str(spec.title) if spec else name


def readable_settings(flow: Flow) -> list[tuple[str, str]]:
    """Return the flow's settings as pairs of words, in the order its kind declares them."""
    chosen = kind_of(flow).settings_model.model_validate(flow.settings)
    return [
        (str(SETTINGS.get(name, name.replace("_", " ").capitalize())), readable_value(getattr(chosen, name)))
        for name in type(chosen).model_fields
    ]


def readable_value(value: Any) -> str:
    """Return a setting's value in words; an empty one is a dash."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Enum):
        return readable_value(value.value)
    if isinstance(value, list | tuple):
        return ", ".join(readable_value(one) for one in value) or _("all")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {readable_value(one)}" for name, one in value.items()) or "–"
    return str(VALUES.get(str(value), value)) if value not in (None, "") else "–"
