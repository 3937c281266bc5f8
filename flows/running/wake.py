"""Wake-up hints. They may be lost, doubled or late without harm: the sweeper looks at the rows anyway."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from apicenter.celery import app
from flows.running.queue import Queue

DRAIN = "flows.drain_queue"  # the task by its name: tasks import the engine, which rings
logger = logging.getLogger(__name__)
_bells = {queue: threading.Event() for queue in Queue}


def ring(queue: Queue) -> None:
    """Tell the workers that there may be work."""
    for name in [queue] if queue is Queue.BULK else list(Queue):
        _bells[name].set()
    if settings.ENV.REDIS_URL:
        try:
            app.send_task(DRAIN, args=[queue.value], queue=queue.value)
        except OperationalError as error:
            logger.warning("no broker for a hint to %s: %s", queue, error)


def ring_on_commit(queue: Queue) -> None:
    """Ring when the present transaction is committed; a failing broker never fails the request."""

    def ring_it() -> None:  # a function with a name: Django cannot report the failure of a partial
        ring(queue)

    transaction.on_commit(ring_it, robust=True)


def wait(queue: Queue, seconds: float) -> bool:
    """Sleep until a bell of this process rings, at most `seconds`."""
    rang = _bells[queue].wait(seconds)
    _bells[queue].clear()
    return rang
