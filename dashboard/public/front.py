"""The address "/": the landing page for visitors, the overview for whoever is signed in."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponseBase

from dashboard.access import MemberRequest
from dashboard.public.pages import landing
from dashboard.views.overview import overview


def front(request: HttpRequest) -> HttpResponseBase:
    """A live part of an overview whose session has ended is no visitor: it is sent to the sign-in page."""
    if request.user.is_authenticated or cast(MemberRequest, request).htmx:
        return overview(request)
    return landing(request)
