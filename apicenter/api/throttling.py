"""How often one token may call: a window of a minute, the same for every token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class TokenThrottle(SimpleRateThrottle):
    """API_CALLS_PER_MINUTE of a token, counted in the cache."""

    scope = "token"

    def get_rate(self) -> str:
        return f"{settings.ENV.API_CALLS_PER_MINUTE}/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        token: Any = request.auth
        return f"api-throttle-{token.pk}" if token is not None else None


class StrangerThrottle(SimpleRateThrottle):
    """Calls that name no valid token, by address: guessing a token must be slow even though it is hopeless."""

    scope = "stranger"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return None if request.auth is not None else f"api-stranger-{self.get_ident(request)}"
