"""Records whose source is gone or no longer sold: deleted in the target on a person's word, or left there for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import ApicenterError, NotFound
from connectors.services import open_connector
from flows.engine import store
from flows.engine.bulk import update_each
from flows.engine.plan import KEPT
from flows.models import Binding, Flow, RunRecord
from flows.needs import replays
from flows.needs.cause_tasks import How, deciding
from flows.services import kind_of

RETIRED = "product.retired"
MOST_AT_ONCE = 50  # a call each, while somebody waits
State = RunRecord.State


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many are gone, how many are still to do, and why the first of those could not be deleted."""

    count: int
    left: int
    problem: str = ""


def delete_there(flow: Flow, records: Sequence[RunRecord], *, who: str) -> Deleted:
    """Delete what these records became in the target; the pairs go with it. One that is gone already counts as deleted.

    Raises RetryableError or FlowError when the target cannot be reached at all.
    """
    asked = [one for one in records if one.state == State.NEEDS_YOU and one.code == RETIRED and one.target_id]
    now = asked[:MOST_AT_ONCE]
    kind = kind_of(flow)
    with open_connector(flow.target, is_interactive=True) as connector:
        target = connector.target(kind.target_kind(kind.key, kind.settings_model.model_validate(flow.settings)))
        answers = connector.api.settle(lambda one: target.delete(one.target_id), now)
        title = connector.title
    gone = [one for one, answer in zip(now, answers, strict=True) if answer is None or isinstance(answer, NotFound)]
    failed = [one for one in answers if isinstance(one, ApicenterError) and not isinstance(one, NotFound)]
    with deciding(How.CHOSEN):
        _close(flow, gone, {"who": who, "system": title})
    return Deleted(len(gone), len(asked) - len(gone), str(failed[0]) if failed else "")


def keep(flow: Flow, records: Sequence[RunRecord], *, who: str) -> int:
    """Leave what these records became in the target, and never ask again unless the item is sold again.

    Returns how many."""
    asked = [one for one in records if one.state == State.NEEDS_YOU and one.code == RETIRED]
    with deciding(How.ASIDE):
        _pairs(flow, asked).update(fingerprint=KEPT)
        return replays.set_aside_all(asked, who=who, is_final=True)


def _close(flow: Flow, rows: Sequence[RunRecord], params: dict[str, str]) -> None:
    with transaction.atomic():
        before = [row.state for row in rows]
        for row in rows:
            row.state, row.code, row.params = State.SKIPPED, "skip.removed_there", dict(params)
            row.finished_at = timezone.now()
            record_change(
                "record.deleted_there",
                subject=f"{flow.name}, {row.natural_key or row.source_key}",
                before={"target": row.target_id},
            )
        targets = [row.target_id for row in rows]
        Binding.objects.filter(
            from_connection=flow.source_id, to_connection=flow.target_id, target_id__in=targets
        ).delete()
        update_each(rows, ["state", "code", "params", "finished_at"])
        store.move(rows, before)


def _pairs(flow: Flow, rows: Sequence[RunRecord]) -> QuerySet[Binding]:
    return Binding.objects.filter(
        from_connection=flow.source_id,
        to_connection=flow.target_id,
        kind=flow.kind,
        source_key__in=[row.source_key for row in rows],
    )
