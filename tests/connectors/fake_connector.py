"""A connector without an API of its own, and the account it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from apicenter.organizations.models import Organization
from connectors import registry
from connectors.base import (
    AccountInfo,
    AuthKind,
    AuthSpec,
    CheckResult,
    Connector,
    Finding,
    FormField,
    Option,
    RateLimit,
)
from connectors.models import Connection

API = "https://api.focus.teamleader.eu"
AUTH = "https://focus.teamleader.eu"


class FakeCode(Connector):
    """Consent in the browser, single-use refresh tokens. Its key and hosts are those of a system with a sandbox."""

    key = "teamleader"
    title = "Fake Focus"
    auth = AuthSpec(
        kind=AuthKind.OAUTH_CODE,
        token_host="auth",
        token_path="/oauth2/access_token",
        authorize_path="/oauth2/authorize",
    )
    hosts: ClassVar[Mapping[str, str]] = {"api": "TEAMLEADER_API_URL", "auth": "TEAMLEADER_AUTH_URL"}
    rate_limit = RateLimit(200, 60)
    quiet_setting = "TEAMLEADER_QUIET_SECONDS"
    form = (
        FormField("client_id", "Client id", is_required=False),
        FormField("client_secret", "Client secret", is_secret=True, is_required=False),
        FormField("department", "Department", "Two letters.", is_required=False, pattern="[A-Z]{2}"),
    )

    def account(self) -> AccountInfo:
        me = self.api.call("POST", "users.me").body["data"]["account"]
        return AccountInfo(me["id"], me["name"])

    def check(self) -> list[CheckResult]:
        self.api.call("POST", "products.list", json={})
        return [CheckResult("Products", Finding.OK)]

    def options(self, name: str) -> list[Option]:
        raise KeyError(name)


class FakePkce(FakeCode):
    """The same, with a consent server that takes PKCE."""

    auth = replace(FakeCode.auth, has_pkce=True)


class FakeTenant(FakeCode):
    """Client credentials for one tenant, with a token per audience."""

    key = "visma_net"
    title = "Fake ERP"
    auth = AuthSpec(
        kind=AuthKind.CLIENT_CREDENTIALS,
        token_host="connect",
        token_path="/connect/token",
        audiences={"erp": "erp:read erp:create", "order": "order:write"},
        tenant_field="tenant_id",
    )
    hosts: ClassVar[Mapping[str, str]] = {
        "api": "VISMA_NET_API_URL",
        "order": "VISMA_NET_ORDER_URL",
        "connect": "VISMA_CONNECT_URL",
    }
    host_audience: ClassVar[Mapping[str, str]] = {"api": "erp", "order": "order"}
    rate_limit = RateLimit(None, 3600, is_sliding=False)
    form = (FormField("tenant_id", "Tenant id"),)


def make_organization(name: str = "Acme") -> Organization:
    return Organization.objects.create(name=name)


def make_connection(organization: Organization, connector: type[Connector] = FakeCode, **values: Any) -> Connection:
    """A connection with a client of its own, outside of `services.connect`."""
    fields = {"connector": connector.key, "name": connector.title, "settings": {"tenant_id": "t-1"}, **values}
    connection = Connection(organization=organization, **fields)
    connection.store_secrets({"client_id": "app", "client_secret": "hush"})
    connection.save()
    return connection


def use_fakes(monkeypatch: pytest.MonkeyPatch, *fakes: type[Connector]) -> None:
    """Put fakes in the places of the real connectors."""
    for fake in fakes or (FakeCode, FakeTenant):
        monkeypatch.setitem(registry.CONNECTORS, fake.key, f"{__name__}:{fake.__name__}")
