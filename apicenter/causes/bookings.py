"""Causes that lie in booking a document: its totals, its currency, its period and its accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

BOOKINGS: dict[str, Cause] = {
    "totals.differ": Cause(
        _(
            "The order totals differ: %(source)s including %(source_vat)s VAT in the source, %(target)s including "
            "%(target_vat)s VAT as it would be booked. Nothing was sent."
        ),
        Fix.SETTING,
    ),
    "totals.rates_differ": Cause(
        _(
            "The order total agrees, but not what is at %(percent)s %% VAT: %(source)s in the source, %(target)s as it "
            "would be booked. Nothing was sent."
        ),
        Fix.SETTING,
    ),
    "totals.differ_after": Cause(
        _(
            "Booked as %(number)s, but %(system)s came to %(target)s including %(target_vat)s VAT, and the source says "
            "%(source)s including %(source_vat)s VAT. Put it right there, or accept it: it is never sent a second time."
        ),
        Fix.TARGET,
    ),
    "totals.rates_differ_after": Cause(
        _(
            "Booked as %(number)s with the right total, but what %(system)s has at %(percent)s %% VAT is not what the "
            "source says. Put it right there, or accept it: it is never sent a second time."
        ),
        Fix.TARGET,
    ),
    "totals.unseen": Cause(
        _("Booked as %(number)s; what %(system)s came to could not be read back yet. It is tried again by itself."),
        Fix.WAIT,
    ),
    "totals.accepted": Cause(
        _("It came to %(target)s here and to %(source)s in the source; %(who)s accepted that."), Fix.WAIT
    ),
    "currency.unknown": Cause(_("The currency %(currency)s is not set up in %(system)s."), Fix.TARGET),
    "period.closed": Cause(_("The period of %(date)s is closed in %(system)s."), Fix.TARGET),
    "release.refused": Cause(
        _(
            "%(system)s has it as number %(number)s, but did not release it: %(answer)s. Release it there, or put that "
            "right and send again: it is looked up first, never made twice."
        ),
        Fix.TARGET,
    ),
    "cash.other_currency": Cause(
        _(
            "The cash account %(account)s is kept in %(kept)s and this document is in %(currency)s. Nothing was "
            "booked; choose a cash account in that currency, or send such documents as customer invoices."
        ),
        Fix.SETTING,
    ),
    "ledger.no_receivable": Cause(
        _("No ledger account for what the customer owes is chosen. Nothing was booked; choose it in the settings."),
        Fix.SETTING,
    ),
    "ledger.no_revenue": Cause(
        _("No ledger account for this revenue is chosen. Nothing was booked; choose it in the settings."), Fix.SETTING
    ),
    "ledger.no_vat": Cause(
        _("No ledger account for VAT is chosen. Nothing was booked; choose it in the settings."), Fix.SETTING
    ),
    "ledger.no_shipping": Cause(
        _("No ledger account for shipping costs is chosen. Nothing was booked; choose it in the settings."), Fix.SETTING
    ),
    "ledger.no_discount": Cause(
        _("No ledger account for discounts is chosen. Nothing was booked; choose it in the settings."), Fix.SETTING
    ),
    "ledger.no_rounding": Cause(
        _("No ledger account for rounding differences is chosen. Nothing was booked; choose it in the settings."),
        Fix.SETTING,
    ),
}
