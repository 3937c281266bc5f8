from __future__ import annotations

from datetime import timedelta

import pytest

from apicenter.errors import AuthError
from apicenter.organizations.models import Organization
from connectors.auth import Tokens
from connectors.models import Connection
from connectors.tokens import store_tokens
from tests.connectors.fake_connector import make_connection
from tests.connectors.token_server import NOW, Clock, TokenServer, make_auth, make_authorised, only_row, stored


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
