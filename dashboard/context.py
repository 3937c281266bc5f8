"""What every template may use."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dashboard.access import MemberRequest
from dashboard.menu import menu_of

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def site(request: HttpRequest) -> dict[str, object]:
    """The operator's name for the product, the chosen theme, and, for a member, the menu."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    values: dict[str, object] = {
        "site_name": settings.SITE_NAME,
        "theme": theme if theme in THEMES else "",
        "languages": settings.LANGUAGES,
        "own_path": request.get_full_path(),
    }
    if hasattr(request, "membership"):
        member = cast(MemberRequest, request)
        values["menu"] = SimpleLazyObject(lambda: menu_of(member))
        values["may_edit"] = member.may_edit
    return values
