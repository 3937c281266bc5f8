"""Forms about a person: account, sign-in, profile, joining, leaving."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apicenter.organizations.models import Organization, User
from apicenter.organizations.passwords import refuse_guessable
from dashboard.time_zones import zone_choices

PASSWORD_RULES = _(
    "At least 12 characters, and not a well-known password: those are tried first. A few words that have nothing to "
    "do with each other are easy to remember. Your name or address must not be most of it."
)
NO_ADDRESS = _("This is not an e-mail address.")
INCOMPLETE = _("The part after @ is not complete.")


class InOurWords:
    """A form of the sign-in library with our labels, without texts inside the boxes."""

    words: ClassVar[dict[str, Any]] = {}
    rules_for: ClassVar[str] = ""  # the field of a new password
    fields: dict[str, forms.Field]
    data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            if getattr(field.widget, "attrs", {}).get("autocomplete") == "current-password":
                field.help_text = _way_to_a_new_password()
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _what_is_wrong_with(str(self.data.get(name, "")))
        if self.rules_for:
            self.fields[self.rules_for].help_text = PASSWORD_RULES


def _way_to_a_new_password() -> str:
    return format_html('<a href="{}">{}</a>', reverse("account_reset_password"), _("Forgotten your password?"))


def _what_is_wrong_with(address: str) -> Any:
    _user, at, domain = address.strip().rpartition("@")
    return INCOMPLETE if at and "." not in domain.strip(".") else NO_ADDRESS


class AccountForm(InOurWords, allauth.SignupForm):
    """Sign-up; it holds what dashboard/forms.py asks in addition."""

    words: ClassVar = {"email": _("Work e-mail"), "password1": _("Password")}
    rules_for = "password1"

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("password1"):  # the library knows the address of a newcomer only
            try:
                refuse_guessable(values["password1"], [values.get(name, "") for name in ("email", "name", "company")])
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return values

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # the answer takes as long as for a new address
        return super().try_save(request)


class SignInForm(InOurWords, allauth.LoginForm):
    words: ClassVar = {
        "login": _("E-mail address"),
        "password": _("Password"),
        "remember": _("Stay signed in on this device"),
    }


class AskResetForm(InOurWords, allauth.ResetPasswordForm):
    words: ClassVar = {"email": _("E-mail address")}


class NewPasswordForm(InOurWords, allauth.ResetPasswordKeyForm):
    words: ClassVar = {"password1": _("New password"), "password2": _("New password once more")}
    rules_for = "password1"


class ChangePasswordForm(InOurWords, allauth.ChangePasswordForm):
    words: ClassVar = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }
    rules_for = "password1"


class ChangeAddressForm(InOurWords, allauth.AddEmailForm):
    words: ClassVar = {"email": _("New e-mail address")}


class ReauthenticateForm(InOurWords, allauth.ReauthenticateForm):
    words: ClassVar = {"password": _("Password")}


class CodeForm(InOurWords, mfa.AuthenticateForm):
    words: ClassVar = {"code": _("Code from your app, or a recovery code")}


class CodeAgainForm(InOurWords, mfa.ReauthenticateForm):
    words: ClassVar = {"code": _("Code from your app, or a recovery code")}


class AppForm(InOurWords, totp.ActivateTOTPForm):
    words: ClassVar = {"code": _("Code that the app shows")}


class AddKeyForm(InOurWords, webauthn.AddWebAuthnForm):
    words: ClassVar = {"name": _("What you call it"), "passwordless": _("Also sign in with it, without a password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].help_text = _(
            "This makes it a passkey: the device then asks for your finger, face or PIN. Without this it is only the "
            "second step after your password."
        )
        self.fields["passwordless"].initial = True


class RenameKeyForm(InOurWords, webauthn.EditWebAuthnForm):
    words: ClassVar = {"name": _("What you call it")}


class ProfileForm(forms.ModelForm):
    """Who somebody is, and how they want to read the pages."""

    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, organization: Organization | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = f"{_('As the company')} ({organization.time_zone})" if organization else _("As the company")
        self.fields["name"].label, self.fields["name"].required = _("Your name"), True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"] = language_field(_("Language"), help_text=_("Of the pages and of what we send you."))
        self.fields["time_zone"].choices = [("", usual), *zone_choices()]  # type: ignore[attr-defined]
        self.fields["time_zone"].help_text = _("Of the times on your pages.")


class JoinForm(forms.Form):
    """An account for somebody who was invited; the letter proved the address."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_RULES,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, company: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email, self._company = email, company

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self._email, name=self.cleaned_data.get("name", "")))
        refuse_guessable(password, [self._company])
        return password


class TypedForm(forms.Form):
    """Something that must be typed exactly, so that nobody deletes by a slip of the hand."""

    typed = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, wanted: str, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted = wanted
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed.casefold() != self._wanted.strip().casefold():
            raise forms.ValidationError(_("This is not the same."))
        return typed


def language_field(label: Any, *, help_text: Any = "") -> forms.ChoiceField:
    """A choice of language, each in its own name."""
    choices = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
    return forms.ChoiceField(label=label, choices=choices, help_text=help_text)
