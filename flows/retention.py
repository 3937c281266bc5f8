"""Deleting what has had its time: log rows with their payloads. Tallies stay, so the sums of old runs stay right."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils import timezone

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows import store
from flows.models import RunRecord

BATCH = 1000
NEEDED_STATES = (RunRecord.State.WAITING,)  # work, not history: never deleted


def purge_expired(organization: Organization) -> int:
    """Delete the organization's expired log rows in batches. Returns how many."""
    deleted = 0
    with organization_context(organization.pk):
        while True:
            expired = RunRecord.objects.filter(expires_at__lt=timezone.now()).exclude(state__in=NEEDED_STATES)
            ids = list(expired.values_list("pk", flat=True)[:BATCH])
            if not ids:
                return deleted
            _close_held(ids)
            RunRecord.objects.filter(pk__in=ids).delete()
            deleted += len(ids)


def _close_held(ids: Sequence[uuid.UUID]) -> None:
    """A record that nobody dealt with in time is counted as skipped, so that its run still adds up."""
    held = list(RunRecord.objects.filter(pk__in=ids, state=RunRecord.State.NEEDS_YOU).defer("source", "exchange"))
    before = [row.state for row in held]
    for row in held:
        row.state = RunRecord.State.SKIPPED
    store.move(held, before)


def purge_all() -> int:
    """Delete what has expired in every organization. Returns how many rows."""
    return sum(purge_expired(organization) for organization in Organization.objects.all())
