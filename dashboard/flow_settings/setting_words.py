"""How each setting of a flow is asked for: its group, one sentence of help, and what it is chosen from."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import Asking as Asking
from dashboard.flow_settings.document_words import BOOKING_ASKINGS, CUSTOMER_ASKINGS, LINE_ASKINGS
from dashboard.words import SETTINGS, Text, readable_value
from flows.flow_settings import chosen_settings
from flows.maps.field_lists import target_fields
from flows.models import Flow
from flows.services import kind_of
from flows.tables.option_lists import kept_list

DEAL_FIELDS = "custom_fields:deal"
CUSTOM_FIELDS = "custom_fields:"
NOT_WRITTEN = _("not written")
CHOSEN = _("chosen")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
NOT_CHOSEN = _("not chosen")
GROUPS: dict[str, Text] = {
    "which": _("What is sent"),
    "trigger": _("Which orders"),
    "after": _("After the transfer"),
    "price": _("Prices"),
    "more": _("More fields"),
    "existing": _("What exists already"),
    "arrival": _("How they arrive"),
    "mutation": _("Financial mutation"),
    "booking": _("What it is booked on"),
    "customer": _("Customers"),
    "back": _("What is written to the deal"),
    "payments": _("How payments are registered"),
    "vat": _("VAT"),
    "payment": _("Payment and currency"),
    "lines": _("Lines and products"),
    "shipping": _("Shipping"),
    "discounts": _("Discounts"),
    "checks": _("Checks before sending"),
    "other": _("Other settings"),
}
ASKINGS: dict[str, Asking] = {
    "only_sellable": Asking("which", _("Items that may not be sold stay out of the offers.")),
    "only_paid": Asking(
        "which",
        _(
            "Needs payments to be registered in the source, by hand or by a bookkeeping link: in an account where "
            "nobody registers them no invoice is ever paid, and nothing would be sent. Cash sales are always paid ones."
        ),
    ),
    "credit_notes": Asking(
        "which", _("A credit note waits for the invoice it credits, and is applied to it where that is released.")
    ),
    "sends_when": Asking(
        "trigger",
        _(
            "Invoices that are booked have a flow of their own. “All is paid” needs payments that are registered in "
            "Teamleader: an account that registers none never has a paid order."
        ),
    ),
    "phases": Asking(
        "trigger",
        _("Only if an order is sent by its phase. A quotation of the deal must be accepted."),
        source_list="deal_phases",
    ),
    "several_accepted": Asking("trigger", _("“Only the newest”: if an older one was sent already, you are asked.")),
    "no_quotation": Asking("trigger", _("The estimated value of a deal counts as an amount without VAT.")),
    "estimate_item": Asking(
        "trigger",
        _("Only if the estimated value is sent. Empty: the item for text lines."),
        is_item=True,
    ),
    "recurring_lines": Asking("trigger", _("Such lines usually belong to a subscription that is invoiced by itself.")),
    "kinds": Asking("which", _("None ticked means all types."), source_list="item_types"),
    "category_from": Asking(
        "which", _("Teamleader’s API makes no categories: the value table says which one each value gets.")
    ),
    "counterpart": Asking(
        "which",
        _("What a product category stands for. Visma.net’s API can make neither: somebody is asked about new ones."),
    ),
    "inactive_items": Asking(
        "which", _("For items that were sent and are no longer sold. Nothing is ever deleted before somebody says so.")
    ),
    "inactive_prefix": Asking("which", _("What the name of a product begins with once its item is no longer sold.")),
    "warehouses": Asking(
        "which", _("Their stock is added up. None ticked means all warehouses."), source_list="warehouses"
    ),
    "stock_count": Asking("which", _("Available is what lies there without what is promised to orders.")),
    "negative_as_zero": Asking("which", _("Off: a negative quantity is sent as it is.")),
    "price_source": Asking(
        "price", _("An item without a price of that kind gets its default price, as your customers do.")
    ),
    "price_class": Asking(
        "price",
        _("The price of one piece that holds on the day. A price that begins later follows on its first day."),
        source_list="price_classes",
        empty=_("none"),
    ),
    "price_includes_vat": Asking(
        "price", _("Prices are then divided by the rate of the item's VAT category. Teamleader keeps them without VAT.")
    ),
    "price_decimals": Asking("price", _("Prices are rounded half up to so many decimals, from 0 to 4.")),
    "check_currency": Asking("price", _("A product with a price in another currency is held back.")),
    "send_price_lists": Asking(
        "price", _("Which price class goes to which price list stands in a value table of its own.")
    ),
    "send_cost": Asking("price", _("Your margin then shows in Teamleader. Only new products get it.")),
    "ean_field": Asking(
        "more",
        _("The custom field that takes the barcode. One whose check digit is wrong is left out."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "short_text_attribute": Asking(
        "more",
        _("The attribute of the item that holds a short text."),
        source_list="attributes",
        empty=_("none"),
    ),
    "short_text_field": Asking(
        "more",
        _("The custom field that takes the short text."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "image_field": Asking(
        "more",
        _("Teamleader takes no pictures through its API: a custom field can take a link to one."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "image_pattern": Asking(
        "more",
        _("The address your pictures have on the web; {sku} and {file} stand for the item number and the file name."),
    ),
    "after_change": Asking(
        "after",
        _(
            "Lines, discounts, addresses, contacts and texts of a sales order follow while it is on hold. What cannot "
            "be changed any more, or was edited by hand, is shown to you; so is every change of an invoice, a cash "
            "sale or a journal entry, as those are never rewritten."
        ),
    ),
    "after_loss": Asking(
        "after",
        _(
            "Also if an accepted quotation is withdrawn. What cannot be cancelled any more is shown to you. An invoice "
            "is deleted as long as it is not released; the reversal of a journal entry is booked when you say so."
        ),
    ),
    "update_existing": Asking("existing", _("Off: what exists already is paired and then left alone.")),
    "send_as": Asking(
        "arrival",
        _(
            "An order is shipped and invoiced later; an invoice is booked at once; a cash sale is an invoice together "
            "with its payment; a financial mutation is a journal entry on your ledger accounts, without a document. "
            "After a change the fields start as the usual ones."
        ),
    ),
    "arrival": Asking(
        "arrival",
        _("What was released cannot be changed there any more. A cash sale is released by somebody there."),
    ),
    "number_from": Asking(
        "arrival",
        _(
            "Choose the number of the invoice where the number on paper must be the number in the books. Ours is "
            "found by a reference either way."
        ),
    ),
    "cash_payment_method": Asking(
        "arrival", _("Only for cash sales: how the money came in."), list_name="payment_methods", empty=NOT_CHOSEN
    ),
    "cash_account": Asking(
        "arrival",
        _("Only for cash sales: where the money is. They are booked in the currency of this account."),
        list_name="cash_accounts",
        empty=NOT_CHOSEN,
    ),
    "order_type": Asking("arrival", _("The type that new orders get."), list_name="sales_order_types"),
    "hold": Asking("arrival", _("An order on hold is not shipped or invoiced before somebody releases it.")),
    "mutation_type": Asking(
        "mutation",
        _(
            "Simple: the total on two accounts. Recommended: revenue per VAT rate, VAT, shipping and discount apart. "
            "Complex: revenue per product category or product as well. The help shows an example of each."
        ),
    ),
    "receivable_account": Asking(
        "mutation",
        _("Debited with the total including VAT: trade debtors, or a cash or clearing account."),
        list_name="accounts",
        empty=NOT_CHOSEN,
    ),
    "revenue_account": Asking(
        "mutation",
        _("Credited with revenue; a value table may name another account per VAT rate, country or department."),
        list_name="accounts",
    ),
    "vat_account": Asking(
        "mutation", _("VAT payable; a value table may name another account per rate."), list_name="accounts"
    ),
    "shipping_account": Asking(
        "mutation", _("For the products named below as shipping costs."), list_name="accounts", empty=NOT_CHOSEN
    ),
    "discount_account": Asking(
        "mutation",
        _("Debited with discounts. Choose the revenue account if discounts are to lower the revenue itself."),
        list_name="accounts",
        empty=NOT_CHOSEN,
    ),
    "rounding_account": Asking(
        "mutation", _("For the cents that rounding leaves over."), list_name="accounts", empty=NOT_CHOSEN
    ),
    "ledger": Asking(
        "mutation",
        _("The ledger that entries are booked in."),
        list_name="ledgers",
        empty=_("as the branch says"),
    ),
    "mutation_status": Asking("mutation", _("An entry on hold can still be changed; a released one is final.")),
    "closed_period": Asking("mutation", _("The period follows from the date of the order.")),
    "vat_return": Asking(
        "mutation",
        _("Off: VAT stands on its account, but does not enter the VAT return. On: a value table names the VAT IDs."),
    ),
    **BOOKING_ASKINGS,
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
    **CUSTOMER_ASKINGS,
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
    "missing_product": Asking("lines", _("For a line whose product is not in the other system.")),
    "fallback_item": Asking("lines", _("Only if another item is used for products that are missing."), is_item=True),
    "text_line_item": Asking(
        "lines",
        _("Lines without a product travel under this item. Without one such documents wait."),
        is_item=True,
    ),
    **LINE_ASKINGS,
    "number_field": Asking(
        "back",
        _("A custom field of deals. It is filled as soon as the order is sent."),
        list_name=DEAL_FIELDS,
        empty=NOT_WRITTEN,
    ),
    "status_field": Asking(
        "back",
        _("In words, such as “Completed”; the value table of the flow lets you choose your own."),
        list_name=DEAL_FIELDS,
        empty=NOT_WRITTEN,
    ),
    "tracking_field": Asking(
        "back",
        _("The numbers of the packages, once the order is shipped."),
        list_name=DEAL_FIELDS,
        empty=NOT_WRITTEN,
    ),
    "tracking_link_field": Asking(
        "back",
        _("The page on which the first package can be followed."),
        list_name=DEAL_FIELDS,
        empty=NOT_WRITTEN,
    ),
    "tracking_address": Asking(
        "back", _("With {number} where the tracking number belongs. Only needed for the tracking link.")
    ),
    "invoice_field": Asking("back", _("Once the order is invoiced."), list_name=DEAL_FIELDS, empty=NOT_WRITTEN),
    "deal_phase": Asking(
        "back",
        _(
            "By a value table: a status without a phase leaves the deal where it is, and a lost deal is never moved. "
            "Of several orders the one that has come least far decides."
        ),
        list_name="deal_phases",
    ),
    "payment_method": Asking(
        "payments",
        _("How it was paid, as Teamleader calls it. Without one the payment is registered all the same."),
        list_name="payment_methods",
    ),
    "stock_check": Asking(
        "checks", _("What can be sold in the warehouse of the order; without one, in all of them together.")
    ),
    "totals_tolerance": Asking(
        "checks", _("In the currency of the document. One that differs by more is held back, never booked.")
    ),
    "cent_line_item": Asking(
        "checks",
        _(
            "A line with the cents that are tolerated makes both totals equal. It is added only where it does, and "
            "never comes to more than may differ. Empty: no such line."
        ),
        empty=_("no such line"),
        is_item=True,
    ),
    "cent_line_account": Asking(
        "checks",
        _("On invoices, credit notes and cash sales that line can go to a ledger account instead of an item."),
        list_name="accounts",
        empty=NOT_CHOSEN,
    ),
    "cent_line_text": Asking("checks", _("What stands on that line. Empty: “Rounding”.")),
    "cent_line_vat": Asking(
        "checks",
        _("One without VAT leaves the VAT of the document as it is."),
        list_name="vat_categories",
        empty=_("that of the document's lines"),
    ),
    "check_after": Asking(
        "checks",
        _(
            "What the document came to there is compared with the source once more. It costs one call per document. "
            "Customer invoices and credit notes are compared per VAT rate too; Visma.net does not tell that of sales "
            "orders and cash sales. A difference is shown to you; nothing is sent a second time."
        ),
    ),
}


def asking_of(name: str) -> Asking:
    """Return how a setting is asked for; one without words of its own is still asked for."""
    return ASKINGS.get(name, Asking())


def setting_title(name: str) -> str:
    """Return what a setting is called."""
    return str(SETTINGS.get(name, name.replace("_", " ").capitalize()))


def setting_order(name: str) -> tuple[int, int]:
    """Return where a setting stands on the page: by its group, then as they are listed here."""
    known = list(ASKINGS)
    return list(GROUPS).index(asking_of(name).group), known.index(name) if name in ASKINGS else len(known)


def settings_in_order(flow: Flow) -> list[tuple[str, str]]:
    """Return the flow's settings that play a part as pairs of words, in the order of the page."""
    chosen = chosen_settings(flow)
    idle = kind_of(flow).idle_settings(chosen)
    names = sorted((name for name in type(chosen).model_fields if name not in idle), key=setting_order)
    return [(setting_title(name), _words_of(flow, name, getattr(chosen, name))) for name in names]


