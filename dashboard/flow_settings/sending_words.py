"""How it is asked which documents are sent, how they arrive, and what becomes of them later."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import NOT_CHOSEN, Asking

SENDING_ASKINGS: dict[str, Asking] = {
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
}
