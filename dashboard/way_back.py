"""Where a page goes on to when the request itself names it: within this site, or where the view says."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme


def own_path(wanted: str, *, otherwise: str) -> str:
    """Return `wanted` if it is a path of this site, `otherwise` for anything else: another site, a word, nothing."""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else otherwise
