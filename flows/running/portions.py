"""A portion that is interrupted is not read again: what was answered already is kept, sealed, for the next attempt.

Reading and planning a portion takes many calls. Nothing of it is stored before all of them were answered, so that a
position never passes a record; without a memory one refused call in twenty would keep a run from ever getting on.
What decides about a write that follows (what an earlier one may have left, a document as it stands) is always asked
live: `Work.live`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apicenter.errors import RetryableError
from connectors.http import ApiClient
from connectors.memory import KEPT_FOR, Memory
from flows.engine.work import Work
from flows.engine.writing import Interrupted
from flows.models import PortionMemory

Part = PortionMemory.Part
DOUBTFUL = {"remote.bad_answer", "remote.changed_meanwhile"}  # answers that do not fit together: ask for all anew
LEFTOVER = timedelta(hours=1)


@contextmanager
def remembered(work: Work, part: Part) -> Iterator[None]:
    """Answer what an interrupted attempt at the same portion was answered before; keep what it was if this one is
    interrupted too, and forget it once it is through."""
    if work.run is None:
        yield
        return
    row = PortionMemory.objects.filter(run=work.run, part=part).first()
    stored = row.read_answers() if row and row.created_at > timezone.now() - LEFTOVER else {}
    sides = work.clients
    for name, api in sides.items():
        api.memory = Memory(stored.get(name), now=timezone.now())
    try:
        yield
    except (RetryableError, Interrupted) as stop:
        error = stop.error if isinstance(stop, Interrupted) else stop
        if isinstance(error, RetryableError) and error.code not in DOUBTFUL:
            _keep(work, part, row, sides)
        else:
            _forget(row)
        raise
    else:
        _forget(row)
    finally:
        for api in sides.values():
            api.memory = None


def _forget(row: PortionMemory | None) -> None:
    if row is not None:
        row.delete()


def forget_leftovers() -> None:
    """Delete what runs that never went on have left behind."""
    PortionMemory.objects.filter(created_at__lt=timezone.now() - KEPT_FOR - LEFTOVER).delete()


def _keep(work: Work, part: Part, row: PortionMemory | None, sides: Mapping[str, ApiClient]) -> None:
    memories = {name: api.memory for name, api in sides.items() if api.memory is not None}
    work.got_on = work.got_on or any(memory.has_grown for memory in memories.values())
    assert work.run is not None
    row = row or PortionMemory(run=work.run, part=part)
    row.organization_id = work.flow.organization_id
    row.created_at = timezone.now()
    row.store_answers({name: memory.to_json() for name, memory in memories.items()})
    with transaction.atomic():
        work.guard()  # whoever was too slow keeps nothing: another worker reads this portion by now
        row.save()
