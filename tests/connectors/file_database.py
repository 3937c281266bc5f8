"""A database for tests with threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection


@contextmanager
def file_database(path: Path) -> Iterator[None]:
    """A database that threads share as processes do; SQLite's in-memory one locks whole tables."""
    if connection.vendor != "sqlite":
        yield
        return
    name = connection.settings_dict["NAME"]
    connection.close()
    memory = connection.connection  # Django keeps an in-memory database open
    connection.connection, connection.settings_dict["NAME"] = None, path / "test.sqlite3"
    try:
        call_command("migrate", verbosity=0, skip_checks=True)
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = memory, name
