"""The consent page and the token endpoint of Teamleader's authorization server."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from connectors.sandbox import faults as fault
from connectors.sandbox import limits, tokens
from connectors.sandbox.front import Reply, http_response
from connectors.sandbox.models import Account
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader.dialect import TeamleaderDialect

_DIALECT = TeamleaderDialect()
_PATH = "/oauth2/access_token"


def authorize(request: HttpRequest) -> HttpResponse:
    """Consent at once and go back with a code; `deny=1` plays the user who refuses."""
    asked = request.GET
    redirect_uri = asked.get("redirect_uri", "")
    account = tokens.find_account(asked.get("client_id", ""), system=_DIALECT.system)
    if account is None:
        return http_response(_DIALECT.problem(401, "invalid_client"))
    if not _is_known_address(request, redirect_uri):
        return http_response(_DIALECT.problem(400, "invalid redirect_uri"))
    if asked.get("response_type") != "code":
        return _back(redirect_uri, error="unsupported_response_type", state=asked.get("state"))
    if asked.get("deny") == "1":
        return _back(redirect_uri, error="access_denied", state=asked.get("state"))
    return _back(redirect_uri, code=tokens.issue_code(account, redirect_uri), state=asked.get("state"))


def access_token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token, sent as a form or as JSON."""
    asked = _asked(request)
    latency_ms = 0
    with transaction.atomic():
        known = tokens.find_account(asked.get("client_id", ""), system=_DIALECT.system)
        if known is None or not tokens.has_secret(known, asked.get("client_secret", "")):
            return http_response(_DIALECT.problem(401, "invalid_client"))
        account = Account.unscoped.select_for_update().get(pk=known.pk)
        latency_ms = fault.Faults.of(account).latency_ms
        reply = _answer(account, asked)
        options = Options.of(account)
        limits.record(account, options, method="POST", path=_PATH, status=reply.status, now=timezone.now())
    if latency_ms:
        time.sleep(latency_ms / 1000)
    return http_response(reply)


def _answer(account: Account, asked: dict[str, str]) -> Reply:
    faults = fault.Faults.of(account)
    # A lost answer here costs the whole authorization, so chance hits this endpoint only when it is named.
    is_named = any(part in _PATH for part in faults.only)
    fate = fault.draw(account, faults, method="POST", path=_PATH) if is_named else fault.Fate()
    if faults.down:
        return _DIALECT.problem(503, "Service Unavailable")
    if fate.is_error:
        return _DIALECT.problem(500, "Internal server error")
    try:
        reply = Reply(200, _exchanged(account, asked))
    except tokens.InvalidGrant as error:
        body = {"errors": [{"status": 400, "title": "invalid_grant", "meta": {"hint": str(error)}}]}
        return Reply(400, body)
    except KeyError as error:
        return _DIALECT.problem(400, f"invalid_request: {error.args[0]}")
    return Reply(504, fault.GATEWAY_TIMEOUT, {"Content-Type": "text/html"}) if fate.is_lost else reply


def _exchanged(account: Account, asked: dict[str, str]) -> dict[str, Any]:
    if asked["grant_type"] == "authorization_code":
        pair = tokens.exchange_code(account, asked["code"], redirect_uri=asked["redirect_uri"])
    elif asked["grant_type"] == "refresh_token":
        pair = tokens.refresh(account, asked["refresh_token"])
    else:
        raise KeyError("grant_type")
    return {
        "token_type": "Bearer",
        "expires_in": pair.expires_in,
        "access_token": pair.access,
        "refresh_token": pair.refresh,
    }


def _asked(request: HttpRequest) -> dict[str, str]:
    if request.content_type != "application/json":
        return {name: str(value) for name, value in request.POST.items()}
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else {}


def _back(redirect_uri: str, **parameters: str | None) -> HttpResponse:
    given = {name: value for name, value in parameters.items() if value is not None}
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return HttpResponseRedirect(f"{redirect_uri}{joint}{urlencode(given)}")


def _is_known_address(request: HttpRequest, redirect_uri: str) -> bool:
    # The real server keeps a list per application; ours sends browsers to this very platform only.
    own = {request.get_host().partition(":")[0], urlsplit(settings.SITE_URL).hostname, "127.0.0.1", "localhost"}
    parts = urlsplit(redirect_uri)
    return parts.scheme in ("http", "https") and parts.hostname in own
