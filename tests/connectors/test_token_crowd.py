from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context
from connectors.auth import GrantRefused
from connectors.models import Connection
from connectors.tokens import ConnectionAuth
from tests.connectors.fake_connector import FakeCode, make_organization
from tests.connectors.file_database import file_database
from tests.connectors.token_server import Clock, TokenServer, make_auth, make_authorised


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


def test_whoever_looked_before_another_claimed_the_refresh_does_not_ask_too(connection: Connection):
    class Overtaken(Clock):
        looks = 0

        def __call__(self) -> datetime:
            self.looks += 1
            if self.looks == 2:  # the row was read, and nothing is claimed yet
                make_auth(connection, server).ensure_fresh()
            return super().__call__()

    server = TokenServer()
    late = make_auth(connection, server, Overtaken())

    late.ensure_fresh()

    assert (late.token("api"), server.calls) == ("a1", 1)


def test_the_naive_way_kills_the_grant():
    def work() -> str:
        tokens = server.refresh(memory["refresh"])
        memory["refresh"] = tokens.refresh
        return tokens.access

    server, memory = TokenServer(), {"refresh": "r0"}

    results = crowd(24, work)

    assert server.is_dead
    assert sum(isinstance(row, GrantRefused) for row in results) > 0
