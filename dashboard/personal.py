"""Pages in the language and the time zone of the person who reads them, whatever browser they use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from apicenter.organizations.models import User
from dashboard.access import current_organization, zone_of

OWN_APP = "dashboard"  # its pages know their organization, and so their time zone, themselves


class PersonalPages:
    """After sign-in the profile wins over the browser, which keeps no page either.

    It comes after the middleware that knows who somebody is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.language in dict(settings.LANGUAGES):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if isinstance(request.user, User):
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, *_args: Any) -> None:
        match = request.resolver_match
        if isinstance(request.user, User) and match is not None and OWN_APP not in match.app_names:
            timezone.activate(zone_of(request.user, current_organization(request)))
