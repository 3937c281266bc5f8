"""How invoices and credit notes, and orders that are paid at once, become customer documents to begin with."""

from __future__ import annotations

from connectors.maps import FieldMap, OnError, ResourceMap
from connectors.visma_net.customer_map import cut
from connectors.visma_net.order_map import INVOICE_MAP, buyer_contact, invoice_address

LINE_FIELDS = INVOICE_MAP.lists["invoiceLines"]  # all customer documents call them the same

_HEAD = (
    FieldMap(target="customerNumber", source="resolved.customer_id", required=True),
    FieldMap(target="hold", source="resolved.hold"),
    FieldMap(target="referenceNumber", source="resolved.document_number"),
    FieldMap(target="currencyId", source="currency"),
    FieldMap(target="note", expression="resolved.note || note", steps=cut(2048)),
    FieldMap(target="branchNumber", source="department", table="branch", on_error=OnError.EMPTY),
)
_RELEASE = FieldMap(target="release", source="resolved.release")
_FOUND_BY = (
    FieldMap(target="customerRefNumber", source="resolved.reference", required=True),
    FieldMap(target="externalReference", source="resolved.reference", required=True),
)
_PAID_AT_ONCE = (
    FieldMap(target="paymentReference", source="resolved.reference", required=True),
    FieldMap(target="paymentMethodId", source="resolved.payment_method", required=True),
    FieldMap(target="cashAccount", source="resolved.cash_account", required=True),
)
_DATED = (
    FieldMap(target="documentDate", source="document_date", required=True),
    FieldMap(target="invoiceText", source="number", steps=cut(255)),
)

SALE_MAP = ResourceMap(
    fields=(
        *_HEAD,
        *_FOUND_BY,
        *_DATED,
        _RELEASE,
        FieldMap(target="documentDueDate", source="due_on"),
        FieldMap(target="exchangeRate", source="resolved.exchange_rate"),
        FieldMap(target="salesperson", source="resolved.keys.sales_person", table="sales_person"),
        FieldMap(target="project", source="resolved.keys.project", table="project"),
        FieldMap(target="customerVatZoneId", source="resolved.vat_zone"),
        FieldMap(target="paymentMethodId", source="resolved.keys.payment_method", table="payment_method"),
        FieldMap(target="creditTermsId", source="payment_term", table="credit_terms"),
        FieldMap(target="paymentReference", source="payment_reference", steps=cut(40)),
        *invoice_address("billingAddress", "invoice_address"),
        *buyer_contact("invoiceContact"),
    ),
    lists={"invoiceLines": LINE_FIELDS},
)
CREDIT_NOTE_MAP = ResourceMap(
    fields=(
        *_HEAD,
        *_FOUND_BY,
        *_DATED,
        _RELEASE,
        FieldMap(target="appliesTo.number", source="resolved.applies_to"),
        FieldMap(target="appliesTo.amount", source="totals.including"),
        *invoice_address("invoiceAddress", "invoice_address"),
    ),
    lists={"lines": LINE_FIELDS},
)
CASH_SALE_MAP = ResourceMap(fields=(*_HEAD, *_PAID_AT_ONCE, *_DATED), lists={"cashSaleLines": LINE_FIELDS})
CASH_ORDER_MAP = ResourceMap(
    fields=(
        *_HEAD,
        *_PAID_AT_ONCE,
        FieldMap(target="documentDate", source="order_date", required=True),
        FieldMap(target="invoiceText", expression="title || number", steps=cut(255)),
    ),
    lists={"cashSaleLines": LINE_FIELDS},
)
