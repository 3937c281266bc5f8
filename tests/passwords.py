"""A hasher for tests: what the site uses, but quick."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Hashes once instead of a million times; algorithm, form and code stay."""

    iterations = 1
