"""Intents: creates that are committed before the first byte leaves, until their answer is clear (design 2.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from flows.engine.bulk import insert_each
from flows.engine.pairs import LONGEST_LABEL
from flows.engine.plan import Change
from flows.models import Intent

if TYPE_CHECKING:
    from flows.engine.work import Work


def keys_with_intent(work: Work, kind: str, keys: Iterable[str]) -> set[str]:
    """Return the keys that may have been sent already: they are looked up by our reference, not adopted by key."""
    rows = Intent.objects.filter(to_connection=work.flow.target_id, kind=kind, source_key__in=keys)
    return set(rows.values_list("source_key", flat=True))


def reserve(work: Work, kind: str, changes: Sequence[Change]) -> dict[str, Intent]:
    """Commit the intents of new creates before anything is sent. Returns them by source key.

    A key that has an intent already is left out: somebody may have sent it, so it must be looked up first.
    """
    now = timezone.now()
    with transaction.atomic():
        work.guard()
        look_at = work.look_at(now)
        standing = keys_with_intent(work, kind, [change.key for change in changes])
        intents = [
            Intent(
                organization_id=work.flow.organization_id,
                to_connection_id=work.flow.target_id,
                kind=kind,
                source_key=change.key,
                reference=change.reference or work.reference(kind, change.key),
                natural_key=change.natural_key[:LONGEST_LABEL],
                fence=work.fence,
                sent_at=now,
                look_at=look_at,
            )
            for change in changes
            if change.key not in standing
        ]
        insert_each(intents)
    return {intent.source_key: intent for intent in intents}


def reserve_again(work: Work, intent: Intent) -> bool:
    """Take over an intent that was looked up and not found, to send it once more. False = another worker has it."""
    now = timezone.now()
    taken = Intent.objects.filter(pk=intent.pk, fence=intent.fence, sent_at=intent.sent_at).update(
        fence=work.fence, sent_at=now, look_at=work.look_at(now), rounds=F("rounds") + 1
    )
    return bool(taken)
