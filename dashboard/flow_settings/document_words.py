"""How the settings of sales documents are called and asked for. Where an API cannot do a thing, it is said here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import Asking, Text

DOCUMENT_SETTINGS: dict[str, Text] = {
    "branch": _("Branch"),
    "warehouse": _("Warehouse"),
    "sales_person": _("Sales person"),
    "project": _("Project"),
    "line_account": _("Sales account of lines"),
    "line_subaccount": _("Subaccount of lines"),
    "document_note": _("Fixed text in the note"),
    "default_customer": _("Default customer"),
    "vat_zone": _("VAT zone of customers"),
    "vat_zone_on_document": _("VAT zone on the order itself"),
    "vat_category": _("VAT category of lines"),
    "vat_exceptions": _("Another VAT category for some customers"),
    "default_credit_terms": _("Payment terms"),
    "document_payment_method": _("Payment method"),
    "sends_exchange_rate": _("Send the exchange rate"),
    "unit": _("Unit of lines"),
    "ship_via": _("Shipping method"),
    "shipping_terms": _("Shipping terms"),
    "delivers_to_customer": _("Send the delivery address"),
    "shipping_items": _("Products that are shipping costs"),
    "shipping_words": _("Words that mark shipping costs"),
    "shipping_field": _("Custom field with the shipping costs"),
    "shipping_item": _("Item for shipping costs"),
    "shipping_text": _("Text of the shipping line"),
    "shipping_vat": _("VAT category of shipping costs"),
    "discounts": _("Discounts on the whole order become"),
    "discount_item": _("Item for discounts"),
    "discount_text": _("Text of the discount line"),
}
DOCUMENT_ASKINGS: dict[str, Asking] = {
    "branch": Asking("booking", _("The branch that an order belongs to."), list_name="branches"),
    "warehouse": Asking("booking", _("Where the lines of an order are taken from."), list_name="warehouses"),
    "sales_person": Asking(
        "booking",
        _(
            "A value table turns the person responsible for the deal into the sales person of Visma.net. Invoices of "
            "Teamleader name no person: they go by department or by the value here."
        ),
        list_name="sales_persons",
    ),
    "project": Asking(
        "booking",
        _(
            "Active projects of Visma.net; without its project module the code is typed. Sales orders of the older "
            "version (v2) cannot take one, and wait."
        ),
        list_name="projects",
    ),
    "line_account": Asking(
        "booking",
        _(
            "The revenue account, for example per country. Off, it follows from the item and the customer. Sales "
            "orders of the older version (v2) have no field for it and keep the account of the item."
        ),
        list_name="accounts",
    ),
    "line_subaccount": Asking(
        "booking",
        _(
            "The subaccount of revenue, for example per country or department. Off, it follows from item, customer and "
            "branch. In a journal entry, revenue, shipping and discount get it."
        ),
        list_name="subaccounts",
    ),
    "document_note": Asking("booking", _("Stands below the note of the deal on every order and invoice.")),
    "vat_zone": Asking(
        "vat",
        _(
            "What a new customer gets, by its country and by what it is for VAT: your own country, elsewhere in the EU "
            "with or without VAT number, outside the EU."
        ),
        list_name="vat_zones",
    ),
    "vat_zone_on_document": Asking(
        "vat",
        _(
            "Off: an order is taxed by the zone of the customer in Visma.net. On: by the zone in the value table, "
            "which matters when one customer stands for many buyers."
        ),
    ),
    "vat_category": Asking(
        "vat",
        _("What the VAT rate of a line becomes. The value stands in for lines without a rate."),
        list_name="vat_categories",
    ),
    "vat_exceptions": Asking(
        "vat",
        _(
            "For reverse charge, export and OSS where another category is needed than that of the rate: a value table "
            "names it per country and kind of customer, and per VAT rate where that matters."
        ),
    ),
    "default_credit_terms": Asking(
        "payment",
        _("What the payment terms of a customer become. Off and without a pair, the customer class decides."),
        list_name="credit_terms",
    ),
    "document_payment_method": Asking(
        "payment", _("Off, the payment method of the customer in Visma.net is used."), list_name="payment_methods"
    ),
    "sends_exchange_rate": Asking(
        "payment",
        _(
            "For documents in another currency. Invoices take the rate of Teamleader; sales orders have no field for "
            "it, there Visma.net uses its own rate of the day. A currency that Visma.net does not have holds the order "
            "back."
        ),
    ),
    "missing_product": Asking("lines", _("For a line whose product is not in the other system.")),
    "fallback_item": Asking("lines", _("Only if another item is used for products that are missing."), is_item=True),
    "text_line_item": Asking(
        "lines",
        _("Lines without a product travel under this item. Without one such documents wait."),
        is_item=True,
    ),
    "unit": Asking(
        "lines",
        _("What the unit of a line becomes. Without a value the item's own sales unit is used."),
        list_name="units",
    ),
    "ship_via": Asking("shipping", _("How the order is shipped. Invoices have no field for it."), list_name="carriers"),
    "shipping_terms": Asking(
        "shipping",
        _("The code of the terms. Visma.net has no list of them in its API, so the codes are typed."),
    ),
    "delivers_to_customer": Asking(
        "shipping",
        _(
            "On: the delivery address of the customer in Teamleader stands on the order in place of Visma.net's own. "
            "A deal has no delivery address of its own."
        ),
    ),
    "shipping_items": Asking(
        "shipping", _("Numbers of the products that stand for shipping costs, with commas between. May stay empty.")
    ),
    "shipping_words": Asking(
        "shipping", _("A line with one of these words in its text is shipping; put commas between them.")
    ),
    "shipping_field": Asking(
        "shipping",
        _("A field of the deal with an amount excluding VAT: it becomes a line at the end of the order."),
        source_list="custom_fields:deal",
        empty=_("none"),
    ),
    "shipping_item": Asking(
        "shipping", _("Lines with shipping costs travel under this item. Empty: under their own."), is_item=True
    ),
    "shipping_text": Asking("shipping", _("For the line from the custom field. Empty: the number of the item.")),
    "shipping_vat": Asking(
        "shipping",
        _("Empty: as the line says; for the custom field, as the line of most value."),
        list_name="vat_categories",
        empty=_("as the line says"),
    ),
    "discounts": Asking(
        "discounts",
        _(
            "The totals stay the same to the cent either way. A line of its own needs an item for it, and is there "
            "once per VAT rate."
        ),
    ),
    "discount_item": Asking("discounts", _("The item that a line with a discount travels under."), is_item=True),
    "discount_text": Asking("discounts", _("What stands on that line. Empty: the number of the item.")),
}
