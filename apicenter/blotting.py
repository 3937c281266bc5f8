"""Taking secrets out of text: by what they look like, and by what the secrets in use in this process really are.

Whoever opens a secret says so with `remember`; every log line and everything that is shown of a payload goes through
`blot`. Names of fields that hold secrets are the business of `crypto.redact`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

REDACTED = "•••"
SHORTEST = 8  # a shorter text stands in many others by chance
KEPT = 500
PATTERNS = re.compile(
    r"(?P<before>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"  # a header's value
    r"|\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"  # a JSON web token
    r"|\bapic_[\w-]{20,}"  # a token of our own API
    r"|\bwhsec_[\w+/=-]{16,}"  # the secret of a webhook
    r"|(?P<way>/api/(?:deliveries|hooks)/)[^/\s?\"']{16,}"  # an address that is a secret
    r"|(?P<name>\b(?:client_secret|refresh_token|access_token|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}]{4,}"
)

_lock = threading.Lock()
_in_use: dict[str, None] = {}
_known: re.Pattern[str] | None = None


def remember(secrets: Iterable[str | None]) -> None:
    """Let these be blotted out from now on; the oldest are forgotten when there are too many."""
    global _known
    new = [one for one in secrets if one and len(one) >= SHORTEST and one not in _in_use]
    if not new:
        return
    with _lock:
        for one in new:
            _in_use[one] = None
        while len(_in_use) > KEPT:
            del _in_use[next(iter(_in_use))]
        _known = re.compile("|".join(re.escape(one) for one in sorted(_in_use, key=len, reverse=True)))


def blot(text: str) -> str:
    """Return the text without what is, or looks like, a secret."""
    if _known is not None:
        text = _known.sub(REDACTED, text)
    return PATTERNS.sub(_without, text)


def _without(match: re.Match[str]) -> str:
    return next((kept for kept in match.groups() if kept), "") + REDACTED
