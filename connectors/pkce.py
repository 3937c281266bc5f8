"""Proof key for code exchange (RFC 7636, S256): a code is worth something only to whoever set out for it."""

from __future__ import annotations

import base64
import hashlib
import secrets

VERIFIER_BYTES = 48  # 64 signs; 43 to 128 are allowed


def new_verifier() -> str:
    """Return the secret that stays here until the code has come back."""
    return secrets.token_urlsafe(VERIFIER_BYTES)


def challenge_of(verifier: str) -> str:
    """Return what the consent page is told of it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
