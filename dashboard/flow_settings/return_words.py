"""How it is asked what comes back to the source, and what is checked before and after."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import NOT_CHOSEN, Asking

DEAL_FIELDS = "custom_fields:deal"
NOT_WRITTEN = _("not written")
RETURN_ASKINGS: dict[str, Asking] = {
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
