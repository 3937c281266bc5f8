"""Whether a request wants a part of a page only."""

from __future__ import annotations

from dashboard.access import MemberRequest


def wants_part(request: MemberRequest) -> bool:
    """True for htmx asking for a fragment; the way back in the browser's history needs the whole page."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request
