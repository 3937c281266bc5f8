"""The catalogue of causes: for each code one sentence for the customer and what to do about it.

A failure stores its code and parameters; `sentence()` writes it in the reader's language at the moment of reading.
`fix` names the place that solves it: the dashboard turns it into a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fix(StrEnum):
    """Where a cause is solved."""

    CONNECTION = "connection"  # reconnect, or correct what was entered
    VALUE_TABLE = "value_table"  # choose the missing pair
    MAPPING = "mapping"  # change a field of the map
    SETTING = "setting"  # change a setting of the flow
    SOURCE = "source"  # correct the record in the source system
    TARGET = "target"  # correct something in the target system
    CHOOSE = "choose"  # pick one of several candidates
    WAIT = "wait"  # nothing: it is tried again by itself
    SUPPORT = "support"  # tell us


@dataclass(frozen=True)
class Cause:
    """What a code means to the person who reads it."""

    text: Promise
    fix: Fix


CAUSES: dict[str, Cause] = {
    "internal": Cause(_("Something went wrong on our side with this record. It was not sent."), Fix.SUPPORT),
    # connections
    "token.revoked": Cause(
        _(
            "%(system)s no longer accepts the authorisation of this connection. Reconnect it; everything "
            "waits until then."
        ),
        Fix.CONNECTION,
    ),
    "credentials.wrong": Cause(
        _("%(system)s refused the client id or client secret. Check both on the connection."), Fix.CONNECTION
    ),
    "tenant.wrong": Cause(
        _("%(system)s does not know this tenant id as a company this application may use. Check the tenant id."),
        Fix.CONNECTION,
    ),
    "account.other": Cause(
        _("You signed in to “%(found)s”, but this connection belongs to “%(expected)s”. Sign in to that account."),
        Fix.CONNECTION,
    ),
    "permission.missing": Cause(
        _("%(system)s does not allow this application to use “%(what)s”. Grant the missing right and reconnect."),
        Fix.CONNECTION,
    ),
    "setting.missing": Cause(_("The setting “%(setting)s” is empty. Fill it in to go on."), Fix.SETTING),
    "flow.inactive": Cause(_("The flow “%(flow)s” is paused or not set up yet. Resume it first."), Fix.SETTING),
    "connection.empty": Cause(
        _("%(system)s answers, but shows no %(what)s at all. This is usually the wrong company."), Fix.CONNECTION
    ),
    # the other side
    "remote.unavailable": Cause(
        _("%(system)s cannot be reached at the moment. It is tried again by itself."), Fix.WAIT
    ),
    "remote.rate_limited": Cause(_("%(system)s asks us to slow down. It goes on by itself."), Fix.WAIT),
    "remote.not_found": Cause(_("%(system)s has no such record any more: %(what)s."), Fix.SOURCE),
    "remote.bad_answer": Cause(
        _("%(system)s gave an answer that cannot be read. It is tried again by itself."), Fix.WAIT
    ),
    "remote.filter_ignored": Cause(
        _("%(system)s did not apply the filter “%(what)s”, so its answer was not used."), Fix.SUPPORT
    ),
    "outcome.unknown": Cause(
        _(
            "%(system)s was asked to make this record and gave no clear answer. It is looked up before "
            "anything is sent again."
        ),
        Fix.WAIT,
    ),
    "outcome.unresolved": Cause(
        _(
            "%(system)s never confirmed this record, and it could not be found there afterwards. Look there "
            "before it is sent again."
        ),
        Fix.CHOOSE,
    ),
    "refused.by_target": Cause(_("%(system)s refused this record: %(answer)s"), Fix.TARGET),
    # records
    "dependency.missing": Cause(_("This record waits for %(what)s, which is being made first."), Fix.WAIT),
    "lookup.waiting": Cause(_("This record waits for its turn to be looked up in %(system)s."), Fix.WAIT),
    "dependency.failed": Cause(_("%(what)s could not be made first, so this record was not sent."), Fix.CHOOSE),
    "record.unreadable": Cause(_("This record of %(system)s cannot be read: %(what)s."), Fix.SOURCE),
    "mapping.failed": Cause(_("The field “%(field)s” could not be made: %(why)s."), Fix.MAPPING),
    "mapping.required": Cause(
        _("The field “%(field)s” is required and the record gives no value for it."), Fix.MAPPING
    ),
    "value.no_pair": Cause(
        _("“%(value)s” has no counterpart in the table “%(table)s”. Choose one to send this record."), Fix.VALUE_TABLE
    ),
    "vat.no_pair": Cause(
        _("VAT “%(value)s” has no counterpart in the table “%(table)s”. Choose one to send this record."),
        Fix.VALUE_TABLE,
    ),
    "product.missing": Cause(
        _("The item “%(sku)s” does not exist in %(system)s. Make it there, or choose what to send instead."), Fix.TARGET
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
    "key.duplicate": Cause(
        _("“%(key)s” stands more than once in this read. Only the first was sent; give the others their own."),
        Fix.SOURCE,
    ),
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
    "currency.unknown": Cause(_("The currency %(currency)s is not set up in %(system)s."), Fix.TARGET),
    "period.closed": Cause(_("The period of %(date)s is closed in %(system)s."), Fix.TARGET),
    # skipped: not failures, but a record is never left out without a reason
    "skip.filtered": Cause(_("Left out by the filter “%(filter)s”."), Fix.SETTING),
    "skip.exists": Cause(_("Exists already and is not updated by this flow."), Fix.SETTING),
    "skip.deleted": Cause(_("No longer exists in %(system)s."), Fix.SOURCE),
    "skip.no_quotation": Cause(
        _("The deal is won but has no accepted quotation, so there are no lines to send."), Fix.SOURCE
    ),
    "skip.not_updated": Cause(_("None of the changed fields is sent on update."), Fix.MAPPING),
    "skip.superseded": Cause(_("A newer version of this record was handled in a later run."), Fix.WAIT),
    "skip.no_create": Cause(_("Does not exist there, and this flow makes no new records."), Fix.SETTING),
    "skip.held": Cause(_("Not changed since an earlier run held it back; it stands under “Needs you”."), Fix.CHOOSE),
    "skip.in_hand": Cause(_("An earlier run is still busy with this same version."), Fix.WAIT),
    "skip.not_sellable": Cause(_("The item's status or type is not one that this flow sends: %(what)s."), Fix.SETTING),
    "skip.set_aside": Cause(_("Set aside by %(who)s."), Fix.CHOOSE),
}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(code: str, params: Mapping[str, str] | None = None) -> str:
    """Return the cause's sentence in the active language; an unknown code reads as "internal"."""
    cause = CAUSES.get(code, CAUSES["internal"])
    return str(cause.text) % _Blank(params or {})


def fix_for(code: str) -> Fix:
    """Return where this cause is solved."""
    return CAUSES.get(code, CAUSES["internal"]).fix
