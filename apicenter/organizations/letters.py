"""The letters about an account: what each says. They all have one form, `templates/email/account.*`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOT_YOU = _("If it was not you, do nothing: without this link nothing happens.")
ALARM = _("If this was not you, choose a new password at once and look where you are signed in.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `link` names a value of the context, `page` one of our pages; a notice tells where it came from."""

    subject: Promise
    text: Promise  # may name values of the context: {email}
    button: Promise | str = ""
    link: str = ""
    page: str = ""
    after: Promise | str = ""
    is_notice: bool = False


def _notice(subject: Promise, text: Promise) -> Letter:
    return Letter(subject, text, _("Look at your account"), page="usersessions_list", after=ALARM, is_notice=True)


CONFIRM = Letter(
    _("Confirm your e-mail address"),
    _("Somebody gave this address for an account here. If it was you, confirm it. The link is good for three days."),
    _("Confirm this address"),
    link="activate_url",
    after=NOT_YOU,
)

LETTERS: dict[str, Letter] = {
    "account/email/email_confirmation_signup": CONFIRM,
    "account/email/email_confirmation": CONFIRM,
    "account/email/password_reset_key": Letter(
        _("Choose a new password"),
        _("Somebody asked for a new password for your account. If it was you, choose one here."),
        _("Choose a new password"),
        link="password_reset_url",
        after=NOT_YOU,
    ),
    "account/email/account_already_exists": Letter(
        _("You already have an account"),
        _(
            "Somebody wanted to make an account with this address, but you have one. Sign in as always. If you do not "
            "know your password any more, ask for a new one on the sign-in page."
        ),
        _("Sign in"),
        page="account_login",
        after=_("If it was not you, do nothing: nothing was changed."),
    ),
    "account/email/unknown_account": Letter(
        _("There is no account with this address"),
        _(
            "Somebody asked for a new password for this address, but there is no account with it. Perhaps you signed "
            "up with another address. Otherwise you can make an account."
        ),
        _("Create an account"),
        page="account_signup",
        after=_("If it was not you, do nothing: nothing was changed."),
    ),
    "account/email/email_changed": _notice(
        _("Your e-mail address was changed"),
        _("Your account now has the address {to_email} in the place of {from_email}."),
    ),
    "account/email/email_confirm": _notice(
        _("Your e-mail address is confirmed"), _("This address now belongs to your account.")
    ),
    "account/email/email_deleted": _notice(
        _("An e-mail address was removed"), _("The address {deleted_email} no longer belongs to your account.")
    ),
    "account/email/password_changed": _notice(_("Your password was changed"), _("Your account has a new password.")),
    "account/email/password_reset": _notice(_("Your password was changed"), _("Your account has a new password.")),
    "account/email/password_set": _notice(_("Your password was changed"), _("Your account has a new password.")),
    "mfa/email/recovery_codes_generated": _notice(
        _("New recovery codes"), _("New recovery codes were made for your account. Older ones no longer work.")
    ),
    "mfa/email/totp_activated": _notice(
        _("Two-step sign-in is on"), _("From now on your account asks for a code from your app when you sign in.")
    ),
    "mfa/email/totp_deactivated": _notice(
        _("Codes from an app are off"), _("Your account no longer asks for a code from an app when you sign in.")
    ),
    "mfa/email/webauthn_added": _notice(
        _("A passkey was added"), _("A passkey or security key was added to your account.")
    ),
    "mfa/email/webauthn_removed": _notice(
        _("A passkey was removed"), _("A passkey or security key was removed from your account.")
    ),
}
