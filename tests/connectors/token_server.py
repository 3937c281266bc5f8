"""A token endpoint whose refresh tokens work once, and connections that use it."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx

from apicenter.errors import ApicenterError
from apicenter.organizations.models import Organization
from connectors.auth import GrantRefused, Tokens
from connectors.models import Connection, Credential
from connectors.tokens import ConnectionAuth, store_tokens
from tests.connectors.fake_connector import FakeCode, make_connection

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TokenServer:
    """Gives each refresh token's successor once; using one again ends the grant, as single-use tokens are meant to."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.number = 0
        self.calls = 0
        self.is_dead = False
        self.failure: ApicenterError | None = None
        self.pause = threading.Event()
        self.gives_refresh = True
        self.lifetime = 3600.0

    def refresh(self, refresh_token: str) -> Tokens:
        self.pause.wait(0.05)
        with self.lock:
            self.calls += 1
            if self.failure:
                raise self.failure
            if self.is_dead or refresh_token != f"r{self.number}":
                self.is_dead = True
                raise GrantRefused(system="Fake")
            self.number += 1
            return Tokens(f"a{self.number}", f"r{self.number}" if self.gives_refresh else "", self.lifetime)


class ConsentServer:
    """Sends people back with a code, which it takes only with the verifier of the challenge that it was told."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}  # code: challenge

    def consent(self, url: str) -> str:
        """Allow what the page at this address asks for. Returns the code."""
        asked = dict(httpx.URL(url).params)
        assert asked["code_challenge_method"] == "S256"
        code = f"c{len(self.told)}"
        self.told[code] = asked["code_challenge"]
        return code

    def exchange(self, request: httpx.Request) -> httpx.Response:
        sent = dict(parse_qsl(request.content.decode()))
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode() != self.told.pop(sent["code"], "") + "=":
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "a", "refresh_token": "r", "expires_in": 60})


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def make_authorised(organization: Organization, *, age: float = 3400, at: datetime = NOW) -> Connection:
    """A connection whose access token a0 ends an hour after it was given, `age` seconds ago."""
    connection = make_connection(organization)
    store_tokens(connection, Tokens("a0", "r0", 3600), asked_at=at - timedelta(seconds=age))
    return connection


def make_auth(connection: Connection, server: Any, clock: Clock | None = None) -> ConnectionAuth:
    clock = clock or Clock()
    return ConnectionAuth(connection, FakeCode, endpoint=server, clock=clock, sleep=clock.sleep)


def only_row() -> Credential:
    return Credential.objects.get()


def stored(row: Credential) -> dict[str, str]:
    tokens = row.connection.organization.vault.open(row.tokens, place=Credential.TOKENS_PLACE, row_id=row.id)
    return dict(tokens)
