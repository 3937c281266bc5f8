"""Celery's beat, going on when the clock is put back: left alone it waits until the clock is where it was before."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from apicenter.clocks import CLOCKS_DIFFER


class Scheduler(PersistentScheduler):
    """Takes an entry that ran at a moment still to come as one that has just run."""

    def tick(self, *args: Any, **options: Any) -> float:
        self._correct()
        return float(super().tick(*args, **options))

    def _correct(self) -> None:
        late = [entry for entry in self.schedule.values() if self._is_ahead(entry)]
        for entry in late:
            entry.last_run_at = entry.default_now()
        if late:
            self._heap = None  # it is sorted by moments of the wrong clock

    @staticmethod
    def _is_ahead(entry: Any) -> bool:
        return bool(entry.last_run_at and entry.last_run_at > entry.default_now() + CLOCKS_DIFFER)
