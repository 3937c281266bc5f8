"""Causes that lie in one record: what it waits for, what it lacks, what it may be already."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

RECORDS: dict[str, Cause] = {
    "dependency.missing": Cause(_("This record waits for %(what)s, which is being made first."), Fix.WAIT),
    "lookup.waiting": Cause(_("This record waits for its turn to be looked up in %(system)s."), Fix.WAIT),
    "dependency.failed": Cause(_("%(what)s could not be made first, so this record was not sent."), Fix.CHOOSE),
    "record.unreadable": Cause(_("This record of %(system)s cannot be read: %(what)s."), Fix.SOURCE),
    "record.forbidden": Cause(
        _(
            "%(system)s does not show us this record. Give the user of the connection access to it there, then send "
            "it again."
        ),
        Fix.SOURCE,
    ),
    "write.forbidden": Cause(
        _(
            "%(system)s does not let us write this record, though it takes others. Give the user of the connection "
            "access to it there, then send it again."
        ),
        Fix.TARGET,
    ),
    "stock.unit_unknown": Cause(
        _("How many “%(base)s” are in one “%(unit)s” is not known, so its stock cannot be told in that unit."),
        Fix.SOURCE,
    ),
    "product.retired": Cause(
        _(
            "The item is no longer sold (%(what)s), but stands in %(system)s as a product. Delete it there, or let it "
            "stay."
        ),
        Fix.CHOOSE,
    ),
    "product.missing": Cause(
        _("The item “%(sku)s” does not exist in %(system)s. Make it there, or choose what to send instead."), Fix.TARGET
    ),
    "customer.inactive": Cause(
        _(
            "Customer %(customer)s is inactive or on hold in %(system)s, so nothing can be booked on it. Make it "
            "active there: what waits for it is then sent by itself."
        ),
        Fix.TARGET,
    ),
    "item.inactive": Cause(
        _(
            "The item “%(sku)s” cannot be sold in %(system)s as it stands there. Make it active there: what waits for "
            "it is then sent by itself."
        ),
        Fix.TARGET,
    ),
    "line.without_product": Cause(
        _("The line “%(text)s” names no product. Choose an item for text lines in the settings."), Fix.SETTING
    ),
    "customer.missing": Cause(
        _("This order names no customer. Choose a default customer in the settings."), Fix.SETTING
    ),
    "match.ambiguous": Cause(
        _("More than one record in %(system)s fits “%(key)s”: %(candidates)s. Choose the right one."), Fix.CHOOSE
    ),
    "match.suggested": Cause(
        _("“%(key)s” may be in %(system)s already: %(candidates)s. Say whether it is the same."), Fix.CHOOSE
    ),
    "number.taken": Cause(
        _("The customer number %(number)s belongs to “%(who)s” in %(system)s already. Give the record another one."),
        Fix.SOURCE,
    ),
    "key.duplicate": Cause(
        _("“%(key)s” stands more than once in this read. Only the first was sent; give the others their own."),
        Fix.SOURCE,
    ),
}
