"""What a person chooses for financial mutations: how far they are split, the ledger accounts, period and status."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from connectors.core import JournalPart
from connectors.maps import NoPair
from flows.catalog.base import FlowSettings, KeySource, TableSpec
from flows.catalog.presets import Preset
from flows.documents.journal_entries import MutationType

JOURNAL = "journal_transactions"  # the writable resource that a mutation becomes
REVENUE, VAT_PER_RATE, PER_CATEGORY, PER_PRODUCT = "ledger_revenue", "ledger_vat", "ledger_category", "ledger_product"
VAT_ID = "vat_id"


class MutationStatus(StrEnum):
    """How an entry arrives."""

    ON_HOLD = "on_hold"
    TO_RELEASE = "to_release"
    RELEASED = "released"


class ClosedPeriod(StrEnum):
    """What happens to an entry whose period is closed."""

    BLOCK = "block"
    NEXT_OPEN = "next_open"


class MutationSettings(FlowSettings):
    """Settings of a flow that may book in the general ledger. An account that is not chosen is ""."""

    mutation_type: MutationType = MutationType.RECOMMENDED
    receivable_account: str = ""
    revenue_account: Preset = Preset(uses_table=True)
    vat_account: Preset = Preset(uses_table=True)
    shipping_account: str = ""
    discount_account: str = ""
    rounding_account: str = ""
    shipping_items: str = ""  # numbers of the products that stand for shipping costs, with commas between
    ledger: str = ""
    mutation_status: MutationStatus = MutationStatus.ON_HOLD
    closed_period: ClosedPeriod = ClosedPeriod.BLOCK
    vat_return: bool = False

    @property
    def shipping_numbers(self) -> frozenset[str]:
        return frozenset(filter(None, (part.strip().casefold() for part in self.shipping_items.split(","))))


ACCOUNT_SETTINGS: Mapping[JournalPart, str] = {
    JournalPart.RECEIVABLE: "receivable_account",
    JournalPart.REVENUE: "revenue_account",
    JournalPart.VAT: "vat_account",
    JournalPart.SHIPPING: "shipping_account",
    JournalPart.DISCOUNT: "discount_account",
    JournalPart.ROUNDING: "rounding_account",
}
LINE_RATE = "vat_code"  # of a line; the other fields that the account of revenue may follow are of the document
REVENUE_SOURCES = (
    KeySource(LINE_RATE, _("VAT rate"), "tax_rates"),
    KeySource("customer.primary_address.country", _("Country of the customer")),
    KeySource("department", _("Department"), "departments"),
)
_REVENUE = TableSpec(
    REVENUE, _("Revenue account per VAT rate, country or department"), "", "accounts", NoPair.DEFAULT,
    preset="revenue_account", sources=REVENUE_SOURCES,
)  # fmt: skip
_VAT = TableSpec(
    VAT_PER_RATE, _("VAT account per VAT rate"), "tax_rates", "accounts", NoPair.DEFAULT, preset="vat_account"
)
_CATEGORY = TableSpec(
    PER_CATEGORY, _("Revenue account per product category"), "product_categories", "accounts", NoPair.DEFAULT
)
_PRODUCT = TableSpec(PER_PRODUCT, _("Revenue account per product"), "", "accounts", NoPair.DEFAULT, is_grown=True)
_VAT_ID = TableSpec(VAT_ID, _("VAT ID in the VAT return"), "tax_rates", "vat_ids")
REVENUE_TABLE = _REVENUE
MUTATION_TABLES = (_REVENUE, _VAT, _CATEGORY, _PRODUCT, _VAT_ID)


def mutation_tables(settings: MutationSettings) -> tuple[TableSpec, ...]:
    """Return the tables that this type of mutation looks into."""
    if settings.mutation_type is MutationType.SIMPLE:
        return ()
    by_product = (_CATEGORY, _PRODUCT) if settings.mutation_type is MutationType.COMPLEX else ()
    return (_REVENUE, _VAT, *by_product, *((_VAT_ID,) if settings.vat_return else ()))


def missing_accounts(settings: MutationSettings) -> tuple[str, ...]:
    """Return the account settings that are not chosen and without which nothing can be booked at all."""
    parts = [JournalPart.RECEIVABLE, JournalPart.REVENUE]
    if settings.mutation_type is not MutationType.SIMPLE:
        parts.append(JournalPart.VAT)
    return tuple(name for part in parts if not chosen_account(settings, name := ACCOUNT_SETTINGS[part]))


def chosen_account(settings: MutationSettings, name: str) -> str:
    """Return the account of a setting, or ""."""
    value = getattr(settings, name)
    return value.filled if isinstance(value, Preset) else str(value)
