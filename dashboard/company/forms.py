"""Forms about a company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apicenter.organizations.models import Membership, Organization
from dashboard.time_zones import zone_choices
from dashboard.you.forms import language_field

SHORTEST_LOG, LONGEST_LOG = 1, 90


class SettingsForm(forms.ModelForm):
    """What a company decides for itself. Saved by a service, not by the form."""

    log_days = forms.IntegerField(
        label=_("Days that the log is kept"),
        min_value=SHORTEST_LOG,
        max_value=LONGEST_LOG,
        help_text=_(
            "The log holds what came and what was sent, names and addresses too. After so many days it is deleted for "
            "good; the sums of each run stay. Longer counts for new records only, shorter also for those that are here."
        ),
    )

    class Meta:
        model = Organization
        fields = ("name", "language", "time_zone", "log_days", "masks_mail", "require_mfa")
        labels = {
            "name": _("Name"),
            "masks_mail": _("Cut names and addresses in e-mails"),
            "require_mfa": _("Ask two-step sign-in of everybody"),
        }
        help_texts = {
            "masks_mail": _("Letters about records then show “Sofie C•••”. The pages show all of it."),
            "require_mfa": _("Who has none is led to set it up before anything else."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = language_field(
            _("Language"), help_text=_("Of letters to people who have no account yet. Everybody chooses their own.")
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=zone_choices(),
            help_text=_("Of the times on the pages and of schedules. A person may choose another for their pages."),
        )


class InviteForm(forms.Form):
    """Whom to invite as what."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role, Membership.Role(role).label) for role in roles if role != Membership.Role.OWNER
        ]
        self.fields["language"] = language_field(_("Language of the letter"))
