"""Records that are in hand already: read before in this run, or in the same version by an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from connectors.base import Omitted, ReadRecord, SourceRecord
from flows.documents.confirming import note_unconfirmed
from flows.engine import store
from flows.engine.plan import Action, Change
from flows.engine.work import Work
from flows.models import Run, RunRecord

UNKNOWN = "outcome.unknown"
A_SECOND = timedelta(seconds=1)  # what clocks of other systems tell
State = RunRecord.State
HELD, AT_WORK = "skip.held", "skip.in_hand"
IN_HAND = frozenset({HELD, AT_WORK})


def not_in_hand(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[tuple[ReadRecord, Change | None]]:
    """Leave out what this run has already, and what an earlier run still holds in the same version."""
    keys = [record.key for record in records]
    seen, held = store.seen_in_run(work, kind, keys), store.open_elsewhere(work, kind, keys)
    note_unconfirmed(work, held.values())
    left: list[tuple[ReadRecord, Change | None]] = []
    taken: set[str] = set()
    for record in records:
        if record.key in taken or (record.key in seen and seen[record.key].modified_at == record.modified_at):
            continue
        taken.add(record.key)
        unsure = _unsure(seen.get(record.key) or held.get(record.key))
        if unsure is not None and isinstance(record, SourceRecord):
            left.append((record, _at_rest(record, unsure)))
            continue
        earlier = held.get(record.key)
        is_same = earlier is not None and _is_same_version(work, earlier, record)
        is_left_out = isinstance(record, Omitted)  # what is left out needs nobody any more
        if not is_same or earlier is None or is_left_out or is_abandoned(earlier):
            left.append((record, None))
            continue
        code = HELD if earlier.state == State.NEEDS_YOU else AT_WORK
        left.append((record, Change(Action.SKIP, record.key, record.natural_key, code=code)))
    return left


def _is_same_version(work: Work, earlier: RunRecord, record: ReadRecord) -> bool:
    """Whether a record came in this version before. Clocks of other systems tell seconds: where it was read right
    after it changed, it may have changed again within the same one, so what came is compared. Their clock may be
    behind ours by as much as is read again."""
    if record.modified_at is None or earlier.modified_at != record.modified_at:
        return False
    if earlier.created_at - record.modified_at > A_SECOND + timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS):
        return True
    came = work.vault.open(earlier.source, place=RunRecord.SOURCE_PLACE, row_id=earlier.pk)
    return bool(came == store.stored_source(record))


def _unsure(row: RunRecord | None) -> RunRecord | None:
    """Return the row if its last write got no answer and may still be at work on the other side."""
    is_unsure = row is not None and row.state == State.WAITING and row.code == UNKNOWN
    return row if is_unsure and row is not None and row.next_at and row.next_at > timezone.now() else None


def _at_rest(record: SourceRecord, row: RunRecord) -> Change:
    """A newer version takes over what waits, but waits as long: a second write would not find the first one yet."""
    params = dict(row.params)
    return Change(Action.HOLD, record.key, record.natural_key, code=UNKNOWN, params=params, retry_at=row.next_at)


def is_abandoned(earlier: RunRecord) -> bool:
    """Whether a record waits in a run that was stopped: nobody else will send it, so this run does."""
    return earlier.state == State.WAITING and earlier.run.state == Run.State.STOPPED
