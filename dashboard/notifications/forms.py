"""Quiet hours, the summary, pauses and webhooks, as forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apicenter.notifications.events import choices
from apicenter.notifications.models import Preferences, Webhook
from connectors.public_addresses import Refused
from connectors.webhooks import check_address
from dashboard.notifications.problems import problem_words


def _time(label: Any, *, required: bool = False) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=required, widget=widget)


class QuietForm(forms.Form):
    """Hours without messages: of one person, or of the company."""

    is_quiet = forms.BooleanField(label=gettext_lazy("Quiet hours"), required=False)
    quiet_from = _time(pgettext_lazy("time of day", "From"))
    quiet_until = _time(pgettext_lazy("time of day", "Until"))
    quiet_weekend = forms.BooleanField(label=gettext_lazy("The whole of Saturday and Sunday too"), required=False)
    breaks_quiet = forms.BooleanField(label=gettext_lazy("A stopped connection is always told at once"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if values.get("is_quiet") and not self.errors:
            start, end = values["quiet_from"], values["quiet_until"]
            if (start is None) != (end is None) or (start is None and not values["quiet_weekend"]):
                self.add_error("quiet_until", _("Fill in from when and until when."))
        return values

    def values(self) -> dict[str, Any]:
        """Return what is saved; without quiet hours they are empty."""
        data = self.cleaned_data
        is_quiet = data["is_quiet"]
        return {
            "quiet_from": data["quiet_from"] if is_quiet else None,
            "quiet_until": data["quiet_until"] if is_quiet else None,
            "quiet_weekend": data["quiet_weekend"] and is_quiet,
            "breaks_quiet": data["breaks_quiet"],
        }


class CompanyForm(QuietForm):
    """What holds for everybody who chose nothing."""


class OwnForm(QuietForm):
    """What one person chose for themselves."""

    has_own_hours = forms.TypedChoiceField(
        label=gettext_lazy("Quiet hours"),
        choices=[("", gettext_lazy("as for the company")), ("own", gettext_lazy("my own"))],
        coerce=bool,
        required=False,
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    summary_at = _time(gettext_lazy("Daily summary at"), required=True)
    summary_weekend = forms.BooleanField(label=gettext_lazy("Also on Saturday and Sunday"), required=False)
    summary_always = forms.BooleanField(label=gettext_lazy("Also on days when all is well"), required=False)

    def __init__(self, *args: Any, company_zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        as_company = _("as the company: %(zone)s") % {"zone": company_zone}
        field: Any = self.fields["time_zone"]
        field.choices = [("", as_company), *((zone, zone.replace("_", " ")) for zone in zones)]

    def values(self) -> dict[str, Any]:
        names = ("has_own_hours", "time_zone", "summary_at", "summary_weekend", "summary_always")
        chosen = {name: self.cleaned_data[name] for name in names}
        return {**super().values(), **chosen, "has_own_hours": bool(chosen["has_own_hours"])}


def initial_of(preferences: Preferences) -> dict[str, Any]:
    """Return the values a form starts with."""
    names = [field.name for field in Preferences._meta.concrete_fields]
    values = {name: getattr(preferences, name) for name in names if name not in {"user", "organization"}}
    values["is_quiet"] = preferences.quiet_weekend or preferences.quiet_from is not None
    values["has_own_hours"] = "own" if preferences.has_own_hours else ""
    return values


class PauseForm(forms.Form):
    """Until when nothing is sent to a person."""

    until = forms.DateField(label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today."))
        return day

    def moment(self, *, wall: Any, zone: Any) -> datetime:
        """Return when the pause ends: in the morning of that day."""
        return datetime.combine(self.cleaned_data["until"], wall, zone)


class WebhookForm(forms.Form):
    """A webhook; the address may stay as it is when one is changed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    url = forms.CharField(label=gettext_lazy("Address"), max_length=2000, widget=forms.URLInput(), required=False)
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Webhook.Format.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, needs_address: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].required = needs_address
        field: Any = self.fields["events"]
        field.choices = [(event.code, event.name) for event in choices() if event.goes_to_webhooks]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if url:
            try:
                check_address(url)
            except Refused as refused:
                raise forms.ValidationError(problem_words(refused.code)) from refused
        return url
