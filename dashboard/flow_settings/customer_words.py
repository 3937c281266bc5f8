"""How the settings of customers are asked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import Asking

CUSTOMER_ASKINGS: dict[str, Asking] = {
    "update_customers": Asking("customer", _("Off: customers that exist already are found and then left alone.")),
    "ladder": Asking(
        "customer",
        _("The first that finds one decides. A customer that none of them finds is made."),
        ranked=("vat_number", "registration_number", "email", "name_postcode"),
    ),
    "send_contacts": Asking(
        "customer", _("All people of a company become contacts of the customer, each once, and follow every change.")
    ),
    "send_locations": Asking(
        "customer", _("Delivery addresses beyond the first become locations of the customer, for orders to choose.")
    ),
    "default_customer": Asking(
        "customer",
        _(
            "The number of the customer for documents that name none. "
            "Used always, all sales are booked on this one customer."
        ),
        is_customer=True,
    ),
    "customer_class": Asking(
        "customer",
        _("Which class a new customer gets: by company or person, or by country, tag or a field of your own."),
        list_name="customer_classes",
    ),
    "customer_number_field": Asking(
        "customer",
        _("Where you give the numbers yourself: the field of a company that holds it. A number must still be free."),
        source_list="custom_fields:company",
        empty=_("its own number series"),
    ),
    "send_e_invoice_id": Asking(
        "customer", _("The address for electronic invoices of a company becomes the Peppol id of its main location.")
    ),
    "inactive_customers": Asking(
        "customer",
        _(
            "Deactivated customers that were never sent are not made, whatever you choose here. A hold that was set "
            "from here ends when the customer is active again, unless somebody changed it there."
        ),
    ),
    "collective_customer": Asking(
        "customer",
        _(
            "The number of one customer that private persons without a VAT number share. Their name and address stand "
            "on the order instead."
        ),
        empty=_("every buyer gets a customer of their own"),
        is_customer=True,
    ),
    "collective_tag": Asking(
        "customer", _("Only persons with this tag share it. Empty: all of them."), empty=_("all persons")
    ),
    "collective_countries": Asking(
        "customer", _("Only persons of these countries share it, such as BE, NL."), empty=_("all countries")
    ),
    "customer_price_class": Asking("customer", _("Which price class a new customer gets."), list_name="price_classes"),
    "sales_account": Asking(
        "customer", _("The sales account of a new customer, such as one per country."), list_name="accounts"
    ),
    "credit_limit_field": Asking(
        "customer",
        _("The field of a company that holds its credit limit. It is sent once, when the customer is made."),
        source_list="custom_fields:company",
        empty=_("no credit limit is sent"),
    ),
}
