"""The token endpoint of the fake Visma Connect: client credentials for one company, no refresh token."""

from __future__ import annotations

import base64
import json
import uuid

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from connectors.sandbox import tokens
from connectors.sandbox.faults import Faults
from connectors.sandbox.models import Account
from connectors.sandbox.options import Options

ERP_SCOPES = tuple(f"vismanet_erp_service_api:{verb}" for verb in ("read", "create", "update", "delete"))
ORDER_SCOPES = ("visma.net.erp.salesorder:read", "visma.net.erp.salesorder:write")


@csrf_exempt
def token(request: HttpRequest) -> JsonResponse:
    """Answer a token request, or the error RFC 6749 has for it."""
    if request.method != "POST":
        return _error("invalid_request", status=405)
    form = request.POST
    if form.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type")
    client_id, client_secret = _client(request)
    account = tokens.find_account(client_id, system=Account.System.VISMA_NET)
    if account is None or not tokens.has_secret(account, client_secret):
        return _error("invalid_client", status=401)
    faults = Faults.of(account)
    if faults.down:
        return JsonResponse({"error": "temporarily_unavailable"}, status=503)
    if faults.revoke or not _is_tenant(account, form.get("tenant_id", "")):
        return _error("invalid_tenant")
    scopes = form.get("scope", "").split()
    if not scopes or not set(scopes) <= {*ERP_SCOPES, *ORDER_SCOPES}:
        return _error("invalid_scope")
    issued = tokens.issue_access(account, scope=" ".join(scopes), family=_jwt_head())
    return JsonResponse(
        {
            "access_token": issued.value,
            "expires_in": Options.of(account).access_ttl_seconds,
            "token_type": "Bearer",
            "scope": issued.scope,
        },
        headers={"Cache-Control": "no-store"},
    )


def _client(request: HttpRequest) -> tuple[str, str]:
    """Client id and secret come in the form, or in a Basic header."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, secret


def _is_tenant(account: Account, tenant_id: str) -> bool:
    try:
        return uuid.UUID(tenant_id) == account.remote_id
    except ValueError:
        return False


def _jwt_head() -> str:
    """Return the first two parts of a token that looks like the real JWT; nobody may rely on what is in it."""
    parts = ({"alg": "RS256"}, {"iat": int(timezone.now().timestamp()), "jti": uuid.uuid4().hex[:6]})
    texts = (json.dumps(part, separators=(",", ":")).encode() for part in parts)
    return ".".join(base64.urlsafe_b64encode(text).decode().rstrip("=") for text in texts)


def _error(name: str, *, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": name}, status=status)
