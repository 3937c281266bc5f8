"""A database for tests with threads, that begins empty or as an earlier test left it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.db import connection

from tests.connectors.kept_rows import bring_rows, keep_rows

Snapshot = str  # of SQLite: the path of a file; of PostgreSQL: the name of a schema


@contextmanager
def file_database(path: Path, *, original: Snapshot | None = None) -> Iterator[None]:
    """A database that threads share as processes do; SQLite's in-memory one locks whole tables.

    It begins as a copy of `original`, or empty.
    """
    if connection.vendor != "sqlite":
        if original is not None:
            bring_rows(original)
        yield
        return
    file = path / "test.sqlite3"
    shutil.copy(original or _migrated(), file)
    with _database_at(file):
        yield


def snapshot() -> Snapshot:
    """Return a copy of the database as it stands, for later tests to begin with."""
    if connection.vendor != "sqlite":
        return keep_rows()
    file = Path(tempfile.mkdtemp(prefix="snapshot-")) / "original.sqlite3"
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)
    return str(file)


@contextmanager
def _database_at(file: Path) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.close()
    memory = connection.connection  # Django keeps an in-memory database open
    connection.connection, connection.settings_dict["NAME"] = None, file
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = memory, name


@cache
def _migrated() -> Snapshot:
    """The test's own database was migrated already; the others are copies of it."""
    return snapshot()
