"""How far the clocks of the machines that work for one database may differ. More than that means one was wrong."""

from __future__ import annotations

from datetime import timedelta

CLOCKS_DIFFER = timedelta(minutes=1)
