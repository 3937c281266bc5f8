"""What Celery runs. Each task may be lost, doubled or late: the rows say what is to be done."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import schedule
from django.utils import timezone

from apicenter.celery import app
from flows.models import Heartbeat
from flows.running import runner
from flows.running.periodic import PERIODIC, run_periodic
from flows.running.queue import Queue, due_lanes
from flows.running.wake import DRAIN, ring

SWEEP_SECONDS = 5
MOST_HINTS = 20


@shared_task(name=DRAIN)
def drain_queue(queue: str) -> None:
    """Work through one slice; when there was one, there may be more."""
    chosen = Queue(queue)
    if runner.drain(chosen) and due_lanes(chosen, timezone.now()).exists():
        ring(chosen)


@shared_task(name="flows.sweep")
def sweep() -> None:
    """Hint again at every lane that is due and unleased."""
    Heartbeat.objects.update_or_create(name="sweeper", defaults={"owner": "beat", "beat_at": timezone.now()})
    for queue in Queue:
        waiting = due_lanes(queue, timezone.now())[:MOST_HINTS].count()
        for _ in range(waiting):
            ring(queue)


@shared_task(name="flows.periodic")
def periodic(name: str) -> None:
    """Do one piece of the work that goes by the clock."""
    run_periodic(next(entry for entry in PERIODIC if entry.name == name))


def _every(seconds: float, task: str, *args: str) -> dict[str, object]:
    options = {"queue": Queue.INTERACTIVE.value, "expires": seconds}
    return {"task": task, "args": args, "schedule": schedule(seconds), "options": options}


app.conf.beat_schedule = {
    "sweep": _every(SWEEP_SECONDS, "flows.sweep"),
    **{entry.name: _every(entry.seconds, "flows.periodic", entry.name) for entry in PERIODIC},
}
app.conf.task_default_queue = Queue.BULK.value
