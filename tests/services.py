"""Run the suite on PostgreSQL and Redis, or say that it is left out: `python -m tests.services`.

With REQUIRE_SERVICES set (as in .ci/run) a missing service is a failure.
"""

from __future__ import annotations

import base64
import os
import secrets
import socket
import sys
from subprocess import run
from urllib.parse import urlsplit

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/apicenter")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def is_reachable(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


def environment() -> dict[str, str]:
    """What a process needs to use both services."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    own = {
        "DATABASE_URL": POSTGRES,
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
    command = [sys.executable, "-m", "pytest", "-n", "2", "-m", "not browser", *sys.argv[1:]]
    return run(command, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
