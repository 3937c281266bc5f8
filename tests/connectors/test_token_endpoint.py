from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import respx

from apicenter.errors import ApicenterError, AuthError, PermissionMissing, RemoteUnavailable
from apicenter.organizations.models import Organization
from connectors.auth import TokenEndpoint, Tokens
from connectors.base import Connector
from connectors.models import Connection, Credential
from connectors.tokens import ConnectionAuth
from tests.connectors.fake_connector import AUTH, FakeCode, FakeTenant, make_connection
from tests.connectors.token_server import NOW, Clock, only_row


def ask_endpoint(connection: Connection, connector: type[Connector], *answers: httpx.Response) -> tuple[Any, Any]:
    """Return what `ensure_fresh` came to, and the forms that were sent."""
    forms: list[dict[str, str]] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        forms.append(dict(parse_qsl(request.content.decode())))
        return left.pop(0)

    auth = ConnectionAuth(connection, connector, clock=Clock())
    with respx.mock(assert_all_called=False) as router:
        router.post(url__regex=r".*/(connect/token|oauth2/access_token)$").mock(side_effect=answer)
        try:
            auth.ensure_fresh()
            return auth.token("api"), forms
        except ApicenterError as error:
            return error, forms


def given(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_client_credentials_name_tenant_and_scope(organization: Organization):
    connection = make_connection(organization, FakeTenant)

    token, forms = ask_endpoint(connection, FakeTenant, given(access_token="jwt", expires_in=3600))

    assert token == "jwt"
    assert forms == [
        {
            "grant_type": "client_credentials",
            "scope": "erp:read erp:create",
            "client_id": "app",
            "client_secret": "hush",
            "tenant_id": "t-1",
        }
    ]


def test_each_audience_has_a_token_of_its_own(organization: Organization):
    auth = ConnectionAuth(make_connection(organization, FakeTenant), FakeTenant, clock=Clock())

    with respx.mock() as router:
        router.post(data__contains={"scope": "order:write"}).respond(json={"access_token": "for-orders"})
        router.post(data__contains={"scope": "erp:read erp:create"}).respond(json={"access_token": "for-erp"})
        tokens = [auth.token(host) for host in ("api", "order", "api")]

    assert tokens == ["for-erp", "for-orders", "for-erp"]
    assert Credential.objects.count() == 2


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), AuthError, "credentials.wrong"),
        (httpx.Response(400, json={"error": "invalid_client"}), AuthError, "credentials.wrong"),
        (httpx.Response(400, json={"error": "invalid_tenant"}), AuthError, "tenant.wrong"),
        (httpx.Response(400, json={"error": "invalid_scope"}), PermissionMissing, "permission.missing"),
        (httpx.Response(400, text="<html>proxy</html>"), RemoteUnavailable, "remote.unavailable"),
        (httpx.Response(503, text="down"), RemoteUnavailable, "remote.unavailable"),
        (httpx.Response(200, text="<html>"), RemoteUnavailable, "remote.unavailable"),
    ],
)
def test_each_refusal_of_the_endpoint_has_its_cause(
    organization: Organization, answer: httpx.Response, kind: type[ApicenterError], code: str
):
    connection = make_connection(organization, FakeTenant)

    error, _forms = ask_endpoint(connection, FakeTenant, answer)

    assert (type(error), error.code) == (kind, code)
    assert "hush" not in f"{error} {error.detail} {error.params}"
    assert only_row().refresh_until is None


INVALID_GRANT = {"errors": [{"status": 400, "title": "invalid_grant", "meta": {"hint": "Token has been revoked"}}]}


@pytest.mark.parametrize("status", [400, 200])
def test_a_revoked_grant_is_known_by_its_name_whatever_the_status(connection: Connection, status: int):
    error, forms = ask_endpoint(connection, FakeCode, httpx.Response(status, json=INVALID_GRANT))

    assert (type(error), error.code) == (AuthError, "token.revoked")
    assert forms[0]["refresh_token"] == "r0"


def test_a_lifetime_that_is_not_told_is_an_hour(connection: Connection):
    ask_endpoint(connection, FakeCode, given(access_token="a", refresh_token="r", expires_in=None))

    assert only_row().expires_at == NOW + timedelta(hours=1)


def test_the_consent_page_gets_our_state_and_address(connection: Connection):
    endpoint = TokenEndpoint.of(connection, FakeCode)
    url = httpx.URL(endpoint.authorize_url(redirect_uri="https://us.example/back?x=1", state="s1", verifier="v1"))

    assert str(url.copy_with(query=None)) == f"{AUTH}/oauth2/authorize"
    assert dict(url.params) == {
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": "https://us.example/back?x=1",
        "state": "s1",
    }


def test_a_code_is_exchanged_with_the_same_address(connection: Connection):
    endpoint = TokenEndpoint.of(connection, FakeCode)

    with respx.mock() as router:
        route = router.post(f"{AUTH}/oauth2/access_token")
        route.respond(json={"access_token": "a", "refresh_token": "r", "expires_in": 60})
        tokens = endpoint.exchange_code("c1", redirect_uri="https://us.example/back", verifier="v1")
        form = dict(parse_qsl(route.calls.last.request.content.decode()))

    assert tokens == Tokens("a", "r", 60)
    assert form == {
        "grant_type": "authorization_code",
        "code": "c1",
        "redirect_uri": "https://us.example/back",
        "client_id": "app",
        "client_secret": "hush",
    }
