"""What was tried with a record and what people decided about it: a short history in its row, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apicenter.audit import current_actor

MOST = 20
TRIED, AGAIN, ASIDE, BACK = "tried", "again", "aside", "back"
Entry = dict[str, Any]


def tried(entries: Sequence[Entry], *, at: datetime, state: str, code: str) -> list[Entry]:
    """Return the history with one more try to send, and how it ended."""
    return _with(entries, {"at": at.isoformat(), "what": TRIED, "state": state, "code": code})


def decided(entries: Sequence[Entry], what: str, *, at: datetime) -> list[Entry]:
    """Return the history with what the person (or the API token) who acts decided."""
    actor = current_actor()
    who = str(actor.user) if actor.user else actor.via
    return _with(entries, {"at": at.isoformat(), "what": what, "who": who})


def _with(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    return [*entries, entry][-MOST:]
