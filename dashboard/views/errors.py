"""What people see when something is wrong. These pages ask the database nothing: it may be what is wrong."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone

from apicenter.organizations.zones import zone_of
from dashboard.context import theme_of
from dashboard.limits import seconds_left


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "404.html", 404)


def only_sent(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Say that an address takes only what a form sends, to somebody who opened it as a page."""
    page = _page(request, "405.html", 405)
    page["Allow"] = response["Allow"]
    return page


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Say when to come back, for programs and in words."""
    seconds = seconds_left(request)
    response = _page(request, "429.html", 429, minutes=math.ceil(seconds / 60))
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, "403_csrf.html", 403)


def _page(request: HttpRequest, template: str, status: int, **more: object) -> HttpResponse:
    organization = getattr(request, "organization", None)
    zone = zone_of(organization) if organization is not None else timezone.get_current_timezone()
    context = {
        "reference": getattr(request, "reference", ""),
        "theme": theme_of(request),
        "now": timezone.localtime(timezone=zone),
        "zone": str(zone),
        "path": request.path,
        **more,
    }
    return HttpResponse(render_to_string(template, context), status=status)
