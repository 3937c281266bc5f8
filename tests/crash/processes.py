"""Processes of their own for the sandbox and the workers, and how they are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (sys.executable, "-X", "faulthandler", "-m")
HURRY = {
    "LANE_LEASE_SECONDS": "3",
    "CALL_DEADLINE_SECONDS": "2",
    "TEAMLEADER_QUIET_SECONDS": "2.5",
    "VISMA_NET_QUIET_SECONDS": "2.5",
    "RETRY_BASE_SECONDS": "0.5",
    "SLICE_SECONDS": "0.5",
    "SLICE_RECORDS": "6",
    "CURSOR_LAG_SECONDS": "300",
}


def redis_url() -> str:
    """A Redis database of this test process alone, as the suite runs in several."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return urlunsplit(urlsplit(settings.ENV.REDIS_URL)._replace(path=f"/{10 + int(worker) % 6}"))


def environment(**changed: str) -> dict[str, str]:
    """Return what a process needs to work on the present test database."""
    env = settings.ENV
    own = {"SECRET_KEY": env.SECRET_KEY, "APICENTER_KEYS": env.APICENTER_KEYS, "LOG_LEVEL": "INFO"}
    return {**os.environ, **HURRY, **own, "DATABASE_URL": _database_url(), "REDIS_URL": "", **changed}


def _database_url() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    return f"postgresql://{quote(given['USER'])}{password}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"


class Process:
    """A process that can be killed without warning and started again. Its group dies with it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._command, self._env, self._log = command, env, log
        self._popen: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self._log.open("a") as log:
            self._popen = subprocess.Popen(
                self._command,
                env=dict(self._env),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def read_line(self) -> str:
        """Return the first line it prints."""
        assert self._popen is not None
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().strip()

    @property
    def has_ended(self) -> bool:
        return self._popen is not None and self._popen.poll() is not None

    @property
    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def children(self) -> list[int]:
        """Return the process ids of its children: the pool of a Celery worker."""
        assert self._popen is not None
        listed = Path(f"/proc/{self._popen.pid}/task/{self._popen.pid}/children")
        return [int(one) for one in listed.read_text().split()] if listed.exists() else []

    def kill(self) -> None:
        """End it and everything it started, as a power cut would."""
        if self._popen is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        self._popen = None

    def end(self) -> None:
        """Ask it to stop, as a deploy does, and wait until it has."""
        if self._popen is not None:
            self._popen.terminate()
            self._popen.wait(timeout=40)
            self.kill()

    def kill_child(self, random: Random) -> bool:
        """Kill one of its children; it has to replace it. False when it has none."""
        children = self.children()
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(children), signal.SIGKILL)
        return True

    def strike(self, random: Random) -> None:
        """Kill it, or only one of its children, and see to it that it runs again."""
        if random.random() < 0.5 and self.kill_child(random):
            return
        self.kill()
        self.start()


def web(env: Mapping[str, str], log: Path, *port: str) -> Process:
    return Process([*PYTHON, "tests.crash.worker", "web", *port], env, log)


def dispatcher(env: Mapping[str, str], log: Path) -> Process:
    return Process([*PYTHON, "tests.crash.worker", "dispatch"], env, log)


def sweeper(env: Mapping[str, str], log: Path) -> Process:
    return Process([*PYTHON, "tests.crash.worker", "sweep"], env, log)


def celery_worker(env: Mapping[str, str], log: Path) -> Process:
    quick = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    queues = ("--queues", "interactive,bulk", "--concurrency", "2")
    return Process([*PYTHON, "celery", "--app", "apicenter", "worker", *queues, *quick], env, log)


def celery(env: Mapping[str, str], log: Path, *arguments: str) -> Process:
    """Celery's own command, under the clock of the matrix."""
    return Process([*PYTHON, "tests.crash.worker", "celery", *arguments], env, log)


def serve(env: Mapping[str, str], log: Path, port: int) -> Process:
    return Process([sys.executable, "-X", "faulthandler", "manage.py", "serve", "--port", str(port)], env, log)


def naive_worker(env: Mapping[str, str], log: Path, done: Path) -> Process:
    return Process([*PYTHON, "tests.crash.worker", "naive", str(done)], env, log)
