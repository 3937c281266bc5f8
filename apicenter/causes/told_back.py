"""Causes that lie in telling the first system what became of its records there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

TOLD_BACK: dict[str, Cause] = {
    "deal.lost_stays": Cause(_("The deal is lost by now, so it stays in its phase."), Fix.WAIT),
    "deal.reopened": Cause(
        _(
            "“%(what)s” counts as open again since it was moved to this phase. Mark it as won again and choose another "
            "phase in the value table."
        ),
        Fix.VALUE_TABLE,
    ),
    "payment.others_remain": Cause(
        _(
            "A payment on invoice %(what)s was taken back, but %(amount)s %(currency)s was registered there by others. "
            "Payments can only be removed all at once, so please do it by hand."
        ),
        Fix.TARGET,
    ),
    "payment.gone": Cause(
        _(
            "Invoice %(what)s shows payments of %(amount)s %(currency)s that are no longer booked. Remove them by hand "
            "if they are wrong."
        ),
        Fix.TARGET,
    ),
    "payment.more_than_due": Cause(
        _(
            "%(amount)s %(currency)s was paid on invoice %(what)s, but only %(due)s is open there. Nothing was "
            "registered."
        ),
        Fix.TARGET,
    ),
    "payment.other_currency": Cause(
        _("A payment in %(other)s cannot be registered on invoice %(what)s, which is in %(currency)s."), Fix.TARGET
    ),
    "drift.target_gone": Cause(
        _("%(what)s no longer exists in %(system)s, though it was sent there. Create it again, or forget the link."),
        Fix.CHOOSE,
    ),
}
