"""What every template may use."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dashboard.access import MemberRequest
from dashboard.billing.notice import notice_of
from dashboard.menu import menu_of

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def theme_of(request: HttpRequest) -> str:
    """Return what the person chose, "" = as the system has it."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def site(request: HttpRequest) -> dict[str, object]:
    """The operator's name for the product, the chosen theme, and, for a member, the menu."""
    values: dict[str, object] = {
        "site_name": settings.SITE_NAME,
        "theme": theme_of(request),
        "reference": getattr(request, "reference", ""),
        "languages": settings.LANGUAGES,
        "is_charging": settings.ENV.PLANS is not None,
        "own_path": request.get_full_path(),
    }
    if hasattr(request, "membership"):
        member = cast(MemberRequest, request)
        values["menu"] = SimpleLazyObject(lambda: menu_of(member))
        values["free_days"] = SimpleLazyObject(notice_of)
        values["may_edit"] = member.may_edit
        values["may_administer"] = member.may_administer
        values["is_owner"] = member.is_owner
    return values
