"""From the Authorization header to a token, and from its scopes to what a view allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apicenter.api.models import ApiToken
from apicenter.api.tokens import find_token

if TYPE_CHECKING:  # DRF's views import this module by the settings
    from rest_framework.views import APIView


def token_in(request: HttpRequest) -> str:
    """Return the text after "Bearer", or ""."""
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer apic_…`. The token was found before the view ran, as it says which organization's."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        text = token_in(request)
        if not text:
            return None
        token = getattr(request, "api_token", None) or find_token(text)
        if token is None:
            raise AuthenticationFailed(_("This token is not known, has expired or was withdrawn."))
        return token.created_by or AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """The token must have the scope that the view names for this method: `scopes = {"read": …, "write": …}`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token: Any = request.auth
        if token is None:
            return False
        scope = scope_of(view, request.method or "")
        if scope not in token.scopes:
            raise PermissionDenied(_("This token lacks the scope “%(scope)s”.") % {"scope": scope})
        return True


def scope_of(view: APIView, method: str) -> str:
    """Return the scope a view asks for."""
    scopes: dict[str, str] = view.scopes
    action = getattr(view, "action", "") or ""
    if action in scopes:
        return scopes[action]
    if method in {"GET", "HEAD", "OPTIONS"}:
        return scopes["read"]
    return scopes.get("write", scopes["read"])  # nothing to write there: the method is refused next
