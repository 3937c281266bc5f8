"""Starting the processes that are measured, and talking to them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ADDRESSES = (
    "TEAMLEADER_API_URL",
    "TEAMLEADER_AUTH_URL",
    "VISMA_NET_API_URL",
    "VISMA_NET_ORDER_URL",
    "VISMA_CONNECT_URL",
)


@dataclass(frozen=True)
class FakeSystems:
    """The fake of both systems, while it runs."""

    url: str

    def ask(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/_{what}", timeout=10) as answer:
            return json.load(answer)

    def counts(self) -> dict[str, int]:
        return dict(self.ask("counts"))


@contextmanager
def fake_systems(products: int, *, latency: float = 0) -> Iterator[FakeSystems]:
    """Start the fake with so many items; each answer takes `latency` seconds."""
    command = ["-m", "benchmarks.fake", "--products", str(products), "--latency", str(latency)]
    with _process(command, env=dict(os.environ)) as process:
        yield FakeSystems(f"http://127.0.0.1:{_line(process).strip()}")


class Platform:
    """The platform, while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        _line(process)

    def do(self, what: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return dict(json.loads(_line(self._process)))


@contextmanager
def platform(fake: FakeSystems, **settings: str) -> Iterator[Platform]:
    """Start the platform against the fake, with a database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYTHONPATH"}},
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "APICENTER_KEYS": f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "LOG_LEVEL": "ERROR",
            **dict.fromkeys(ADDRESSES, fake.url),
            **settings,
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env, check=True)
        with _process(["-m", "benchmarks.platform_process"], env=env) as process:
            yield Platform(process)


def bare_loop(fake: FakeSystems, *, threads: int) -> dict[str, Any]:
    """Run the yardstick to its end."""
    with _process(["-m", "benchmarks.bare", fake.url, "--threads", str(threads)], env=dict(os.environ)) as process:
        return dict(json.loads(_line(process)))


@contextmanager
def _process(command: list[str], *, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *command], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"A measured process ended early, with status {process.wait()}.")
    return line
