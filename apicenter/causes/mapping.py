"""Causes that lie in the maps, the value tables, and what is looked up by them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

MAPPING: dict[str, Cause] = {
    "mapping.failed": Cause(_("The field “%(field)s” could not be made: %(why)s."), Fix.MAPPING),
    "mapping.required": Cause(
        _("The field “%(field)s” is required and the record gives no value for it."), Fix.MAPPING
    ),
    "look_up.none": Cause(
        _("“%(value)s” was not found in %(system)s. Make it there, or give the field “%(field)s” another value."),
        Fix.TARGET,
    ),
    "look_up.several": Cause(
        _("“%(value)s” stands more than once in %(system)s: %(candidates)s. Look up by something that is unique."),
        Fix.MAPPING,
    ),
    "value.no_pair": Cause(
        _("“%(value)s” has no counterpart in the table “%(table)s”. Choose one to send this record."), Fix.VALUE_TABLE
    ),
    "vat.no_pair": Cause(
        _("VAT “%(value)s” has no counterpart in the table “%(table)s”. Choose one to send this record."),
        Fix.VALUE_TABLE,
    ),
    "vat.rate_unknown": Cause(
        _(
            "The price includes VAT, but which rate the VAT category “%(value)s” stands for is not certain. Give the "
            "category one rate, or send prices without VAT."
        ),
        Fix.SETTING,
    ),
    "currency.other": Cause(
        _(
            "The price is in %(currency)s, but your account in %(system)s keeps its prices in %(account)s. Choose a "
            "price in that currency, or switch the check off."
        ),
        Fix.SETTING,
    ),
    "attribute.unknown": Cause(
        _(
            "The attribute “%(field)s” does not belong to the customer class %(customer_class)s in %(system)s. Add it "
            "to the class there, or stop sending it."
        ),
        Fix.MAPPING,
    ),
    "attribute.no_value": Cause(
        _("The attribute “%(field)s” has no value “%(value)s” in %(system)s. It knows: %(known)s."), Fix.MAPPING
    ),
}
