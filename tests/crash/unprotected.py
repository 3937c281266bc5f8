"""The platform with one protection taken away: the matrix must then find books that do not agree, or it proves nothing.

`WITHOUT=NAME` in the environment of a worker takes it away there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any


def _without_look_up() -> None:
    """A create without an answer is taken for one that never arrived."""
    from flows.engine import writing

    writing._find = lambda *args, **options: []


def _without_quiet_time() -> None:
    """A create without an answer is looked up at once, though the other system may still be at it."""
    from flows.engine.work import Work

    Work.quiet = property(lambda self: timedelta())
    Work.look_at = lambda self, now: now


def _without_lease() -> None:
    """Whoever looks finds a lane free, and nobody notices that another one works there."""
    from django.db.models import Exists, OuterRef

    from connectors.models import Lane
    from flows.running import queue, runner

    def due_lanes(name: Any, now: Any) -> Any:
        due = Exists(queue.due_jobs(name, now).filter(lane=OuterRef("pk")))
        return Lane.objects.filter(due).order_by("served_at", "id").only("id", "fence", "served_at")

    queue.due_lanes = due_lanes
    queue.renew = runner.renew = lambda lease: lease


def _without_mending() -> None:
    """What a clock that was ahead has put off stays put off."""
    from django.db.models import Q

    from flows.running import clock

    clock.mend = lambda lane, now: None
    clock.leased_too_long = lambda now: Q(pk=None)


def _without_doubt() -> None:
    """The clock is believed right after a jump too."""
    from flows.running import clock

    clock.JUMPS.look = lambda: timedelta()


def _without_a_word() -> None:
    """A failing database is left to the log of the process, as it was."""
    from flows.running import runner

    def rest(job: Any, run: Any, error: Exception) -> None:
        raise error

    runner._rest_without_database = rest


PROTECTIONS: dict[str, Callable[[], None]] = {
    "look-up": _without_look_up,
    "quiet time": _without_quiet_time,
    "lease": _without_lease,
    "mending": _without_mending,
    "doubt": _without_doubt,
    "word": _without_a_word,
}


def remove(name: str) -> None:
    """Take a protection away from this process, once Django is set up."""
    PROTECTIONS[name]()
