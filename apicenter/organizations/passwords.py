"""The rules about passwords: long, not well known, hard to guess. None about signs, no forced changes (ASVS 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST_GUESSES = 10**9
READ = 32  # characters that are looked at: the work grows with their square, and whoever signs up may send anything
WORD = re.compile(r"\w{3,}")
OUR_WORDS = ("teamleader", "visma")  # what the product is about, and so among the first words anybody tries


class LongEnough(MinimumLengthValidator):
    """At least so many characters, said in every language that we speak."""

    def get_error_message(self) -> str:
        return _("This password is too short: it needs at least %(count)s characters.") % {"count": self.min_length}


class HardToGuess:
    """Not found early by those who try words, names, dates, rows of keys, and what they know of the person."""

    def validate(self, password: str, user: Any = None) -> None:
        about = [getattr(user, "email", ""), getattr(user, "name", "")]
        if getattr(user, "pk", None):
            about += user.organizations.values_list("name", flat=True)
        refuse_guessable(password, about)

    def get_help_text(self) -> str:
        return ""  # the pages say all rules in one sentence


def refuse_guessable(password: str, about: Iterable[str]) -> None:
    """Raise ValidationError for a password that takes few guesses. `about`: names and addresses that others know."""
    from zxcvbn import zxcvbn  # its word lists take some megabytes, which most processes never need

    known = [settings.SITE_NAME, *OUR_WORDS, *about]
    words = {word for text in known for word in (text, *WORD.findall(text)) if word}
    if zxcvbn(password[:READ], user_inputs=sorted(words))["guesses"] < LEAST_GUESSES:
        raise ValidationError(
            _("This password would soon be guessed. Take a few words that have nothing to do with each other or you."),
            code="password_guessable",
        )
