"""The Celery application: an engine for rows that wait in the database (design 2.2), never a store of its own."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from apicenter.collecting import spare_what_was_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apicenter.settings")
app = Celery("apicenter")
app.config_from_object("apicenter.settings:CELERY")
app.autodiscover_tasks()
worker_init.connect(spare_what_was_loaded)


@worker_init.connect
def put_no_message_back(**_signal: Any) -> None:
    """A message is a hint and may be lost, so none is put back when a connection ends. Trying to, on a broker that has
    gone, made Celery 5.7 give up as a whole: "Unrecoverable error" instead of waiting for the broker to come back."""
    from kombu.transport.redis import QoS  # loads redis, which only a worker needs

    QoS.restore_at_shutdown = False
