"""Run what touches a database on PostgreSQL and Redis, or say that it is left out: `python -m tests.services`.

Tests that touch none have the same outcome here as in the run on SQLite, which is not without them. With
REQUIRE_SERVICES set (as in .ci/run) a missing service is a failure.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import socket
import sys
from pathlib import Path
from subprocess import run
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")  # may make roles
ROLE, DATABASE = "apicenter_test", "apicenter_walled"
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def is_reachable(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


def make_role(role: str, database: str) -> str:
    """Make a role that row-level security holds for, and return the address of a database as that role."""
    password = secrets.token_hex(16)
    wants = f"LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD '{password}'"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        is_there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        connection.execute(f"{'ALTER' if is_there else 'CREATE'} ROLE {role} {wants}")
        connection.execute(f"ALTER ROLE {role} SET synchronous_commit = off")  # no test stops the server
    parts = urlsplit(POSTGRES)
    return f"postgresql://{role}:{password}@{parts.hostname}:{parts.port or 5432}/{database}"


def drop_left_over() -> None:
    """Drop the databases of runs that were killed, and of none that still goes on."""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            made_by = re.match(rf"test_{DATABASE}_(\d+)", name)
            if made_by and not Path(f"/proc/{made_by[1]}").exists():
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def environment(role: str = ROLE, database: str = DATABASE) -> dict[str, str]:
    """What a process needs to use both services."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    own = {
        "DATABASE_URL": make_role(role, database),
        "REDIS_URL": REDIS,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "APICENTER_KEYS": f"test:{key}",
    }
    return {**os.environ, **own}


def main() -> int:
    missing = [name for name, url in (("PostgreSQL", POSTGRES), ("Redis", REDIS)) if not is_reachable(url)]
    if missing:
        what = " and ".join(missing)
        if os.environ.get("REQUIRE_SERVICES"):
            print(f"{what} cannot be reached, and this run requires it.")
            return 1
        print(f"LEFT OUT: the suite on PostgreSQL and Redis, as {what} cannot be reached.")
        return 0
    drop_left_over()
    which = "(database or services) and not browser"
    processes = str((os.cpu_count() or 1) + 1)  # each waits for PostgreSQL a third of its time
    command = [sys.executable, "-m", "pytest", "-n", processes, "--dist", "worksteal", "-m", which, *sys.argv[1:]]
    own = environment(database=f"{DATABASE}_{os.getpid()}")  # two runs do not meet
    return run(command, env=own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
