"""Forms of the pages, and what sign-up asks beside e-mail and password."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apicenter.organizations.members import found
from apicenter.organizations.models import Organization, User

LONGEST = 200


class OrganizationForm(forms.Form):
    """The name of a new organization."""

    company = forms.CharField(
        label=_("Company"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        """Return what the browser said, if it is a time zone; it is a first value that the settings page can change."""
        zone = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else ""

    def create_for(self, user: User) -> Organization:
        """Make the organization with this person as its owner."""
        return found(
            user,
            self.cleaned_data["company"],
            time_zone=self.cleaned_data["time_zone"],
            language=get_language() or user.language,
        )


class SignupForm(OrganizationForm):
    """What allauth's sign-up form asks in addition: who you are and for which company."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "company", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account exists."""
        user.name, user.language = self.cleaned_data["name"], get_language() or user.language
        user.save(update_fields=["name", "language"])
        self.create_for(user)


class PairForm(forms.Form):
    """A pair of values for a value table."""

    key = forms.CharField(max_length=LONGEST, strip=True)
    value = forms.CharField(max_length=LONGEST, strip=True)
    label = forms.CharField(max_length=LONGEST, strip=True, required=False)  # what a person calls the key

    def problem(self) -> str:
        """Return what is wrong, in one sentence, or ""."""
        return gettext("Fill in both sides of the pair.") if self.errors else ""
