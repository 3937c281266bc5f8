"""Spreadsheets: files that people upload and download, in place of a system. No network, no sign-in, no limit of calls.

It touches no database: rows come from and go to the `Store` it is handed.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from connectors.base import (
    AccountInfo,
    AuthKind,
    AuthSpec,
    CheckResult,
    Connector,
    Finding,
    FormField,
    Option,
    RateLimit,
)
from connectors.files import Side
from connectors.spreadsheet.columns import KINDS
from connectors.spreadsheet.format import SpreadsheetFormat
from connectors.spreadsheet.sources import CustomerSheet, OrderSheet, ProductSheet
from connectors.spreadsheet.targets import SYSTEM, CustomerRows, OrderRows, ProductRows

# Standard and reduced rates of VAT in Europe, for a sheet that flows write: a column "VAT" holds percentages.
PERCENTAGES = (
    "0", "2.1", "4", "5", "5.5", "6", "7", "8", "9", "10", "12", "13", "13.5", "14", "15", "16", "17", "18", "19",
    "20", "21", "22", "23", "24", "25", "25.5", "26", "27",
)  # fmt: skip
VAT_LISTS = {
    "vat_categories": "products",
    "tax_rates": "orders",
}  # each name of the list: the sheet that has the values
LISTS = {
    "units": ("products", "unit"),
    "units_of_measure": ("orders", "unit"),
    "item_classes": ("products", "category"),
    "sales_categories": ("products", "category"),
}


class Spreadsheet(Connector):
    """The sheets of one connection. Settings: "currency" of amounts that name none."""

    key = "spreadsheet"
    title = SYSTEM
    auth = AuthSpec(kind=AuthKind.NONE)
    hosts = {}
    rate_limit = RateLimit(None, 60, concurrency=1)
    form = (
        FormField(
            "currency",
            _("Currency"),
            _("Three letters, such as EUR: the currency of amounts whose row names none."),
            is_required=False,
            pattern="[A-Z]{3}",
        ),
    )
    files = SpreadsheetFormat()
    sources = {source.kind: source for source in (ProductSheet, CustomerSheet, OrderSheet)}
    targets = {target.kind: target for target in (ProductRows, CustomerRows, OrderRows)}
    option_lists = (*VAT_LISTS, *LISTS)

    def account(self) -> AccountInfo:
        assert self.store is not None
        return AccountInfo(id=str(self.store.id), name="", currency=str(self.settings.get("currency") or ""))

    def check(self) -> list[CheckResult]:
        """There is nobody to ask: each sheet that is there says how many records it holds."""
        assert self.store is not None
        sheets = [self.store.facts(kind, side) for kind in KINDS for side in Side]
        return [CheckResult(one.name or SYSTEM, Finding.OK) for one in sheets if one is not None]

    def options(self, name: str) -> list[Option]:
        assert self.store is not None
        if name in VAT_LISTS:
            facts = self.store.facts(VAT_LISTS[name], Side.UPLOADED)
            return [_rate(code) for code in (facts.values.get("vat", ()) if facts else PERCENTAGES)]
        kind, column = LISTS[name]
        facts = self.store.facts(kind, Side.UPLOADED)
        return [Option(value, value) for value in (facts.values.get(column, ()) if facts else ())]


def _rate(code: str) -> Option:
    is_rate = code.replace(".", "", 1).isdecimal()
    return Option(code, f"{code} %" if is_rate else code, rate=Decimal(code) / 100 if is_rate else None)
