"""How far a run has got, how fast it is, and about how long it still takes. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from flows.models import Run, Tally

SHORTEST_SECONDS = 5.0  # before that a speed is only noise


@dataclass(frozen=True, slots=True)
class Progress:
    """What can be told about a run at work. None = not known (yet)."""

    read: int
    done: int
    total: int | None = None
    per_minute: int | None = None
    minutes_left: int | None = None

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.done // self.total) if self.total else None


def progress_of(run: Run, tally: Tally | None, *, now: datetime) -> Progress:
    """Return how far it has got by the tally of its own kind; records that wait are not done."""
    read = tally.read if tally else 0
    done = read - (tally.waiting if tally else 0)
    total = _total(run, read)
    speed = _speed(run, done, now)
    if total is None or not speed:
        return Progress(read, done, total, round(speed) if speed else None)
    return Progress(read, done, total, round(speed), math.ceil(max(0, total - done) / speed))


def _total(run: Run, read: int) -> int | None:
    """How many there will be: what was counted beforehand, or all that was read once the reading has ended."""
    if run.phase in {Run.Phase.SETTLE, Run.Phase.END}:
        return read
    if run.expected is not None and run.expected >= read:
        return run.expected
    return None


def _speed(run: Run, done: int, now: datetime) -> float | None:
    if run.started_at is None:
        return None
    seconds = (now - run.started_at).total_seconds()
    return done * 60 / seconds if done and seconds >= SHORTEST_SECONDS else None
