"""The fields of sales orders (in the names of v3) and customer invoices as the mapping page shows them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, FieldType, Text
from connectors.visma_net.fields import address_fields, field

ORDER = _("Order")
INVOICE = _("Invoice")
CUSTOMER = _("Customer")
SHIPPING = _("Shipping")
LINES = _("Lines")
BILLING_ADDRESS = _("Billing address")
DELIVERY_ADDRESS = _("Delivery address")


def _place(target: str, group: Text) -> tuple[FieldInfo, ...]:
    return (
        field(f"{target}.address.line1", _("Address line 1"), group, length=50),
        field(f"{target}.address.line2", _("Address line 2"), group, length=50),
        field(f"{target}.address.line3", _("Address line 3"), group, length=50),
        field(f"{target}.address.postalCode", _("Postal code"), group, length=20),
        field(f"{target}.address.city", _("City"), group, length=50),
        field(f"{target}.address.countryId", _("Country"), group, length=2),
        field(f"{target}.contact.name", _("Name"), group, length=255),
        field(f"{target}.contact.attention", _("Attention"), group, length=255),
        field(f"{target}.contact.email", _("E-mail"), group, length=255),
        field(f"{target}.contact.phone1", _("Phone"), group, length=50),
    )


ORDER_FIELDS = (
    field("type", _("Order type"), ORDER, list_name="sales_order_types", length=2),
    field("status", _("Status"), ORDER, options=("Open", "Hold")),
    field("date", _("Date"), ORDER, type=FieldType.DATE),
    field("requestOn", _("Requested on"), ORDER, type=FieldType.DATE),
    field("cancelBy", _("Cancel by"), ORDER, type=FieldType.DATE),
    field("currencyId", _("Currency"), ORDER, list_name="currencies", length=5),
    field("description", _("Description"), ORDER, length=255),
    field("note", _("Note"), ORDER, length=2048),
    field("branchId", _("Branch"), ORDER, list_name="branches", length=30),
    field("salesPersonId", _("Sales person"), ORDER, list_name="sales_persons", length=15),
    field("projectId", _("Project"), ORDER, list_name="projects", length=30),
    field("taxZoneId", _("VAT zone"), ORDER, list_name="vat_zones"),
    field("paymentSettings.paymentMethodId", _("Payment method"), ORDER, list_name="payment_methods"),
    field("paymentSettings.cashAccountId", _("Cash account"), ORDER, length=10),
    field("customer.id", _("Customer number"), CUSTOMER, is_required=True),
    field("customer.refNo", _("External reference"), CUSTOMER, length=40, is_required=True),
    field("customer.order", _("Customer's order number"), CUSTOMER, length=40),
    field("customer.contactId", _("Contact"), CUSTOMER, type=FieldType.NUMBER),
    field("customer.locationId", _("Location"), CUSTOMER),
    field("customer.termsId", _("Payment terms"), CUSTOMER, list_name="credit_terms"),
    field("shipping.preferredWarehouseId", _("Warehouse"), SHIPPING, list_name="warehouses", length=30),
    field("shipping.shipViaId", _("Ship via"), SHIPPING, list_name="carriers", length=15),
    field("shipping.termsId", _("Shipping terms"), SHIPPING, length=15),
    field("shipping.scheduledDate", _("Scheduled date"), SHIPPING, type=FieldType.DATE),
    *_place("shipping", DELIVERY_ADDRESS),
    *_place("billing", BILLING_ADDRESS),
    field("orderLines.inventoryId", _("Item"), LINES, is_required=True),
    field("orderLines.description", _("Text"), LINES, length=256),
    field("orderLines.note", _("Note"), LINES, length=2048),
    field("orderLines.quantity", _("Quantity"), LINES, type=FieldType.NUMBER, is_required=True),
    field("orderLines.unitOfMeasure", _("Unit"), LINES, list_name="units", length=6),
    field("orderLines.unitPrice", _("Unit price"), LINES, type=FieldType.MONEY),
    field("orderLines.hasManualPrice", _("Keep our price"), LINES, type=FieldType.BOOLEAN),
    field("orderLines.discountPercent", _("Discount in percent"), LINES, type=FieldType.NUMBER),
    field("orderLines.discountAmount", _("Discount amount"), LINES, type=FieldType.MONEY),
    field("orderLines.hasManualDiscount", _("Keep our discount"), LINES, type=FieldType.BOOLEAN),
    field("orderLines.taxCategoryId", _("VAT category"), LINES, list_name="vat_categories", length=10),
    field("orderLines.warehouseId", _("Warehouse"), LINES, list_name="warehouses"),
    field("orderLines.salesAccountId", _("Sales account"), LINES, list_name="accounts", length=10),
    field("orderLines.subaccount", _("Subaccount"), LINES, list_name="subaccounts", length=30),
    field("orderLines.externalLink", _("External link"), LINES, length=255),
    field("orderLines.branchId", _("Branch"), LINES, list_name="branches", length=30),
    field("orderLines.projectTaskId", _("Project task"), LINES, length=30),
)

INVOICE_FIELDS = (
    field("customerNumber", _("Customer number"), CUSTOMER, is_required=True),
    field("customerRefNumber", _("External reference"), INVOICE, length=40, is_required=True),
    field("externalReference", _("External reference, second field"), INVOICE, length=40, is_required=True),
    field("paymentReference", _("Payment reference"), INVOICE, length=40),
    field("referenceNumber", _("Invoice number"), INVOICE, length=15),
    field("documentDate", _("Date"), INVOICE, type=FieldType.DATE, is_required=True),
    field("documentDueDate", _("Due date"), INVOICE, type=FieldType.DATE),
    field("financialPeriod", _("Period"), INVOICE, length=6),
    field("hold", _("On hold"), INVOICE, type=FieldType.BOOLEAN),
    field("release", _("Release it afterwards"), INVOICE, type=FieldType.BOOLEAN),
    field("exchangeRate", _("Exchange rate"), INVOICE, type=FieldType.NUMBER),
    field("overrideNumberSeries", _("Number of our own"), INVOICE, type=FieldType.BOOLEAN),
    field("invoiceText", _("Invoice text"), INVOICE, length=255),
    field("note", _("Note"), INVOICE, length=2048),
    field("currencyId", _("Currency"), INVOICE, list_name="currencies", length=5),
    field("creditTermsId", _("Payment terms"), INVOICE, list_name="credit_terms"),
    field("paymentMethodId", _("Payment method"), INVOICE, list_name="payment_methods"),
    field("cashAccount", _("Cash account"), INVOICE, list_name="cash_accounts", length=10),
    field("branchNumber", _("Branch"), INVOICE, list_name="branches", length=30),
    field("customerVatZoneId", _("VAT zone"), INVOICE, list_name="vat_zones"),
    field("locationId", _("Location"), CUSTOMER),
    field("salesperson", _("Sales person"), INVOICE, list_name="sales_persons", length=15),
    field("project", _("Project"), INVOICE, list_name="projects", length=30),
    field("exchangeRate", _("Exchange rate"), INVOICE, type=FieldType.NUMBER),
    field("sendToAutoInvoice", _("Send as electronic invoice"), INVOICE, type=FieldType.BOOLEAN),
    field("dontPrint", _("Do not print"), INVOICE, type=FieldType.BOOLEAN),
    field("dontEmail", _("Do not e-mail"), INVOICE, type=FieldType.BOOLEAN),
    *address_fields("billingAddress", BILLING_ADDRESS),
    field("invoiceContact.name", _("Name"), BILLING_ADDRESS, length=255),
    field("invoiceContact.attention", _("Attention"), BILLING_ADDRESS, length=255),
    field("invoiceContact.email", _("E-mail"), BILLING_ADDRESS, length=255),
    field("invoiceLines.inventoryNumber", _("Item"), LINES),
    field("invoiceLines.description", _("Text"), LINES, length=256),
    field("invoiceLines.note", _("Note"), LINES, length=2048),
    field("invoiceLines.quantity", _("Quantity"), LINES, type=FieldType.NUMBER, is_required=True),
    field("invoiceLines.uom", _("Unit"), LINES, list_name="units", length=6),
    field("invoiceLines.unitPriceInCurrency", _("Unit price"), LINES, type=FieldType.MONEY),
    field("invoiceLines.discountPercent", _("Discount in percent"), LINES, type=FieldType.NUMBER),
    field("invoiceLines.discountAmountInCurrency", _("Discount amount"), LINES, type=FieldType.MONEY),
    field("invoiceLines.manualDiscount", _("Keep our discount"), LINES, type=FieldType.BOOLEAN),
    field("invoiceLines.vatCodeId", _("VAT category"), LINES, list_name="vat_categories", length=10),
    field("invoiceLines.accountNumber", _("Sales account"), LINES, list_name="accounts", length=10),
    field("invoiceLines.subaccount", _("Subaccount"), LINES, list_name="subaccounts", length=30),
    field("invoiceLines.branchNumber", _("Branch"), LINES, list_name="branches", length=30),
    field("invoiceLines.salesperson", _("Sales person"), LINES, list_name="sales_persons", length=15),
)
