"""The OAuth 2 conversation with a vendor's token endpoint. What it gives is stored by connectors/tokens.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings

from apicenter.errors import ApicenterError, AuthError, PermissionMissing, Rejected, RemoteUnavailable
from connectors.addresses import base_urls
from connectors.http import Answer, ApiClient, Dialect, Explanation, StaticAuth, Unlimited
from connectors.models import Connection
from connectors.pkce import challenge_of

if TYPE_CHECKING:
    from connectors.base import AuthSpec, Connector

TOKEN_SECONDS = 20  # well within the lease of a refresh
DEFAULT_LIFETIME = 3600.0
NAME_LENGTH = 60


class GrantRefused(AuthError):
    """The code or refresh token is spent, too old or revoked."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the endpoint gave; `refresh` is "" when it gave none."""

    access: str
    refresh: str
    lifetime_seconds: float


class TokenDialect(Dialect):
    """The endpoint's refusals by name; its words stay out of errors, as they may quote what was sent."""

    def explain(self, answer: Answer) -> Explanation:
        name = error_name(answer.body)
        return Explanation(name or f"status {answer.status}", params={"error": name})

    def is_refusal(self, answer: Answer) -> bool:
        return answer.status in {400, 401, 403}

    def is_auth_failure(self, answer: Answer) -> bool:
        return False


def error_name(body: Any) -> str:
    """Return "invalid_grant" and the like, in the form of RFC 6749 or as the title of an error."""
    if not isinstance(body, dict):
        return ""
    name = body.get("error")
    errors = body.get("errors")
    if not name and isinstance(errors, list) and errors and isinstance(errors[0], dict):
        name = errors[0].get("title")
    word = str(name or "")
    return word if word.replace("_", "").isalnum() and len(word) <= NAME_LENGTH else ""


def client_of(connection: Connection) -> tuple[str, str]:
    """Return client id and secret: the connection's own, else the operator's."""
    return pick_client(connection.connector, connection.read_secrets(), connection.settings)


def pick_client(key: str, secrets: Mapping[str, Any], own_settings: Mapping[str, Any]) -> tuple[str, str]:
    """Return the client id and secret that were entered, else the operator's."""
    entered = secrets.get("client_id") or own_settings.get("client_id")
    if entered:  # an own id never goes with the operator's secret
        return str(entered), str(secrets.get("client_secret") or "")
    prefix = key.upper()
    return tuple(str(getattr(settings.ENV, f"{prefix}_{name}", "")) for name in ("CLIENT_ID", "CLIENT_SECRET"))  # type: ignore[return-value]


class TokenEndpoint:
    """The token endpoint as one connection uses it."""

    def __init__(
        self, spec: AuthSpec, *, system: str, base_url: str, client_id: str, client_secret: str, tenant_id: str = ""
    ) -> None:
        self.spec = spec
        self.system = system
        self.base_url = base_url
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._tenant = {"tenant_id": tenant_id} if spec.tenant_field else {}

    @classmethod
    def of(cls, connection: Connection, connector: type[Connector]) -> TokenEndpoint:
        spec = connector.auth
        client_id, client_secret = client_of(connection)
        return cls(
            spec,
            system=connector.title,
            base_url=base_urls(connection, connector)[spec.token_host],
            client_id=client_id,
            client_secret=client_secret,
            tenant_id=str(connection.settings.get(spec.tenant_field, "")) if spec.tenant_field else "",
        )

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the address of the consent page; the verifier goes with the code that comes back."""
        scope = " ".join(filter(None, self.spec.audiences.values()))
        asked = {
            "client_id": self._client["client_id"],
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
        }
        if scope:
            asked["scope"] = scope
        if self.spec.has_pkce:
            asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
        return f"{self.base_url}{self.spec.authorize_path}?{urlencode(asked)}"

    def exchange_code(self, code: str, *, redirect_uri: str, verifier: str = "") -> Tokens:
        """Raises GrantRefused, AuthError, RemoteUnavailable, RateLimited; so do the others."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.spec.has_pkce:
            fields["code_verifier"] = verifier
        return self._ask(fields)

    def refresh(self, refresh_token: str) -> Tokens:
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def client_credentials(self, scope: str) -> Tokens:
        return self._ask({"grant_type": "client_credentials", "scope": scope, **self._tenant}, scope=scope)

    def _ask(self, fields: Mapping[str, str], *, scope: str = "") -> Tokens:
        body = {**fields, **self._client}
        with ApiClient(
            system=self.system,
            hosts={"token": self.base_url},
            auth=StaticAuth(),
            budget=Unlimited(),
            dialect=TokenDialect(),
            deadline_seconds=TOKEN_SECONDS,
            threads=1,
        ) as api:
            is_form = self.spec.body == "form"
            try:
                answer = api.call(
                    "POST",
                    self.spec.token_path,
                    host="token",
                    form=body if is_form else None,
                    json=None if is_form else body,
                )
            except Rejected as error:
                raise self._refusal(error.params["error"], scope, error.detail) from error
        return self._read(answer.body, scope)

    def _read(self, body: Any, scope: str) -> Tokens:
        access = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(access, str) or not access:
            raise self._refusal(error_name(body), scope, "200 without a token")
        refresh = body.get("refresh_token")
        return Tokens(access, refresh if isinstance(refresh, str) else "", _lifetime(body.get("expires_in")))

    def _refusal(self, name: str, scope: str, detail: str) -> ApicenterError:
        if name == "invalid_grant":
            return GrantRefused(detail=detail, system=self.system)
        if name in {"invalid_client", "unauthorized_client"}:
            return AuthError("credentials.wrong", detail=detail, system=self.system)
        if name == "invalid_tenant":
            return AuthError("tenant.wrong", detail=detail, system=self.system)
        if name == "invalid_scope":
            return PermissionMissing(detail=detail, system=self.system, what=scope)
        return RemoteUnavailable("remote.bad_answer", detail=detail, system=self.system)


def _lifetime(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return DEFAULT_LIFETIME
    return seconds if seconds > 0 else DEFAULT_LIFETIME
