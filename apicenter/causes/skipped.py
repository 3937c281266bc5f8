"""Why a record is left out: no failure, but never without a reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

SKIPPED: dict[str, Cause] = {
    "skip.filtered": Cause(_("Left out by the filter “%(filter)s”."), Fix.SETTING),
    "skip.exists": Cause(_("Exists already and is not updated by this flow."), Fix.SETTING),
    "skip.unpaid": Cause(_("Not paid yet. It is sent once a payment is registered on it."), Fix.WAIT),
    "skip.no_credit_notes": Cause(_("Credit notes are left out by the settings of this flow."), Fix.SETTING),
    "skip.invoice_not_sent": Cause(
        _("The invoice it credits was not sent, as it is not paid. It follows when that is sent."), Fix.WAIT
    ),
    "skip.before_start": Cause(
        _("Dated %(date)s, before the day from which on this flow sends (%(start)s)."), Fix.SETTING
    ),
    "skip.deleted": Cause(_("No longer exists in %(system)s."), Fix.SOURCE),
    "skip.no_quotation": Cause(
        _("The deal is won but has no accepted quotation, so there are no lines to send."), Fix.SOURCE
    ),
    "skip.inactive": Cause(_("The customer is deactivated, so it is not sent."), Fix.SOURCE),
    "skip.one_off": Cause(_("A one-off buyer: their orders go to the collective customer %(what)s."), Fix.SETTING),
    "skip.lost": Cause(_("The deal is lost."), Fix.SOURCE),
    "skip.reopened": Cause(_("The deal was reopened: it is not won any more."), Fix.SOURCE),
    "skip.withdrawn": Cause(_("The quotation is not accepted any more."), Fix.SOURCE),
    "skip.older_quotation": Cause(
        _("A newer quotation of this deal is accepted, and only the newest is sent."), Fix.SETTING
    ),
    "skip.as_estimate": Cause(_("The deal was sent with its estimated value before this quotation."), Fix.SETTING),
    "skip.recurring": Cause(_("Has lines that come back every month or year; such orders are left out."), Fix.SETTING),
    "skip.not_updated": Cause(_("None of the changed fields is sent on update."), Fix.MAPPING),
    "skip.superseded": Cause(_("A newer version of this record was handled in a later run."), Fix.WAIT),
    "skip.taken_over": Cause(_("The run was stopped before its turn; a later run took this record over."), Fix.WAIT),
    "skip.stopped": Cause(_("The run was stopped before its turn, and the rest was left out."), Fix.CHOOSE),
    "skip.no_create": Cause(_("Does not exist there, and this flow makes no new records."), Fix.SETTING),
    "skip.nothing_to_book": Cause(_("It comes to nothing, so there is nothing to book."), Fix.SOURCE),
    "skip.held": Cause(_("Not changed since an earlier run held it back; it stands under “Needs you”."), Fix.CHOOSE),
    "skip.in_hand": Cause(_("An earlier run is still busy with this same version."), Fix.WAIT),
    "skip.not_sellable": Cause(_("The item's status or type is not one that this flow sends: %(what)s."), Fix.SETTING),
    "skip.removed_there": Cause(_("Deleted in %(system)s by %(who)s, as it is no longer sold."), Fix.SOURCE),
    "skip.no_counterpart": Cause(_("Has no counterpart there, as somebody decided."), Fix.VALUE_TABLE),
    "skip.not_stocked": Cause(_("This item is not kept in stock: %(what)s."), Fix.SOURCE),
    "skip.product_missing": Cause(
        _("%(system)s has no product for this item. Its stock follows as soon as the products flow has made one."),
        Fix.SETTING,
    ),
    "skip.solved": Cause(_("Solved by itself: a later run brought this record into step."), Fix.WAIT),
    "skip.dropped": Cause(_("Solved by itself: a later run leaves this record out."), Fix.WAIT),
    "skip.not_ours": Cause(_("Was not sent by a flow of yours, so there is nothing to tell about it."), Fix.WAIT),
    "skip.not_paid": Cause(_("Nothing was paid on this invoice yet."), Fix.WAIT),
    "skip.no_such_invoice": Cause(
        _(
            "This invoice bills an order of yours, but none of the invoices of its deal in %(system)s comes to "
            "%(amount)s and is still free, so there is none to register its payment on."
        ),
        Fix.SOURCE,
    ),
    "skip.deal_has_order": Cause(
        _("The deal has more than one order. Its fields show the first one; this one is left out."), Fix.WAIT
    ),
    "skip.set_aside_because": Cause(_("Set aside by %(who)s: %(why)s"), Fix.CHOOSE),
    "skip.set_aside": Cause(_("Set aside by %(who)s."), Fix.CHOOSE),
}
