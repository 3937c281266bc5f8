"""Records that our own code cannot bear: each is held by itself with a cause, and the others go on.

A fault that hits everything is not the fault of a record: it is raised, the run rests, and is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import Error as DatabaseTrouble
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError, RecordError
from connectors.base import Omitted, ReadRecord, SourceRecord, Unreadable
from connectors.core import JSONDict
from flows.engine.plan import Action, Change, Planned
from flows.engine.writing import INTERNAL_ERRORS_THAT_PAUSE, Interrupted
from flows.models import RunRecord
from flows.running.queue import LeaseLost

logger = logging.getLogger(__name__)
DEEPEST = 60  # levels of a record; real ones have under ten, and what walks through them calls itself per level
NOT_THE_RECORD = (ApicenterError, Interrupted, LeaseLost, DatabaseTrouble, MemoryError)
NESTED = (dict, list, tuple)
Plan = Callable[[Sequence[ReadRecord]], list[Planned]]


def plan_apart(plan: Plan, records: Sequence[ReadRecord]) -> list[Planned]:
    """Plan records together; those that make that fail are found by halving and held, and the rest planned again."""
    try:
        return plan(records)
    except NOT_THE_RECORD:
        raise
    except Exception as error:
        culprits = _culprits(plan, records)
        if not culprits or len(records) == len(culprits) >= INTERNAL_ERRORS_THAT_PAUSE:
            raise
        logger.exception("records %s cannot be planned", sorted(culprits))
        what = type(error).__name__
    rest = plan([record for record in records if record.key not in culprits])
    made = {one.record.key: one for one in rest}
    return [made.get(record.key) or Planned(record, _held(record, what)) for record in records]


def _culprits(plan: Plan, records: Sequence[ReadRecord]) -> set[str]:
    """Return the keys of the records that fail by themselves."""
    try:
        plan(records)
    except NOT_THE_RECORD:
        raise
    except Exception:
        if len(records) == 1:
            return {records[0].key}
        middle = len(records) // 2
        return _culprits(plan, records[:middle]) | _culprits(plan, records[middle:])
    return set()


def _held(record: ReadRecord, what: str) -> Change:
    return Change(Action.HOLD, record.key, record.natural_key, code="internal", told={"fault": what})


def read_again(parse: Callable[[JSONDict], SourceRecord], row: RunRecord, raw: JSONDict) -> ReadRecord:
    """Return the record of a stored row, or, where its source cannot read it any more, one that says so."""
    try:
        return parse(raw)
    except RecordError as error:
        return Unreadable(row.source_key, row.natural_key, error, raw, row.modified_at)
    except NOT_THE_RECORD:
        raise
    except Exception:
        logger.exception("record %s of run %s cannot be read again", row.source_key, row.run_id)
        return Unreadable(row.source_key, row.natural_key, RecordError("internal"), raw, row.modified_at)


def bearable(record: ReadRecord, *, system: str) -> ReadRecord:
    """Return the record, or, where it is nested too deeply to be worked with, one that says so without its content."""
    if isinstance(record, Omitted) or not is_too_deep(record.raw):
        return record
    error = RecordError("record.unreadable", system=system, what=_("it is nested too deeply"))
    return Unreadable(record.key, record.natural_key, error, {}, record.modified_at, record.kind)


def is_too_deep(raw: JSONDict, *, most: int = DEEPEST) -> bool:
    """Whether a JSON value has more levels than `most`."""
    level: list[object] = [raw]
    for _level in range(most):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)  # type: ignore[attr-defined]
            if isinstance(inner, NESTED)
        ]
        if not level:
            return False
    return True
