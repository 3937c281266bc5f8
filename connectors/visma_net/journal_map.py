"""How a financial mutation becomes a journal transaction, unless an organization says otherwise.

`resolved` is what the flow composed before: the head of the entry and, on a line, its account, side and amount.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldType
from connectors.maps import FieldMap, OnError, ResourceMap
from connectors.visma_net.customer_map import cut
from connectors.visma_net.fields import field

LINES = "journalTransactionLines"
ENTRY = _("Journal entry")
LINE = _("Lines")

JOURNAL_MAP = ResourceMap(
    fields=(
        FieldMap(target="description", source="resolved.description", required=True),
        FieldMap(target="transactionDate", source="resolved.date", required=True),
        FieldMap(target="financialPeriod", source="resolved.period"),
        FieldMap(target="currencyId", source="currency"),
        FieldMap(target="controlTotalInCurrency", source="resolved.total"),
        FieldMap(target="branch", source="department", table="branch", on_error=OnError.EMPTY),
        FieldMap(target="ledger", source="resolved.ledger"),
        FieldMap(target="hold", source="resolved.hold"),
        FieldMap(target="release", source="resolved.release"),
        FieldMap(target="createVatTransaction", source="resolved.vat_return"),
        FieldMap(target="skipVatAmountValidation", source="resolved.vat_return"),
    ),
    lists={
        LINES: (
            FieldMap(target="accountNumber", source="resolved.account", required=True),
            FieldMap(target="subaccount", source="resolved.subaccount"),
            FieldMap(target="debitAmountInCurrency", source="resolved.debit"),
            FieldMap(target="creditAmountInCurrency", source="resolved.credit"),
            FieldMap(target="transactionDescription", source="resolved.text", steps=cut(255)),
            FieldMap(target="referenceNumber", source="order.resolved.reference"),
            FieldMap(target="vatCodeId", source="resolved.vat_code", table="vat"),
            FieldMap(target="vatId", source="resolved.vat_id"),
        ),
    },
)

JOURNAL_FIELDS = (
    field("description", _("Description"), ENTRY, length=255, is_required=True),
    field("transactionDate", _("Date"), ENTRY, type=FieldType.DATE, is_required=True),
    field("financialPeriod", _("Period"), ENTRY, length=6),
    field("currencyId", _("Currency"), ENTRY, list_name="currencies", length=5),
    field("exchangeRate", _("Exchange rate"), ENTRY, type=FieldType.NUMBER),
    field("controlTotalInCurrency", _("Control total"), ENTRY, type=FieldType.MONEY),
    field("branch", _("Branch"), ENTRY, list_name="branches", length=30),
    field("ledger", _("Ledger"), ENTRY, list_name="ledgers", length=10),
    field("transactionCode", _("Transaction code"), ENTRY, length=15),
    field("hold", _("On hold"), ENTRY, type=FieldType.BOOLEAN),
    field("release", _("Release at once"), ENTRY, type=FieldType.BOOLEAN),
    field("createVatTransaction", _("Report in the VAT return"), ENTRY, type=FieldType.BOOLEAN),
    field("skipVatAmountValidation", _("Keep our VAT amounts"), ENTRY, type=FieldType.BOOLEAN),
    field(f"{LINES}.accountNumber", _("Ledger account"), LINE, list_name="accounts", length=10, is_required=True),
    field(f"{LINES}.subaccount", _("Subaccount"), LINE, list_name="subaccounts", length=30),
    field(f"{LINES}.debitAmountInCurrency", _("Debit"), LINE, type=FieldType.MONEY),
    field(f"{LINES}.creditAmountInCurrency", _("Credit"), LINE, type=FieldType.MONEY),
    field(f"{LINES}.transactionDescription", _("Text"), LINE, length=255),
    field(f"{LINES}.referenceNumber", _("Reference"), LINE, length=15),
    field(f"{LINES}.vatCodeId", _("VAT category"), LINE, list_name="vat_categories", length=10),
    field(f"{LINES}.vatId", _("VAT ID"), LINE, list_name="vat_ids", length=30),
    field(f"{LINES}.branch", _("Branch"), LINE, list_name="branches", length=30),
    field(f"{LINES}.project", _("Project"), LINE, list_name="projects", length=30),
    field(f"{LINES}.projectTask", _("Project task"), LINE, length=30),
    field(f"{LINES}.uom", _("Unit"), LINE, list_name="units", length=6),
    field(f"{LINES}.quantity", _("Quantity"), LINE, type=FieldType.NUMBER),
    field(f"{LINES}.note", _("Note"), LINE, length=2048),
)
