"""What kept a run from getting on, as a short list in its row: it still says so when it has long gone on.

An entry: {"code", "params", "since", "until", "times"}, oldest first; moments as ISO text, `until` None while it lasts.
What could not be written down because the database itself failed is kept by the process, and written as soon as it can.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, IntegrityError
from django.db.utils import DataError

from apicenter.causes import sentence
from apicenter.tenancy import organization_context
from flows.models import Run

logger = logging.getLogger(__name__)
MOST = 20
DISK_FULL, DATABASE_LOST, INTERNAL = "database.full", "database.lost", "internal"
NO_ROOM = {"53100", "SQLITE_FULL"}
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HoldUp:
    """One entry as a person reads it. `until` None: it lasts."""

    reason: str
    since: datetime
    until: datetime | None
    times: int


def begun(entries: Sequence[Entry], code: str, params: Mapping[str, str], *, at: datetime) -> list[Entry]:
    """Return the list with one more; the same cause again, right after, only counts."""
    if entries and entries[-1]["code"] == code:
        last = entries[-1]
        times = last["times"] + (last["until"] is not None)
        return [*entries[:-1], {**last, "params": dict(params), "until": None, "times": times}]
    entry = {"code": code, "params": dict(params), "since": at.isoformat(), "until": None, "times": 1}
    return [*over(entries, at=at), entry][-MOST:]


def over(entries: Sequence[Entry], *, at: datetime) -> list[Entry]:
    """Return the list with its last entry ended."""
    if not entries or entries[-1]["until"] is not None:
        return list(entries)
    return [*entries[:-1], {**entries[-1], "until": at.isoformat()}]


def told(run: Run) -> list[HoldUp]:
    """Return what held a run up, in the reader's language, newest first."""
    return [
        HoldUp(
            sentence(entry["code"], entry["params"]),
            datetime.fromisoformat(entry["since"]),
            datetime.fromisoformat(entry["until"]) if entry["until"] else None,
            entry["times"],
        )
        for entry in reversed(run.held_up)
    ]


def cause_of(error: DatabaseError) -> str:
    """Return the cause a failure of our own database is: no room, lost, or a fault of ours."""
    if isinstance(error, IntegrityError | DataError):
        return INTERNAL
    vendor = error.__cause__
    marks = {getattr(vendor, "sqlstate", ""), getattr(vendor, "sqlite_errorname", "")}
    return DISK_FULL if marks & NO_ROOM else DATABASE_LOST


@dataclass(frozen=True, slots=True)
class _Unwritten:
    organization_id: uuid.UUID
    code: str
    since: datetime


_unwritten: dict[uuid.UUID, _Unwritten] = {}


def keep_for_later(run: Run, code: str, *, at: datetime) -> None:
    """Remember what holds a run up until it can be written down; what came first is kept."""
    _unwritten.setdefault(run.pk, _Unwritten(run.organization_id, code, at))


def write_kept(now: datetime) -> None:
    """Write down what could not be written when it happened, as over by now. Does nothing while that still fails."""
    for run_pk in list(_unwritten):
        one = _unwritten.pop(run_pk, None)
        if one is None:
            continue
        try:
            with organization_context(one.organization_id):
                run = Run.objects.filter(pk=run_pk).only("organization", "held_up").first()
                if run is not None:
                    run.held_up = over(begun(run.held_up, one.code, {}, at=one.since), at=now)
                    run.save(update_fields=["held_up"])
        except DatabaseError:
            _unwritten.setdefault(run_pk, one)
            raise
