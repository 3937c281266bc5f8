"""How a core order becomes a sales order (in v3's names) or a customer invoice, unless an organization says otherwise.

`resolved` is what the flow found out before: the customer's number, our reference, its settings, and for each line
its item.
"""

from __future__ import annotations

from connectors.maps import FieldMap, OnError, ResourceMap, Step
from connectors.visma_net.customer_map import cut


def order_address(target: str, source: str) -> tuple[FieldMap, ...]:
    return (
        FieldMap(target=f"{target}.address.line1", source=f"{source}.line_1", steps=cut(50)),
        FieldMap(target=f"{target}.address.postalCode", source=f"{source}.postal_code", steps=cut(20)),
        FieldMap(target=f"{target}.address.city", source=f"{source}.city", steps=cut(50)),
        FieldMap(target=f"{target}.address.countryId", source=f"{source}.country", steps=(Step(fn="upper"),)),
        FieldMap(target=f"{target}.contact.name", source=f"{source}.addressee", steps=cut(255)),
    )


def invoice_address(target: str, source: str) -> tuple[FieldMap, ...]:
    return (
        FieldMap(target=f"{target}.addressLine1", source=f"{source}.line_1", steps=cut(50)),
        FieldMap(target=f"{target}.postalCode", source=f"{source}.postal_code", steps=cut(20)),
        FieldMap(target=f"{target}.city", source=f"{source}.city", steps=cut(50)),
        FieldMap(target=f"{target}.countryId", source=f"{source}.country", steps=(Step(fn="upper"),)),
    )


def buyer_contact(target: str) -> tuple[FieldMap, ...]:
    """Return the maps of a one-off buyer's own contact, in place of that of the customer they share."""
    return (
        FieldMap(target=f"{target}.name", source="resolved.buyer.name", steps=cut(255)),
        FieldMap(target=f"{target}.email", source="resolved.buyer.email", steps=cut(255)),
    )


ORDER_MAP = ResourceMap(
    fields=(
        FieldMap(target="type", source="resolved.order_type"),
        FieldMap(target="status", expression="resolved.hold && 'Hold' || `null`"),
        FieldMap(target="customer.id", source="resolved.customer_id", required=True),
        FieldMap(target="customer.refNo", source="resolved.reference", required=True),
        FieldMap(target="customer.locationId", source="resolved.location_id"),
        FieldMap(target="customer.order", source="purchase_order_number", steps=cut(40)),
        FieldMap(target="customer.termsId", source="payment_term", table="credit_terms"),
        FieldMap(target="date", source="order_date"),
        FieldMap(target="currencyId", source="currency"),
        FieldMap(target="description", source="title", steps=cut(255)),
        FieldMap(target="note", expression="resolved.note || note", steps=cut(2048)),
        FieldMap(target="salesPersonId", source="resolved.keys.sales_person", table="sales_person"),
        FieldMap(target="projectId", source="resolved.keys.project", table="project"),
        FieldMap(target="taxZoneId", source="resolved.vat_zone"),
        FieldMap(
            target="paymentSettings.paymentMethodId", source="resolved.keys.payment_method", table="payment_method"
        ),
        FieldMap(target="branchId", source="department", table="branch", on_error=OnError.EMPTY),
        FieldMap(target="shipping.preferredWarehouseId", source="resolved.keys.warehouse", table="warehouse"),
        FieldMap(target="shipping.shipViaId", source="resolved.keys.ship_via", table="ship_via"),
        FieldMap(target="shipping.termsId", source="resolved.keys.shipping_terms", table="shipping_terms"),
        *order_address("shipping", "delivery_address"),
        *order_address("billing", "invoice_address"),
        FieldMap(target="billing.contact.email", source="resolved.buyer.email", steps=cut(255)),
    ),
    lists={
        "orderLines": (
            FieldMap(target="inventoryId", source="resolved.item", required=True),
            FieldMap(target="description", source="text", steps=cut(256)),
            FieldMap(target="note", source="extended_text", steps=cut(2048)),
            FieldMap(target="quantity", source="quantity", required=True),
            FieldMap(target="unitOfMeasure", source="unit", table="unit", on_error=OnError.EMPTY),
            FieldMap(target="unitPrice", source="unit_price", required=True),
            FieldMap(target="hasManualPrice", constant=True),
            FieldMap(target="discountPercent", source="resolved.discount_percent"),
            FieldMap(target="discountAmount", source="resolved.discount_amount"),
            FieldMap(target="hasManualDiscount", constant=True),
            FieldMap(target="salesAccountId", source="order.resolved.keys.account", table="account"),
            FieldMap(target="subaccount", source="order.resolved.keys.subaccount", table="subaccount"),
            FieldMap(target="taxCategoryId", source="vat_code", table="vat"),
        ),
    },
)

INVOICE_MAP = ResourceMap(
    fields=(
        FieldMap(target="customerNumber", source="resolved.customer_id", required=True),
        FieldMap(target="hold", source="resolved.hold"),
        FieldMap(target="customerRefNumber", source="resolved.reference", required=True),
        FieldMap(target="externalReference", source="resolved.reference", required=True),
        FieldMap(target="documentDate", source="order_date", required=True),
        FieldMap(target="currencyId", source="currency"),
        FieldMap(target="creditTermsId", source="payment_term", table="credit_terms"),
        FieldMap(target="invoiceText", expression="title || number", steps=cut(255)),
        FieldMap(target="note", expression="resolved.note || note", steps=cut(2048)),
        FieldMap(target="exchangeRate", source="resolved.exchange_rate"),
        FieldMap(target="salesperson", source="resolved.keys.sales_person", table="sales_person"),
        FieldMap(target="project", source="resolved.keys.project", table="project"),
        FieldMap(target="customerVatZoneId", source="resolved.vat_zone"),
        FieldMap(target="paymentMethodId", source="resolved.keys.payment_method", table="payment_method"),
        FieldMap(target="branchNumber", source="department", table="branch", on_error=OnError.EMPTY),
        *invoice_address("billingAddress", "invoice_address"),
        *buyer_contact("invoiceContact"),
    ),
    lists={
        "invoiceLines": (
            FieldMap(target="inventoryNumber", source="resolved.item"),
            FieldMap(target="description", source="text", steps=cut(256)),
            FieldMap(target="note", source="extended_text", steps=cut(2048)),
            FieldMap(target="quantity", source="quantity", required=True),
            FieldMap(target="uom", source="unit", table="unit", on_error=OnError.EMPTY),
            FieldMap(target="unitPriceInCurrency", source="unit_price", required=True),
            FieldMap(target="discountPercent", source="resolved.discount_percent"),
            FieldMap(target="discountAmountInCurrency", source="resolved.discount_amount"),
            FieldMap(target="manualDiscount", constant=True),
            FieldMap(target="accountNumber", source="order.resolved.keys.account", table="account"),
            FieldMap(target="subaccount", source="order.resolved.keys.subaccount", table="subaccount"),
            FieldMap(target="vatCodeId", source="vat_code", table="vat"),
        ),
    },
)
