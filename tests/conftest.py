"""What all tests share: settings that make waiting short, and rules that keep them honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase, override_settings

from tests.emptying import empty_database

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what touches the database: the run on PostgreSQL and Redis repeats that, and nothing else."""
    names = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("django_db") or names & DATABASE_FIXTURES:
        item.add_marker("database")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("crash") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Give SQLite a file where a browser keeps asking a live server, so that each thread has a connection of its own.

    In memory they would share one. A thread that runs a function of Python within SQL (Django's TruncDate) then holds
    the connection and wants the interpreter, another holds the interpreter and wants the connection, and nothing but a
    signal that kills ends that: no time-out of Python's own does.
    """
    mine = connection.settings_dict
    if connection.vendor == "sqlite" and any(item.get_closest_marker("browser") for item in request.session.items):
        mine["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        mine["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # a test outlives no power cut


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords quickly: hundreds of tests sign in, and none of them is about how long that takes."""
    with override_settings(PASSWORD_HASHERS=["tests.passwords.QuickHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Empty the database after a test that commits as tests.emptying says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: empty_database())
        yield


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that changes values of the environment for one test: env(SLICE_RECORDS=2)."""

    def change(**values: object) -> None:
        monkeypatch.setattr(django_settings, "ENV", django_settings.ENV.model_copy(update=values))

    return change


@pytest.fixture(autouse=True)
def empty_cache(request: pytest.FixtureRequest) -> None:
    """Begin a test that commits with an empty cache: its table is no model's, so emptying the database leaves it.

    Without this, a throttle that one test filled (one letter of confirmation in three minutes) holds back another.
    """
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            assert not connection.in_atomic_block, "a test that commits cannot share a module with rows made once"
            cache.clear()
