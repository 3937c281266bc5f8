"""What solves itself: a later run brings a record into step, so what an earlier one held back needs nobody any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Q

from flows.engine.plan import Action, Change
from flows.engine.store import BOUND_STATES, Outcome
from flows.models import KeptApart, RunRecord
from flows.needs.replays import FOLLOWS, replay

if TYPE_CHECKING:
    from flows.engine.work import Work

State = RunRecord.State
CLOSED_BY = {Action.UNCHANGED: "skip.solved", Action.SKIP: "skip.dropped"}


def closing_code(change: Change) -> str:
    """Return why an older row of a record is closed once a later run has planned the record anew."""
    return CLOSED_BY.get(change.action, "skip.superseded")


def settle_older(work: Work, kind: str, outcomes: Sequence[Outcome]) -> None:
    """Say of older rows that they are solved, and send what was held only because of them. In a transaction."""
    done = [one.change.key for one in outcomes if one.state in BOUND_STATES]
    if done:
        settle_keys(work, kind, done)


def settle_keys(work: Work, kind: str, keys: Iterable[str]) -> None:
    """The same for records that are in step now, by their source keys."""
    keys = set(keys)
    assert work.run is not None
    older = RunRecord.objects.filter(flow=work.flow, kind=kind, source_key__in=keys, code="skip.superseded")
    older.exclude(run=work.run).update(code="skip.solved", params={"by_run": str(work.run.pk)})
    if work.kind.is_needed_first(kind):
        _send_dependents(work, keys)


def _send_dependents(work: Work, keys: set[str]) -> None:
    """Send what waited for one of these: orders whose customer a later order brought along."""
    waits = Q(state=State.NEEDS_YOU, code="dependency.failed") | Q(state=State.SKIPPED, code__in=FOLLOWS)
    own = RunRecord.objects.filter(flow=work.flow, kind__in=work.kind.read_kinds)
    held = own.filter(waits).values_list("pk", "params")
    behind = [pk for pk, params in held if params.get("dependency") in keys]
    if behind:
        replay(RunRecord.objects.filter(pk__in=behind))


def kept_apart(work: Work, kind: str, keys: Iterable[str]) -> set[str]:
    """Return the keys of records that a person declared to be none of those that fit them."""
    rows = KeptApart.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, source_key__in=set(keys)
    )
    return set(rows.values_list("source_key", flat=True))
