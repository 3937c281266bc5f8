"""The fields of credit notes and cash sales: those of an invoice that they share, and their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, FieldType
from connectors.visma_net.fields import field
from connectors.visma_net.fields_orders import INVOICE, INVOICE_FIELDS

# What these documents do not have, or call otherwise.
NOT_ON_CREDIT_NOTES = frozenset({"paymentReference", "documentDueDate", "creditTermsId", "paymentMethodId", "release"})
ON_CASH_SALES = frozenset(
    {
        "customerNumber", "paymentReference", "referenceNumber", "documentDate", "financialPeriod", "hold",
        "invoiceText", "note", "paymentMethodId", "cashAccount", "branchNumber", "locationId", "salesperson",
        "dontPrint", "dontEmail",
    }
)  # fmt: skip
REQUIRED_ON_CASH_SALES = frozenset({"paymentReference", "paymentMethodId", "cashAccount"})
APPLICATION = _("The invoice it credits")


def _lines(name: str) -> Iterator[FieldInfo]:
    for info in INVOICE_FIELDS:
        if info.path.startswith("invoiceLines."):
            yield replace(info, path=f"{name}.{info.path.removeprefix('invoiceLines.')}")


def _of_credit_notes() -> Iterator[FieldInfo]:
    for info in INVOICE_FIELDS:
        if info.path.startswith("billingAddress."):
            yield replace(info, path=info.path.replace("billingAddress", "invoiceAddress"))
        elif not info.path.startswith("invoiceLines.") and info.path not in NOT_ON_CREDIT_NOTES:
            yield info


def _of_cash_sales() -> Iterator[FieldInfo]:
    for info in INVOICE_FIELDS:
        if info.path in ON_CASH_SALES:
            yield replace(info, is_required=info.is_required or info.path in REQUIRED_ON_CASH_SALES)


RELEASE = next(info for info in INVOICE_FIELDS if info.path == "release")
CREDIT_NOTE_FIELDS = (
    *_of_credit_notes(),
    RELEASE,
    field("appliesTo.number", _("Number of the invoice"), APPLICATION, length=15),
    field("appliesTo.amount", _("At most this amount"), APPLICATION, type=FieldType.MONEY),
    *_lines("lines"),
)
CASH_SALE_FIELDS = (
    *_of_cash_sales(),
    field("currencyId", _("Currency, as that of the cash account"), INVOICE, list_name="currencies"),
    *_lines("cashSaleLines"),
)
