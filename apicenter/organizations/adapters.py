"""Where the sign-in library asks us: letters in our form and language, links at our address, secrets sealed."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apicenter.crypto import open_personal, seal_personal
from apicenter.mail import send_letter
from apicenter.organizations import second_step
from apicenter.organizations.letters import LETTERS, Letter
from apicenter.organizations.models import User

logger = logging.getLogger(__name__)
SENT = "account/messages/email_confirmation_sent.txt"
SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}  # the page itself shows it


class AccountAdapter(DefaultAccountAdapter):
    """Accounts, their letters and messages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This address and this password do not belong together."),
        "too_many_login_attempts": _("Too many wrong tries. Wait five minutes, or ask for a new password."),
        "rate_limited": _("That was a bit too often. Wait a minute and try again."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or it is too old. Try the next one."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        letter = LETTERS[template_prefix]
        reader = User.objects.filter(email__iexact=email).first() or context.get("user")
        language = reader.language if isinstance(reader, User) else get_language() or settings.LANGUAGE_CODE
        values = {"letter": letter, "url": _address(letter, context), "text": _Text(letter, context), **context}
        try:
            send_letter("account", email, values, language=language)
        except OSError:
            logger.exception("the letter %s could not be sent", template_prefix)
            self._say_that_it_was_not_sent()

    def _say_that_it_was_not_sent(self) -> None:
        """What was asked for stands (an account, a new address): say how to have the letter sent again."""
        if self.request is None:
            return
        self.request.letter_failed = True
        messages.error(
            self.request,
            _(
                "The message could not be sent: our mail server did not take it. Try again in a few minutes. The "
                "message that confirms an address is sent again when you sign in."
            ),
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL}{path.replace('UID-KEY', key)}"

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        is_untrue = message_template == SENT and getattr(request, "letter_failed", False)
        if not is_untrue and (level != messages.SUCCESS or message_template not in SILENT):
            super().add_message(request, level, message_template, *args, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    """The second step: secrets sealed, and never switched off where an organization wants it."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("Your company wants two-step sign-in, and this is your last one."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def encrypt(self, text: str) -> str:
        return seal_personal(text, second_step.PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return open_personal(encrypted_text, second_step.PLACE)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (second_step.is_last_step(authenticator) and second_step.is_required_of(authenticator.user))


class _Text:
    """A letter's text with the values it names, made when the letter's own language is on."""

    def __init__(self, letter: Letter, context: dict[str, Any]) -> None:
        self._letter, self._context = letter, context

    def __str__(self) -> str:
        return str(self._letter.text).format(**self._context)


def _address(letter: Letter, context: dict[str, Any]) -> str:
    if letter.page:
        return f"{settings.SITE_URL}{reverse(letter.page)}"
    return str(context.get(letter.link, ""))
