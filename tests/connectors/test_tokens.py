from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import respx
from django.db import OperationalError, connections
from django.utils import timezone

from apicenter.errors import ApicenterError, AuthError, PermissionMissing, RateLimited, RemoteUnavailable
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.auth import GrantRefused, TokenEndpoint, Tokens
from connectors.base import Connector
from connectors.models import Connection, Credential
from connectors.tokens import LEASE, ConnectionAuth, authorize_url, store_tokens
from tests.connectors.fake_connector import AUTH, FakeCode, FakeTenant, make_connection, make_organization
from tests.connectors.file_database import file_database

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


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    organization = make_organization()
    with organization_context(organization.id):
        yield organization


@pytest.fixture
def connection(organization: Organization) -> Connection:
    return make_authorised(organization)


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


# one caller


def test_a_fresh_token_costs_no_call(organization: Organization):
    server = TokenServer()
    auth = make_auth(make_authorised(organization, age=60), server)

    auth.ensure_fresh()

    assert (auth.token("api"), server.calls) == ("a0", 0)


@pytest.mark.parametrize(("lifetime", "age", "calls"), [(3600, 3200, 0), (3600, 3300, 1), (60, 20, 0), (60, 40, 1)])
def test_refreshes_ahead_of_need(organization: Organization, lifetime: float, age: float, calls: int):
    server = TokenServer()
    connection = make_connection(organization)
    store_tokens(connection, Tokens("a0", "r0", lifetime), asked_at=NOW - timedelta(seconds=age))

    make_auth(connection, server).ensure_fresh()

    assert server.calls == calls


def test_a_refresh_stores_the_new_pair(connection: Connection):
    auth = make_auth(connection, TokenServer())

    auth.ensure_fresh()

    row = only_row()
    assert auth.token("api") == "a1"
    assert stored(row) == {"access": "a1", "refresh": "r1"}
    assert (row.version, row.state, row.refresh_until) == (2, "ok", None)
    assert row.expires_at == NOW + timedelta(hours=1)


def test_an_answer_without_a_refresh_token_keeps_the_old(connection: Connection):
    server = TokenServer()
    server.gives_refresh = False

    make_auth(connection, server).ensure_fresh()

    assert stored(only_row()) == {"access": "a1", "refresh": "r0"}


def test_a_refused_access_token_is_renewed_though_it_looks_fresh(organization: Organization):
    auth = make_auth(make_authorised(organization, age=60), TokenServer())

    assert auth.renew("api", auth.token("api")) == "a1"
    assert auth.renew("api", "a0") == "a1"


def test_a_token_that_expires_in_the_middle_of_the_work_is_replaced(organization: Organization):
    clock = Clock()
    auth = make_auth(make_authorised(organization, age=0), TokenServer(), clock)

    before = auth.token("api")
    clock.sleep(3601)

    assert (before, auth.token("api")) == ("a0", "a1")


def test_a_connection_that_was_never_authorised_says_so(organization: Organization):
    with pytest.raises(AuthError):
        make_auth(make_connection(organization), TokenServer()).ensure_fresh()


# things that go wrong


BLIPS = [RemoteUnavailable(system="Fake"), RateLimited(system="Fake")]


@pytest.mark.parametrize("blip", BLIPS)
def test_a_blip_is_not_revoked_while_the_old_token_lives(connection: Connection, blip: ApicenterError):
    server = TokenServer()
    server.failure = blip
    auth = make_auth(connection, server)

    auth.ensure_fresh()
    auth.ensure_fresh()

    assert (auth.token("api"), only_row().state, connection.problem_code) == ("a0", "ok", "")
    assert server.calls == 1


@pytest.mark.parametrize("blip", BLIPS)
def test_a_blip_after_the_old_token_died_is_unavailable(organization: Organization, blip: ApicenterError):
    server, clock = TokenServer(), Clock()
    auth = make_auth(make_authorised(organization, age=4000), server, clock)
    server.failure = blip
    with pytest.raises(RemoteUnavailable):
        auth.ensure_fresh()

    server.failure = None
    clock.sleep(30)
    auth.ensure_fresh()

    assert auth.token("api") == "a1"


def test_a_refused_grant_asks_for_a_person(connection: Connection):
    server = TokenServer()
    server.is_dead = True

    with pytest.raises(AuthError) as caught:
        make_auth(connection, server).ensure_fresh()

    connection.refresh_from_db()
    assert caught.value.code == "token.revoked"
    assert (only_row().state, connection.state, connection.problem_code) == (
        "needs_reauth",
        "needs_person",
        "token.revoked",
    )


def test_a_new_consent_ends_needing_one(connection: Connection):
    server = TokenServer()
    server.is_dead = True
    with pytest.raises(AuthError):
        make_auth(connection, server).ensure_fresh()

    store_tokens(connection, Tokens("b0", "s0", 3600), asked_at=NOW)

    assert make_auth(connection, server).token("api") == "b0"


