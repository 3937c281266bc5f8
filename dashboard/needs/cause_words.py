"""Causes by a short name, for menus; the sentence of a record itself is in apicenter/causes/."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apicenter.causes import sentence

TITLES: dict[str, Promise] = {
    "internal": _("Fault on our side"),
    "database.full": _("Our disk is full"),
    "database.lost": _("Our database broke off"),
    "token.revoked": _("Authorisation withdrawn"),
    "token.not_taken_yet": _("Renewed authorisation not accepted yet"),
    "credentials.wrong": _("Client id or secret refused"),
    "tenant.wrong": _("Wrong tenant id"),
    "permission.missing": _("A right is missing"),
    "setting.missing": _("A setting is empty"),
    "remote.unavailable": _("Other system not reachable"),
    "remote.rate_limited": _("Asked to slow down"),
    "remote.not_found": _("No longer exists"),
    "remote.bad_answer": _("Answer cannot be read"),
    "outcome.unknown": _("No clear answer yet"),
    "outcome.unresolved": _("Never confirmed"),
    "refused.by_target": _("Refused by the other system"),
    "dependency.missing": _("Waits for another record"),
    "lookup.waiting": _("Waits to be looked up"),
    "dependency.failed": _("Another record could not be made"),
    "record.unreadable": _("Record cannot be read"),
    "record.forbidden": _("No access to the record"),
    "write.forbidden": _("No right to change the record"),
    "mapping.failed": _("A field could not be made"),
    "mapping.required": _("A required field is empty"),
    "look_up.none": _("Not found in the other system"),
    "look_up.several": _("Found more than once in the other system"),
    "value.no_pair": _("Value without a counterpart"),
    "vat.no_pair": _("VAT without a counterpart"),
    "product.missing": _("Item does not exist"),
    "customer.inactive": _("Customer is inactive"),
    "item.inactive": _("Item cannot be sold"),
    "line.without_product": _("Line without a product"),
    "customer.missing": _("Order without a customer"),
    "match.ambiguous": _("More than one fits"),
    "match.suggested": _("Perhaps it is there already"),
    "number.taken": _("The customer number is taken"),
    "attribute.unknown": _("An attribute does not belong to the class"),
    "attribute.no_value": _("An attribute does not know the value"),
    "part.refused": _("Something that goes with it was refused"),
    "key.duplicate": _("Key stands twice"),
    "totals.differ": _("Totals differ"),
    "totals.rates_differ": _("Totals per VAT rate differ"),
    "totals.rates_differ_after": _("Booked per VAT rate otherwise"),
    "currency.unknown": _("Currency not set up"),
    "period.closed": _("Period is closed"),
    "release.refused": _("Booked, but not released"),
    "ledger.no_receivable": _("Account for what is owed is missing"),
    "ledger.no_revenue": _("Revenue account is missing"),
    "ledger.no_vat": _("VAT account is missing"),
    "ledger.no_shipping": _("Shipping account is missing"),
    "ledger.no_discount": _("Discount account is missing"),
    "ledger.no_rounding": _("Rounding account is missing"),
    "entry.changed": _("Entry changed since it was booked"),
    "entry.ended": _("Entry of what is no order any more"),
    "entry.undone": _("Entry was reversed"),
    "entry.reversed": _("Reversed"),
    "skip.filtered": _("Left out by the filter"),
    "skip.exists": _("Exists already"),
    "skip.deleted": _("Deleted in the source"),
    "skip.no_quotation": _("No accepted quotation"),
    "skip.not_updated": _("Nothing to update"),
    "skip.superseded": _("Newer version handled later"),
    "skip.no_create": _("Does not exist there, not made"),
    "skip.held": _("Held back earlier"),
    "skip.in_hand": _("An earlier run is busy with it"),
    "skip.not_sellable": _("Not for sale"),
    "skip.nothing_to_book": _("Nothing to book"),
    "skip.set_aside": pgettext_lazy("records that were", "Set aside"),
}


def cause_title(code: str) -> str:
    """Return the short name of a cause; one without a name goes by its sentence."""
    return str(TITLES.get(code) or sentence(code))
