"""Which settings of sales documents play no part, by what a document becomes in the target. Pure."""

from __future__ import annotations

from flows.catalog.booked_totals import CheckSettings
from flows.catalog.customers import CustomerSettings
from flows.catalog.mutation_settings import JOURNAL, MutationSettings
from flows.documents.journal_entries import MutationType

BOOKED = frozenset(MutationSettings.model_fields) - {"shipping_items"}
DELIVERED = frozenset({"order_type", "warehouse", "ship_via", "shipping_terms", "delivers_to_customer", "stock_check"})
PAID_AT_ONCE = frozenset({"cash_payment_method", "cash_account"})
ON_ACCOUNT = frozenset({"cent_line_account"})  # a line that needs no item
NO_FIELD_ON_CASH_SALES = frozenset(
    {"document_payment_method", "sales_person", "project", "vat_zone_on_document", "sends_exchange_rate"}
)
OF_DOCUMENTS = frozenset(
    {"default_customer", "vat_exceptions", "vat_zone_on_document", "unit", "document_payment_method", "line_account"}
    | {"sales_person", "project", "shipping_words", "shipping_field", "shipping_item", "shipping_text", "shipping_vat"}
    | {"discounts", "discount_item", "discount_text", "document_note", "sends_exchange_rate", "missing_product"}
    | {"fallback_item", "text_line_item", "estimate_item", "hold", "arrival", "number_from"}
)
OF_PARTS = frozenset(
    {"vat_account", "shipping_account", "discount_account", "rounding_account", "shipping_items", "vat_return"}
)  # of an entry that is split over accounts
IDLE = {
    "sales_orders": BOOKED | PAID_AT_ONCE | ON_ACCOUNT | {"sends_exchange_rate"},
    "customer_invoices": BOOKED | PAID_AT_ONCE | DELIVERED,
    "cash_sales": BOOKED | DELIVERED | NO_FIELD_ON_CASH_SALES,
    JOURNAL: OF_DOCUMENTS
    | DELIVERED
    | PAID_AT_ONCE
    | frozenset(CheckSettings.model_fields)
    | frozenset(CustomerSettings.model_fields),
}


def idle_settings(target: str, mutation_type: MutationType) -> frozenset[str]:
    """Return the settings that play no part where documents become this resource of the target."""
    idle = IDLE.get(target, frozenset())
    return idle | OF_PARTS if target == JOURNAL and mutation_type is MutationType.SIMPLE else idle
