"""Forms of the plan page: who the invoice goes to, which flows, and wishes for the call of the package."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.billing.details import Details
from apicenter.billing.models import Period
from apicenter.billing.prices import MONTH
from apicenter.billing.vat import country_choices
from apicenter.vat_numbers import is_of

LONGEST = 150


def _text(label: Any, autocomplete: str, **values: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete} if autocomplete else {})
    return forms.CharField(label=label, max_length=LONGEST, widget=widget, **values)


class DetailsForm(forms.Form):
    """The billing details; `details` holds them once the form is valid."""

    company = _text(gettext_lazy("Company"), "organization")
    street = _text(gettext_lazy("Street and number"), "street-address")
    postal_code = forms.CharField(
        label=gettext_lazy("Postal code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = _text(gettext_lazy("City"), "address-level2")
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=country_choices,
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    vat_number = _text(gettext_lazy("VAT number"), "", required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address for invoices"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    reference = _text(gettext_lazy("Your reference on the invoice"), "", required=False)

    details: Details

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        number, country = values.get("vat_number", ""), values.get("country", "")
        if number and country and not is_of(number, country):
            name = dict(country_choices())[country]
            self.add_error(
                "vat_number",
                _("This is not a VAT number of %(country)s: a digit may be wrong. Look at it again, or leave it empty.")
                % {"country": name},
            )
        if not self.errors:
            self.details = Details(**values)
        return values


class WishesForm(forms.Form):
    """How and when to reach somebody about the onboarding package."""

    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=40,
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
    )
    times = forms.CharField(
        label=gettext_lazy("When does it suit you?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Two or three days and hours are enough."),
    )
    remarks = forms.CharField(
        label=gettext_lazy("What should we know?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What was ticked: flows and period, with the total that was shown and the key of the form."""

    flow_ids: frozenset[str] = frozenset()
    period: str = MONTH
    is_given: bool = False
    seen_total: Decimal = Decimal(-1)
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def of(cls, data: QueryDict) -> Choice:
        """Read it from a request; what makes no sense becomes what nobody ordered."""
        period = str(data.get("period", ""))
        return cls(
            flow_ids=frozenset(data.getlist("flow")),
            period=period if period in Period.values else MONTH,
            is_given="period" in data,
            seen_total=_decimal(data.get("total", "")),
            key=_key(data.get("key", "")),
        )


def _decimal(text: str) -> Decimal:
    """Return the number, or one that no total is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() else Decimal(-1)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()