def _words_of(flow: Flow, name: str, value: object) -> str:
    """Return a value in words; a code of a list goes by its label, if the list was read lately. Asks nobody."""
    asking = asking_of(name)
    if value == "" and asking.empty:
        return str(asking.empty)
    if not (asking.list_name or asking.source_list) or not isinstance(value, str | list | tuple):
        return readable_value(value)
    labels = _labels_of(flow, asking)
    many = [value] if isinstance(value, str) else value
    return readable_value([_label(labels, str(one)) for one in many]) if many else readable_value(value)


def _labels_of(flow: Flow, asking: Asking) -> dict[str, str]:
    source = kept_list(flow.source, asking.source_list) if asking.source_list else None
    target = kept_list(flow.target, asking.list_name) if asking.list_name else None
    own = {
        one.path.rpartition(".")[2]: str(one.title)
        for kind in (kind_of(flow).resources if asking.list_name.startswith(CUSTOM_FIELDS) else ())
        for one in target_fields(flow, kind, is_offline=True).fields
        if one.is_custom
    }
    return own | (source.labels if source else {}) | (target.labels if target else {})


def _label(labels: dict[str, str], code: str) -> str:
    """Return the label of a code; an id that says nothing to anybody is only said to be chosen."""
    return labels.get(code) or (str(CHOSEN) if ID.fullmatch(code) else code)
