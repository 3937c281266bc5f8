"""The embedded engine: threads that run the same slices as the Celery workers, without a broker.

One process only: a heartbeat row refuses a second dispatcher while the first is alive.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from datetime import datetime, timedelta
from types import TracebackType

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from flows.models import Heartbeat
from flows.running.periodic import PERIODIC, run_periodic
from flows.running.queue import Queue, next_due_at
from flows.running.runner import drain
from flows.running.wake import ring, wait

logger = logging.getLogger(__name__)
NAME = "dispatcher"
BEAT_SECONDS = 5
DEAD_AFTER = timedelta(seconds=20)
LOOK_SECONDS = 0.5  # how long a wake-up hint may be lost without harm


class AlreadyRunning(RuntimeError):
    """Another process dispatches for this database."""


class Dispatcher:
    """Threads that drain lanes: one kept free for people who wait, the others for everything."""

    def __init__(self, threads: int | None = None) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self._stop = threading.Event()
        count = threads or settings.ENV.DISPATCHER_THREADS
        queues = [Queue.INTERACTIVE] + [Queue.BULK] * (count - 1)
        self._threads = [threading.Thread(target=self._work, args=[queue], daemon=True) for queue in queues]
        self._threads += [threading.Thread(target=work, daemon=True) for work in (self._beat, self._clock)]

    def __enter__(self) -> Dispatcher:
        self.take_over()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for queue in Queue:
            ring(queue)
        for thread in self._threads:
            thread.join(timeout=30)
        Heartbeat.objects.filter(name=NAME, owner=self.owner).delete()

    def take_over(self) -> None:
        """Become the dispatcher. Raises AlreadyRunning while another one's heart beats."""
        now = timezone.now()
        with transaction.atomic():
            heart, is_new = Heartbeat.objects.select_for_update().get_or_create(
                name=NAME, defaults={"owner": self.owner, "beat_at": now}
            )
            if not is_new and _is_alive(heart, now) and heart.owner != self.owner:
                raise AlreadyRunning(f"{heart.owner} is doing the work of this database already.")
            heart.owner, heart.beat_at = self.owner, now
            heart.save()

    def _work(self, queue: Queue) -> None:
        while not self._stop.is_set():
            idle = LOOK_SECONDS
            try:
                idle = 0 if drain(queue) else _idle_seconds()
            except DatabaseError:
                logger.exception("the %s slice lost its database; it goes on when it is back", queue)
                close_old_connections()
            except Exception:
                logger.exception("a %s slice failed; its lease lapses and the work is taken up again", queue)
            if idle:
                wait(queue, idle)
        connection.close()

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                Heartbeat.objects.filter(name=NAME, owner=self.owner).update(beat_at=timezone.now())
            except DatabaseError:
                logger.exception("the heartbeat lost its database")
                close_old_connections()
        connection.close()

    def _clock(self) -> None:
        """Do what goes by the clock, apart from the heartbeat: a slow mail server must not make us look dead."""
        due = {entry: time.monotonic() for entry in PERIODIC}
        while not self._stop.wait(BEAT_SECONDS):
            try:
                for entry in [entry for entry, at in due.items() if time.monotonic() >= at]:
                    due[entry] = time.monotonic() + entry.seconds
                    run_periodic(entry)
            except DatabaseError:
                logger.exception("the clock lost its database")
                close_old_connections()
        connection.close()


def _idle_seconds() -> float:
    """How long to sleep without work: until the next job is due, so that a rate limit is used up to its end."""
    due_at = next_due_at()
    seconds = (due_at - timezone.now()).total_seconds() if due_at else LOOK_SECONDS
    return min(seconds, LOOK_SECONDS) if seconds > 0 else LOOK_SECONDS  # what is due by now is in another's hands


def _is_alive(heart: Heartbeat, now: datetime) -> bool:
    """Whether a heart beats. One of a process of this machine that is gone does not: a killed server starts at once."""
    if heart.beat_at <= now - DEAD_AFTER:
        return False
    host, _, pid = heart.owner.rpartition(":")
    if host != socket.gethostname() or os.name != "posix":
        return heart.beat_at < now + DEAD_AFTER  # one that beats in the future stopped before its clock was put back
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
