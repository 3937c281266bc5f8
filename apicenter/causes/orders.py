"""Causes that lie in an order and in what became of it on either side."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

ORDERS: dict[str, Cause] = {
    "order.several": Cause(
        _("The deal of %(key)s has %(count)s accepted quotations. Say whether this one is to be sent."), Fix.CHOOSE
    ),
    "stock.short": Cause(
        _("Not enough of %(item)s: %(wanted)s ordered, %(available)s can be sold (warehouse %(place)s)."), Fix.CHOOSE
    ),
    "stock.noted": Cause(
        _("Sent although there is not enough of %(item)s: %(wanted)s ordered, %(available)s could be sold."), Fix.WAIT
    ),
    "order.changed": Cause(
        _("Order %(order)s stands in %(system)s (%(status)s), and what it was made from has changed since."), Fix.CHOOSE
    ),
    "order.changed_there": Cause(
        _(
            "Order %(order)s was edited in %(system)s (%(status)s), and what it was made from has changed too. Sending "
            "the change overwrites those edits."
        ),
        Fix.CHOOSE,
    ),
    "order.changed_late": Cause(
        _(
            "What order %(order)s was made from has changed, but %(system)s takes no such change any more "
            "(%(status)s). Put it right there by hand."
        ),
        Fix.TARGET,
    ),
    "order.gone_there": Cause(
        _(
            "Order %(order)s was cancelled or deleted in %(system)s, and what it was made from is an order again. Make "
            "it there by hand."
        ),
        Fix.TARGET,
    ),
    "order.lost": Cause(_("The deal was lost after order %(order)s was sent to %(system)s (%(status)s)."), Fix.CHOOSE),
    "order.reopened": Cause(
        _("The deal was reopened after order %(order)s was sent to %(system)s (%(status)s)."), Fix.CHOOSE
    ),
    "order.withdrawn": Cause(
        _("The quotation was withdrawn after order %(order)s was sent to %(system)s (%(status)s)."), Fix.CHOOSE
    ),
    "order.lost_late": Cause(
        _(
            "What order %(order)s was made from is no order any more, but it cannot be cancelled in %(system)s from "
            "here (%(status)s). Put it right there by hand."
        ),
        Fix.TARGET,
    ),
    "order.ended_there": Cause(_("It is no order any more, and it is cancelled or deleted there already."), Fix.WAIT),
    "order.cancelled_there": Cause(_("It is no order any more, so it was cancelled there."), Fix.WAIT),
    "order.deleted_there": Cause(_("It is no order any more, so it was deleted there while it was on hold."), Fix.WAIT),
    "entry.changed": Cause(
        _(
            "Journal entry %(order)s is booked in %(system)s (%(status)s), and what it was made from has changed. An "
            "entry is never rewritten: its reversal and a new entry with the new amounts can be booked from here, both "
            "on hold."
        ),
        Fix.CHOOSE,
    ),
    "entry.ended": Cause(
        _(
            "Journal entry %(order)s is booked in %(system)s (%(status)s), and what it was made from is no order any "
            "more. Its reversal can be booked from here, on hold."
        ),
        Fix.CHOOSE,
    ),
    "entry.undone": Cause(
        _(
            "Journal entry %(order)s was reversed in %(system)s, and what it was made from is still an order. A new "
            "entry with its present amounts can be booked from here, on hold."
        ),
        Fix.CHOOSE,
    ),
    "entry.reversed": Cause(_("Entry %(entry)s was reversed by entry %(reversal)s, which is on hold."), Fix.WAIT),
    "entry.corrected": Cause(
        _("Entry %(entry)s was reversed before. This one holds the present amounts, and is on hold."), Fix.WAIT
    ),
    "skip.left": Cause(_("%(who)s wants it left as it is."), Fix.CHOOSE),
    "order.unpaid": Cause(
        _("Waits for payment: an invoice of the deal is not paid yet, or there is none. It is looked at every hour."),
        Fix.WAIT,
    ),
    "part.waiting": Cause(
        _(
            "%(what)s stands in %(system)s as %(number)s, but “%(part)s” is not there yet. It is tried again by "
            "itself, and nothing is made twice: %(why)s"
        ),
        Fix.WAIT,
    ),
    "part.refused": Cause(
        _("%(what)s stands in %(system)s as %(number)s, but “%(part)s” could not be added: %(why)s"), Fix.TARGET
    ),
}