def test_a_grant_refused_because_another_was_faster_is_not_the_end(connection: Connection):
    class Overtaken(TokenServer):
        def refresh(self, refresh_token: str) -> Tokens:
            store_tokens(connection, Tokens("a9", "r9", 3600), asked_at=NOW)
            raise GrantRefused(system="Fake")

    auth = make_auth(connection, Overtaken())

    auth.ensure_fresh()

    connection.refresh_from_db()
    assert (auth.token("api"), connection.problem_code) == ("a9", "")


class Killed(BaseException):
    """The process ends here."""


class Deadly(TokenServer):
    """The server refreshes, and the process dies before it can store the answer."""

    def refresh(self, refresh_token: str) -> Tokens:
        super().refresh(refresh_token)
        raise Killed


def test_a_crash_between_answer_and_commit_is_tried_once_more_and_then_asks_for_a_person(connection: Connection):
    server, clock = Deadly(), Clock()
    with pytest.raises(Killed):
        make_auth(connection, server, clock).ensure_fresh()
    waiting = make_auth(connection, server, clock)
    waiting.ensure_fresh()  # the lease still runs, the old token lives
    clock.sleep(LEASE.total_seconds() + 1)

    with pytest.raises(AuthError):
        make_auth(connection, server, clock).ensure_fresh()

    assert (waiting.token("api"), server.calls, only_row().state) == ("a0", 2, "needs_reauth")


def test_a_crash_before_the_call_costs_nothing(connection: Connection):
    class Early(TokenServer):
        def refresh(self, refresh_token: str) -> Tokens:
            raise Killed

    clock = Clock()
    with pytest.raises(Killed):
        make_auth(connection, Early(), clock).ensure_fresh()
    clock.sleep(LEASE.total_seconds() + 1)
    auth = make_auth(connection, TokenServer(), clock)

    auth.ensure_fresh()

    assert auth.token("api") == "a1"


def test_an_answer_that_comes_after_somebody_else_was_refused_still_saves_the_connection(connection: Connection):
    class Slow(TokenServer):
        def refresh(self, refresh_token: str) -> Tokens:
            tokens = super().refresh(refresh_token)
            clock.sleep(LEASE.total_seconds() + 1)
            with pytest.raises(AuthError):
                make_auth(connection, other, clock).ensure_fresh()
            return tokens

    clock, other = Clock(), TokenServer()
    other.is_dead = True
    auth = make_auth(connection, Slow(), clock)

    auth.ensure_fresh()

    connection.refresh_from_db()
    assert (auth.token("api"), connection.problem_code, only_row().state) == ("a1", "", "ok")


def test_a_database_away_for_a_moment_does_not_lose_the_pair(connection: Connection):
    def flaky() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("away")
        return 1

    tries: list[int] = []
    clock = Clock()

    assert make_auth(connection, TokenServer(), clock)._persist(flaky) == 1
    assert clock.now > NOW


def test_a_lapsed_wait_for_another_refresher_is_unavailable(organization: Organization):
    connection = make_authorised(organization, age=4000)
    Credential.objects.update(refresh_until=NOW + LEASE, state=Credential.State.REFRESHING)

    with pytest.raises(RemoteUnavailable) as caught:
        make_auth(connection, TokenServer()).ensure_fresh()

    assert caught.value.retry_at == NOW + LEASE


# a crowd


def crowd(size: int, work: Callable[[], str]) -> list[str | Exception]:
    """Run the work in as many threads at once, each with a database connection of its own."""
    results: list[str | Exception] = []
    ready = threading.Barrier(size)

    def run() -> None:
        ready.wait(30)
        try:
            results.append(work())
        except ApicenterError as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_24_callers_one_refreshes_and_all_succeed(tmp_path: Path):
    def work() -> str:
        with organization_context(organization.id):
            auth = ConnectionAuth(Connection.objects.get(), FakeCode, endpoint=server)  # type: ignore[arg-type]
            auth.ensure_fresh()
            return auth.token("api")

    server = TokenServer()
    with file_database(tmp_path):
        organization = make_organization()
        with organization_context(organization.id):
            make_authorised(organization, age=4000, at=timezone.now())
        results = crowd(24, work)

    assert results == ["a1"] * 24
    assert server.calls == 1


def test_the_naive_way_kills_the_grant():
    def work() -> str:
        tokens = server.refresh(memory["refresh"])
        memory["refresh"] = tokens.refresh
        return tokens.access

    server, memory = TokenServer(), {"refresh": "r0"}

    results = crowd(24, work)

    assert server.is_dead
    assert sum(isinstance(row, GrantRefused) for row in results) > 0


# the endpoint


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
    url = httpx.URL(authorize_url(connection, FakeCode, redirect_uri="https://us.example/back?x=1", state="s1"))

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
        tokens = endpoint.exchange_code("c1", redirect_uri="https://us.example/back")
        form = dict(parse_qsl(route.calls.last.request.content.decode()))

    assert tokens == Tokens("a", "r", 60)
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == (
        "authorization_code",
        "c1",
        "https://us.example/back",
    )
