"""Customer credit notes, applied to the invoice they credit where that can be: it must be released and still open."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, Text, Written
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.visma_net.cash_sales import CashSales
from connectors.visma_net.document_map import CREDIT_NOTE_MAP
from connectors.visma_net.documents import CustomerDocuments
from connectors.visma_net.fields_documents import CREDIT_NOTE_FIELDS
from connectors.visma_net.invoices import CustomerInvoices
from connectors.visma_net.read_values import read_decimal, read_text
from connectors.visma_net.wrap import INSERT

OPEN = "Open"
APPLIES_TO = "appliesTo"


class CreditNotes(CustomerDocuments):
    """Credit notes; "appliesTo" in a payload names the invoice, by the number it has here, and the most to apply."""

    kind: ClassVar[str] = "credit_notes"
    title: ClassVar[Text] = _("Customer credit notes")
    natural_key: ClassVar[str] = "customerRefNumber"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = CREDIT_NOTE_FIELDS
    default_map: ClassVar[ResourceMap] = CREDIT_NOTE_MAP
    create_path = "/v2/customerCreditNote"
    read_path = "/v1/customerCreditNote"
    lines = "lines"

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        applied, told = self._application(payload.get(APPLIES_TO) or {})
        rest = {name: value for name, value in payload.items() if name != APPLIES_TO}
        written = super().create(rest | applied, reference=reference)
        return replace(written, answer={**(written.answer or {}), "application": told}) if told else written

    def _application(self, asked: JSONDict) -> tuple[JSONDict, str]:
        """Return the line that applies it to its invoice, and what the log says about that. Raises RetryableError.

        An application to an invoice that is on hold or settled would be refused, and the credit note with it.
        """
        number, most = read_text(asked.get("number")), read_decimal(asked.get("amount"))
        if not number or not most or number.startswith(CashSales.id_prefix):  # a cash sale is settled
            return {}, ""
        invoice = self.connector.target(CustomerInvoices.kind)
        assert isinstance(invoice, CustomerInvoices)
        row = invoice.find_document(number) or {}
        status, balance = read_text(row.get("status")), read_decimal(row.get("balanceInCurrency")) or Decimal(0)
        amount = min(most, balance)
        if status != OPEN or amount <= 0:
            return {}, f"not applied: invoice {number} is {status or 'gone'}, balance {balance}"
        line = {"operation": INSERT, "documentType": "Invoice", "refNbr": number, "amountPaid": amount}
        return {"applicationLines": [line]}, f"applied to invoice {number}: {amount}"
