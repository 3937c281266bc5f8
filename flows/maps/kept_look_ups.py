"""What look-ups of a run found, kept in this process from one slice to the next: a thousand records with the same few
keys cost a few calls.

Only what was found is kept, and only while a run reads: what was missing may have been made since, and whoever sends a
record again wants what stands there now.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Existing, Option
from flows.models import Run

KEEPS_SECONDS = 600.0
MOST_RUNS, MOST_RECORDS = 16, 5000
READING = frozenset({Run.Phase.READ, Run.Phase.KEYS})


@dataclass
class Kept:
    """Lists of the target by name, records by where and by what they were found, and what stands in them by id."""

    lists: dict[str, list[Option]] = field(default_factory=dict)
    records: dict[tuple[str, str], Existing] = field(default_factory=dict)
    contents: dict[tuple[str, str], Any] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def note(self, where: str, key: str, found: Existing) -> None:
        if len(self.records) < MOST_RECORDS:
            self.records[where, key] = found


_kept: OrderedDict[Any, Kept] = OrderedDict()
_lock = threading.Lock()


def kept_for(run: Run | None) -> Kept:
    """Return what was found for this run so far; nothing for a dry run, or one that only sends again what waits."""
    if run is None or run.phase not in READING:
        return Kept()
    with _lock:
        found = _kept.get(run.pk)
        if found is None or time.monotonic() - found.since > KEEPS_SECONDS:
            found = _kept[run.pk] = Kept()
        _kept.move_to_end(run.pk)
        while len(_kept) > MOST_RUNS:
            _kept.popitem(last=False)
        return found
