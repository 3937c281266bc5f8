"""The seeded company with both systems on a socket of this process; the test itself does the queued work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import waitress
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from waitress import wasyncore

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.models import Connection, Lane
from connectors.sandbox.faults import wait_for_late
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.seed.records import uid
from connectors.sandbox.seed.teamleader_deals import deals
from connectors.transport import close_idle_connections
from flows.demo.company import prepare_demo
from flows.models import Flow, Intent, Job, Run, RunRecord, Tally
from flows.running.queue import Queue
from flows.running.runner import drain
from flows.services import start_run
from tests.connectors.file_database import Snapshot, file_database, snapshot

MOST_SLICES = 300
State = RunRecord.State


@dataclass
class Company:
    """What a test asks of the company."""

    organization: Organization

    def connection(self, system: str) -> Connection:
        return Connection.objects.get(connector=system)

    def account(self, system: str) -> Account:
        return Account.objects.get(system=system)

    def flow(self, kind: str) -> Flow:
        return Flow.objects.get(kind=kind)

    def things(self, system: str, kind: str) -> list[Thing]:
        return list(Thing.objects.filter(account__system=system, kind=kind).order_by("pk"))

    def start(self, kind: str, **options: Any) -> Run:
        return start_run(self.flow(kind), Run.Trigger.MANUAL, **options)

    def run(self, kind: str, **options: Any) -> Run:
        """Start the flow and work until nothing is due."""
        run = self.start(kind, **options)
        work_what_is_due()
        run.refresh_from_db()
        return run

    def tally(self, run: Run, kind: str) -> Tally:
        tally = Tally.objects.get(run=run, kind=kind)
        assert tally.is_balanced, str(tally)
        return tally

    def keep_deals(self, *shapes: str) -> None:
        """Leave only the won deals of these shapes: a run over all of them takes longer than most tests should."""
        kept = [uid("deal", deal.number) for deal in deals(timezone.now()) if deal.status == "won"]
        names = {uid("deal", deal.number): deal.shape.name for deal in deals(timezone.now())}
        Thing.objects.filter(kind="deal").exclude(key__in=[key for key in kept if names[key] in shapes]).delete()

    def held(self, run: Run, code: str) -> list[RunRecord]:
        return list(RunRecord.objects.filter(run=run, state=State.NEEDS_YOU, code=code))


def work_what_is_due() -> None:
    """Do what a worker would do until no lane is due."""
    for _ in range(MOST_SLICES):
        busy = [drain(queue) for queue in Queue]
        if not any(busy):
            return
    raise AssertionError("the work never ends")


def let_time_pass() -> None:
    """Make everything due that waits for a moment, and work."""
    now = timezone.now()
    Intent.objects.update(look_at=now - timedelta(seconds=1))
    RunRecord.objects.filter(state=State.WAITING).update(next_at=now)
    Job.objects.update(next_at=now)
    Lane.objects.update(blocked_until=None, remaining=None, reset_at=None, heard_at=None, grants=[])
    work_what_is_due()


@contextmanager
def live_company(
    path: Path, env: Callable[..., None], *, after: Callable[[Company], object] | None = None
) -> Iterator[Company]:
    """Serve the sandbox from a thread, on a database that threads share as processes do.

    What was done `after` it was seeded is done once per process, as the seeding is: both take a while.
    """
    begins_as = _kept.get(after) or _kept.get(None)
    with shared_database(path, original=begins_as), served(_without_middleware()) as url:
        env(SANDBOX_URL=f"{url}/sandbox", CALL_THREADS=2)
        organization = prepare_demo(say=lambda text: None)
        if None not in _kept:
            _kept[None] = snapshot()
        with organization_context(organization.pk):
            company = Company(organization)
            if after is not None and after not in _kept:
                after(company)
                _kept[after] = snapshot()
            yield company


def _without_middleware() -> WSGIHandler:
    """The sandbox answers no browser: what stands before the pages would take a sixth of the time of each call."""
    with override_settings(MIDDLEWARE=[]):
        return WSGIHandler()


_kept: dict[Callable[[Company], object] | None, Snapshot] = {}


@contextmanager
def shared_database(path: Path, *, original: Snapshot | None = None) -> Iterator[None]:
    """A database that threads share as processes do; those of a server leave no connection to it open."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    try:
        with file_database(path, original=original):
            yield
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept


@contextmanager
def served(application: Callable[..., Any], *, threads: int = 4) -> Iterator[str]:
    """Serve an application from a thread; give its address."""
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=threads)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        close_idle_connections()
        wait_for_late()
        server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join()
        server.task_dispatcher.shutdown()
