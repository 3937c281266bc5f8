"""What a process has used up so far, as the kernel counts it."""

from __future__ import annotations

import resource
from pathlib import Path


def cpu_seconds() -> float:
    """Return user and system time of this process, all threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_kb() -> int:
    """Return the most memory this process ever held (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
