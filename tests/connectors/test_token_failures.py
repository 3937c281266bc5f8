from __future__ import annotations

import pytest
from django.db import OperationalError

from apicenter.errors import ApicenterError, AuthError, RateLimited, RemoteUnavailable
from apicenter.organizations.models import Organization
from connectors.auth import GrantRefused, Tokens
from connectors.models import Connection, Credential
from connectors.tokens import DOUBT, DOUBT_REST, LEASE, store_tokens
from tests.connectors.token_server import NOW, Clock, TokenServer, make_auth, make_authorised, only_row

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


def test_a_token_refused_right_after_it_was_made_is_doubted_and_only_in_the_end_gone(organization: Organization):
    clock = Clock()
    auth = make_auth(make_authorised(organization, age=60), TokenServer(), clock)
    auth.token("api")

    assert auth.refused("api") == clock.now + DOUBT_REST
    with pytest.raises(RemoteUnavailable) as caught:
        auth.token("api")
    assert (caught.value.code, caught.value.retry_at) == ("token.not_taken_yet", clock.now + DOUBT_REST)

    clock.sleep(DOUBT_REST.total_seconds())
    assert auth.token("api") == "a0"
    clock.sleep(DOUBT.total_seconds())
    assert auth.refused("api") is None


def test_a_token_that_is_taken_again_ends_the_doubt(connection: Connection):
    clock = Clock()
    auth, other = (make_auth(connection, TokenServer(), clock) for _ in range(2))
    auth.ensure_fresh()
    auth.refused("api")

    other.ensure_fresh()
    other.accepted("api")
    clock.sleep(DOUBT.total_seconds())

    assert only_row().refused_at is None
    assert auth.refused("api") is not None


def test_a_new_consent_ends_the_doubt(connection: Connection):
    auth = make_auth(connection, TokenServer())
    auth.ensure_fresh()
    auth.refused("api")

    store_tokens(connection, Tokens("b0", "s0", 3600), asked_at=NOW)

    assert only_row().refused_at is None
