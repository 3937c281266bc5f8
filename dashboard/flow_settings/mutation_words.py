"""How the settings of a financial mutation are asked for: the accounts and the ledger of an entry."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import NOT_CHOSEN, Asking

MUTATION_ASKINGS: dict[str, Asking] = {
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
}
