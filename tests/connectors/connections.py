"""Connections to both systems as people make them, and what their fakes answer."""

from __future__ import annotations

from typing import Any

import respx
from django.utils import timezone

from apicenter.organizations.models import Organization
from connectors.auth import Tokens
from connectors.models import Connection
from connectors.services import connect
from connectors.tokens import store_tokens
from tests.connectors.fake_connector import API, AUTH

SECRETS = {"client_id": "app", "client_secret": "hush"}
BACK = "https://us.example/back"


def make_focus(organization: Organization, **values: Any) -> Connection:
    given = {"name": "Ours", "environment": "production", "settings": {}, "secrets": SECRETS, **values}
    return connect(organization, "teamleader", **given)


def make_erp(organization: Organization, **values: Any) -> Connection:
    given = {"name": "Books", "environment": "production", "settings": {"tenant_id": "t-1"}, "secrets": SECRETS}
    return connect(organization, "visma_net", **{**given, **values})


def make_authorised(organization: Organization, **values: Any) -> Connection:
    connection = make_focus(organization, **values)
    store_tokens(connection, Tokens("a0", "r0", 3600), asked_at=timezone.now())
    return connection


def answer_account(router: respx.MockRouter, account: str = "acc-1") -> None:
    router.post(f"{AUTH}/oauth2/access_token").respond(json={"access_token": f"of-{account}", "refresh_token": "r"})
    router.post(f"{API}/users.me").respond(json={"data": {"account": {"id": account, "name": f"Name of {account}"}}})
