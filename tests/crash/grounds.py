"""What the faults strike on: SQLite with the embedded dispatcher, or PostgreSQL with Redis and Celery's own workers.

Each ground holds a seeded original, gives every fault a copy of it, and knows which processes do the work there.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.crash import processes
from tests.crash.processes import ROOT, Process
from tests.services import POSTGRES, is_reachable

PATIENCE_SECONDS = 20.0


class Ground(Protocol):
    """Where a fault strikes."""

    name: str
    title: str

    def prepare(self) -> dict[str, str]:
        """Start what it needs; returns the environment in which Django is to be set up."""

    def migrate(self, **changed: str) -> None:
        """Bring the present database's schema up to date, as its owner."""

    def fresh(self, folder: Path) -> None:
        """Let this process use a copy of the original from now on."""

    def engine(self, env: dict[str, str], folder: Path) -> dict[str, Process]:
        """Return the processes that do the work, not started yet."""

    def close(self) -> None:
        """End what it started and drop what it made."""


def migrate(database_url: str, **changed: str) -> None:
    env = {**os.environ, "DATABASE_URL": database_url, **changed}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)


class Embedded:
    """SQLite, and one process that dispatches for itself."""

    name, title = "embedded", "SQLite, embedded dispatcher"

    def __init__(self, folder: Path) -> None:
        self._original = folder / "original.sqlite3"

    def prepare(self) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self._original}", "REDIS_URL": ""}

    def migrate(self, **changed: str) -> None:
        from django.db import connection

        migrate(f"sqlite:///{connection.settings_dict['NAME']}", **changed)

    def fresh(self, folder: Path) -> None:
        file = folder / "matrix.sqlite3"
        _close_connection()  # whoever closes last brings the log of writes into the file
        shutil.copy(self._original, file)
        _use(str(file))

    def engine(self, env: dict[str, str], folder: Path) -> dict[str, Process]:
        return {"worker": processes.dispatcher(env, folder / "worker.log")}

    def close(self) -> None:
        from django.db import connection

        connection.close()


class Services:
    """PostgreSQL as a role that owns nothing and stands above no wall, a Redis of its own, Celery workers and beat."""

    name, title = "services", "PostgreSQL, Redis, Celery"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = f"apicenter_faults_{os.getpid()}"
        self._owner, self._app = f"{self._mark}_owner", f"{self._mark}_app"
        self._password = secrets.token_hex(16)
        self._copies = 0
        self.redis_port = free_port()
        quiet = ("--save", "", "--appendonly", "no", "--logfile", str(folder / "redis.log"), "--dir", str(folder))
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port), *quiet]
        self.redis = Process(command, os.environ, folder / "redis.err")

    @property
    def _copy(self) -> str:
        return f"{self._mark}_{self._copies}"

    @staticmethod
    def missing() -> list[str]:
        """Return what this machine lacks."""
        lacks = [] if is_reachable(POSTGRES) else ["PostgreSQL"]
        return lacks + ([] if shutil.which("redis-server") else ["redis-server"])

    def prepare(self) -> dict[str, str]:
        self.start_redis()
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            for role in (self._owner, self._app):
                wants = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB PASSWORD '{self._password}'"
                admin.execute(f"CREATE ROLE {role} {wants}")
            admin.execute(f"CREATE DATABASE {self._mark} OWNER {self._owner}")
        with psycopg.connect(self._url(self._owner, self._mark), autocommit=True) as owner:
            given = f"ALTER DEFAULT PRIVILEGES FOR ROLE {self._owner} GRANT"
            owner.execute(f"{given} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {self._app}")
            owner.execute(f"{given} USAGE, SELECT ON SEQUENCES TO {self._app}")
        return {
            "DATABASE_URL": self._url(self._app, self._mark),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "APICENTER_KEYS": f"faults:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        }

    def migrate(self, **changed: str) -> None:
        migrate(self._url(self._owner, _present()), **changed)

    def fresh(self, folder: Path) -> None:
        if not self.redis.is_running:
            self.start_redis()
        self.flush_redis()
        before, self._copies = self._copy, self._copies + 1
        _use(self._mark)
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            self._end_connections(admin, self._mark)
            admin.execute(f"DROP DATABASE IF EXISTS {before} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {self._copy} TEMPLATE {self._mark} OWNER {self._owner}")
        _use(self._copy)

    def engine(self, env: dict[str, str], folder: Path) -> dict[str, Process]:
        worker = ("--queues", "interactive,bulk", "--concurrency", "2", "--loglevel", "WARNING")
        quick = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        beat = ("--schedule", str(folder / "beat"), "--loglevel", "WARNING")
        return {
            "worker": processes.celery(env, folder / "worker.log", "worker", *worker, *quick),
            "beat": processes.celery(env, folder / "beat.log", "beat", *beat),
        }

    def close(self) -> None:
        _close_connection()
        self.redis.kill()
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            for name in (self._copy, self._mark):
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            for role in (self._owner, self._app):
                admin.execute(f"DROP ROLE IF EXISTS {role}")

    def as_owner(self) -> psycopg.Connection:
        """Return a connection to the present database as the owner of its tables."""
        return psycopg.connect(self._url(self._owner, _present()), autocommit=True)

    def end_connections(self) -> int:
        """End every connection of the present database, this process's too. Returns how many there were."""
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            ended = self._end_connections(admin, _present())
        _close_connection()
        return ended

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Let the present database end every connection and take no other, as while its server is restarted."""
        name = sql.Identifier(_present())
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            try:
                self.end_connections()
                yield
            finally:
                admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))

    def start_redis(self) -> None:
        self.redis.start()
        until = time.monotonic() + PATIENCE_SECONDS
        while not is_reachable(f"redis://127.0.0.1:{self.redis_port}") and time.monotonic() < until:
            time.sleep(0.05)

    def flush_redis(self) -> None:
        import redis

        with redis.Redis(port=self.redis_port) as client:
            client.flushall()

    @staticmethod
    def _end_connections(admin: psycopg.Connection, name: str) -> int:
        wanted = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        return len(admin.execute(wanted, [name]).fetchall())

    def _url(self, role: str, name: str) -> str:
        parts = urlsplit(POSTGRES)
        return f"postgresql://{role}:{self._password}@{parts.hostname}:{parts.port or 5432}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _present() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def _use(name: str) -> None:
    from django.db import connection

    _close_connection()
    connection.settings_dict["NAME"] = name


def _close_connection() -> None:
    from django.db import connection

    with suppress(Exception):
        connection.close()
