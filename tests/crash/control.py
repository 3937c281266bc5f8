"""What a process of the matrix is told from outside while it works: how late it is, and whether its disk is full.

Files in a folder, so that it holds for every process of one ground at once: `clock` has the seconds by which the clock
is ahead, `full` is there while the disk of the database is full (SQLite; PostgreSQL is told by a trigger).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

CLOCK, FULL = "clock", "full"
LOOK_SECONDS = 0.05
MOST_PAGES = 1_073_741_823


def move_clock(folder: Path) -> None:
    """Let this process read the clock as the file says. To be called before anything else has taken hold of it."""
    from django.utils import timezone

    right_time, right_now = time.time, timezone.now
    seen: dict[str, float] = {"at": -1.0, "ahead": 0.0}

    def ahead() -> float:
        if time.monotonic() - seen["at"] > LOOK_SECONDS:
            seen["at"], seen["ahead"] = time.monotonic(), _seconds(folder / CLOCK)
        return seen["ahead"]

    time.time = lambda: right_time() + ahead()
    timezone.now = lambda: right_now() + timedelta(seconds=ahead())


def _seconds(file: Path) -> float:
    try:
        return float(file.read_text() or 0)
    except FileNotFoundError:
        return 0.0


def fill_disk(folder: Path) -> None:
    """Let SQLite find no room for another page while the file is there: its own error, from its own check."""
    from django.db.backends.signals import connection_created

    def watch(connection: Any, **_: Any) -> None:
        if connection.vendor != "sqlite":
            return
        connection.execute_wrappers[:] = [one for one in connection.execute_wrappers if not isinstance(one, _Limit)]
        connection.execute_wrappers.append(_Limit(folder / FULL))  # once, however often it is opened again

    connection_created.connect(watch, weak=False)


class _Limit:
    """Sets how large the file may grow, before the next statement of its connection."""

    def __init__(self, flag: Path) -> None:
        self._flag, self._is_full = flag, False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._flag.exists() != self._is_full:
            self._is_full = not self._is_full
            most = 1 if self._is_full else MOST_PAGES  # 1: as many as there are
            context["connection"].connection.execute(f"PRAGMA max_page_count = {most}").fetchall()
        return execute(sql, params, many, context)
