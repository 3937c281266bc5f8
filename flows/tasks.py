"""What Celery runs. Each task may be lost, doubled or late: the rows say what is to be done."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import schedule
from django.utils import timezone

from apicenter.celery import app
from flows import runner
from flows.models import Heartbeat
from flows.queue import Queue, due_lanes
from flows.retention import purge_all
from flows.services import start_due_flows
from flows.wake import DRAIN, ring

SWEEP_SECONDS = 5
PURGE_SECONDS = 3600
MOST_HINTS = 20


@shared_task(name=DRAIN)
def drain_queue(queue: str) -> None:
    """Work through one slice; when there was one, there may be more."""
    chosen = Queue(queue)
    if runner.drain(chosen) and due_lanes(chosen, timezone.now()).exists():
        ring(chosen)


@shared_task(name="flows.sweep")
def sweep() -> None:
    """Start what is scheduled and hint again at every lane that is due and unleased."""
    Heartbeat.objects.update_or_create(name="sweeper", defaults={"owner": "beat", "beat_at": timezone.now()})
    start_due_flows()
    for queue in Queue:
        waiting = due_lanes(queue, timezone.now())[:MOST_HINTS].count()
        for _ in range(waiting):
            ring(queue)


@shared_task(name="flows.purge")
def purge() -> None:
    """Delete log rows whose time is up."""
    purge_all()


app.conf.beat_schedule = {
    "purge": {"task": "flows.purge", "schedule": schedule(PURGE_SECONDS), "options": {"queue": Queue.BULK.value}},
    "sweep": {
        "task": "flows.sweep",
        "schedule": schedule(SWEEP_SECONDS),
        "options": {"queue": Queue.INTERACTIVE.value, "expires": SWEEP_SECONDS},
    },
}
app.conf.task_default_queue = Queue.BULK.value
