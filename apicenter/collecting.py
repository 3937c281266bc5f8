"""Python's garbage collector in a process that works for days."""

from __future__ import annotations

import gc
from typing import Any


def spare_what_was_loaded(**_signal: Any) -> None:
    """Leave out of every later collection what was loaded so far: it stays until the process ends.

    Each full collection went through all modules, models and forms again, a twentieth of the processor time of a sync.
    Before a worker forks this also keeps the memory of its children shared.
    """
    gc.collect()
    gc.freeze()
