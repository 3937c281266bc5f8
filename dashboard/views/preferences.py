"""What a person prefers: light or dark, and the language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_supported_language_variant
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from apicenter.organizations.models import User
from dashboard.context import THEME_COOKIE, THEMES
from dashboard.way_back import own_path

YEAR = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark in a cookie; anything else leaves it to the system again."""
    response = redirect(own_path(request.POST.get("next", ""), otherwise="/"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.IS_SECURE
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages, and of what is sent to this person."""
    if isinstance(request.user, User):
        try:
            chosen = get_supported_language_variant(request.POST.get("language", ""))
        except LookupError:
            return set_language(request)
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)
