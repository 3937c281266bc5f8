"""The processes of one fault, and what a fault may do with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.crash import control, processes
from tests.crash.grounds import Ground, Services
from tests.crash.processes import Process

PATIENCE_SECONDS = 240.0  # a fault takes about 20; this only ends one that hangs
LONG_WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.1
PATIENT = {"CALL_DEADLINE_SECONDS": "4", "LANE_LEASE_SECONDS": "6"}  # a busy machine is no fault
SYSTEMS = ("visma_net", "teamleader")


@dataclass
class Stage:
    """The other system's server, the engine of the ground, and how often the fault struck."""

    ground: Ground
    folder: Path
    port: int
    random: Random
    without: str = ""  # a protection of tests/crash/unprotected.py
    said: set[str] = field(default_factory=set)
    strikes: int = 0

    def __post_init__(self) -> None:
        self.web = processes.web(self.environment(), self.folder / "web.log", str(self.port))
        self.engine = self.new_engine()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sandbox"

    @property
    def worker(self) -> Process:
        return self.engine["worker"]

    @property
    def services(self) -> Services:
        assert isinstance(self.ground, Services)
        return self.ground

    def environment(self, **changed: str) -> dict[str, str]:
        from django.conf import settings

        return processes.environment(REDIS_URL=settings.ENV.REDIS_URL, **PATIENT, **changed)

    def new_engine(self, **changed: str) -> dict[str, Process]:
        own = {"SANDBOX_URL": self.url, "CONTROL_FOLDER": str(self.folder), "WITHOUT": self.without, **changed}
        return self.ground.engine(self.environment(**own), self.folder)

    def start_web(self) -> None:
        self.web.start()
        self.web.read_line()

    def warm_up(self) -> None:
        """Have the server answer once: its first answer takes longer than a call may, on a busy machine."""
        with suppress(HTTPError), urlopen(f"{self.url}/", timeout=PATIENCE_SECONDS):
            pass

    def start_engine(self) -> None:
        for process in self.engine.values():
            process.start()

    def kill_engine(self) -> None:
        for process in self.engine.values():
            process.kill()

    def replace_engine(self, **changed: str) -> None:
        self.kill_engine()
        self.engine = self.new_engine(**changed)
        self.start_engine()

    def end(self) -> None:
        self.kill_engine()
        self.web.kill()

    def look(self) -> bool:
        """Note what the run says; whether it has ended."""
        from flows.models import Run

        self.said.update(code for code in Run.objects.values_list("problem_code", flat=True) if code)
        return not Run.objects.exclude(state=Run.State.DONE).exists()

    def watch(self, seconds: float) -> bool:
        """Let it work for so long, or until it is through."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.look():
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def wait_for_work(self) -> None:
        """Wait until the run has begun: a fault that strikes an idle process proves nothing."""
        from flows.models import Run

        until = time.monotonic() + PATIENCE_SECONDS
        while not Run.objects.exclude(started_at=None).exists() and time.monotonic() < until:
            time.sleep(LOOK_SECONDS / 2)

    def wait_for_unknown(self) -> None:
        """Wait until a create was sent and not answered."""
        from flows.models import RunRecord

        unknown = RunRecord.objects.filter(code="outcome.unknown")
        until = time.monotonic() + LONG_WAIT_SECONDS
        while not unknown.exists() and not self.look() and time.monotonic() < until:
            time.sleep(LOOK_SECONDS / 2)

    def watch_until_told(self, code: str) -> None:
        """Let it work until the run says that this is wrong, or is through, or takes too long to say so."""
        until = time.monotonic() + LONG_WAIT_SECONDS
        while code not in self.said and not self.watch(LOOK_SECONDS) and time.monotonic() < until:
            pass

    def strike(self, times: int, pause: tuple[float, float], work: Callable[[], object]) -> None:
        """Do something so often, each time after a pause of work, unless it is through before."""
        for _ in range(times):
            if self.watch(self.random.uniform(*pause)):
                return
            work()
            self.strikes += 1

    def set_clock(self, seconds: float) -> None:
        (self.folder / control.CLOCK).write_text(str(seconds))

    def set_faults(self, *systems: str, **values: Any) -> None:
        """Let the other systems, or one of them, fail in this way from now on."""
        from connectors.sandbox.models import Account
        from connectors.sandbox.services import set_faults

        for system in systems or SYSTEMS:
            set_faults(Account.objects.get(system=system), **values)
