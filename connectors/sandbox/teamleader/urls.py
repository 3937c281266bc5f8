"""Addresses of the fake Teamleader Focus: the API and the authorization server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from connectors.sandbox.front import serve
from connectors.sandbox.teamleader import oauth
from connectors.sandbox.teamleader.dialect import TeamleaderDialect
from connectors.sandbox.teamleader.methods import respond

_DIALECT = TeamleaderDialect()


@csrf_exempt
def api(request: HttpRequest, method: str) -> HttpResponse:
    # The scopes of an application are chosen when it is registered, not per token.
    return serve(request, dialect=_DIALECT, scope="", respond=respond)


urlpatterns = [
    path("api/<str:method>", api),
    path("oauth2/authorize", require_GET(oauth.authorize)),
    path("oauth2/access_token", csrf_exempt(require_POST(oauth.access_token))),
]
