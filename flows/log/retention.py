"""Deleting what has had its time: log rows with their payloads, files, the trail, invitations, ended sessions.

Tallies stay, so the sums of old runs stay right.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from apicenter.audit import forget_entries
from apicenter.organizations.invitations import forget_invitations
from apicenter.organizations.models import Organization
from apicenter.sealed_sessions import forget_ended
from apicenter.tenancy import organization_context
from connectors.sheets import forget_files, shorten_files
from flows.engine import store
from flows.models import RunRecord
from flows.running.portions import forget_leftovers

BATCH = 1000
purging = Signal()  # in the context of an organization, for those who keep rows that this package may not import
NEEDED_STATES = (RunRecord.State.WAITING,)  # work, not history: never deleted


def purge_expired(organization: Organization) -> int:
    """Delete the organization's expired log rows in batches, and what else has had its time. Returns how many rows."""
    deleted = 0
    with organization_context(organization.pk):
        forget_files()
        forget_leftovers()
        forget_entries()
        forget_invitations()
        purging.send(sender=Organization)
        while True:
            expired = RunRecord.objects.filter(expires_at__lt=timezone.now()).exclude(state__in=NEEDED_STATES)
            ids = list(expired.values_list("pk", flat=True)[:BATCH])
            if not ids:
                return deleted
            _close_held(ids)
            RunRecord.objects.filter(pk__in=ids).only("pk").delete()  # marks go with them; contents are not loaded
            deleted += len(ids)


def _close_held(ids: Sequence[uuid.UUID]) -> None:
    """A record that nobody dealt with in time is counted as skipped, so that its run still adds up."""
    held = list(RunRecord.objects.filter(pk__in=ids, state=RunRecord.State.NEEDS_YOU).defer("source", "exchange"))
    before = [row.state for row in held]
    for row in held:
        row.state = RunRecord.State.SKIPPED
    store.move(held, before)


def shorten(organization: Organization) -> int:
    """Bring the log that exists down to the organization's present lifetime. Returns how many rows go sooner."""
    life = timedelta(days=organization.log_days)
    open_life = timedelta(days=max(organization.log_days, store.OPEN_FAILURE_DAYS))
    with organization_context(organization.pk):
        shorten_files(life)
        done = RunRecord.objects.exclude(state__in=RunRecord.OPEN).filter(expires_at__gt=F("created_at") + life)
        held = RunRecord.objects.filter(state__in=RunRecord.OPEN, expires_at__gt=F("created_at") + open_life)
        return done.update(expires_at=F("created_at") + life) + held.update(expires_at=F("created_at") + open_life)


def purge_all() -> int:
    """Delete what has expired, in every organization and of nobody's. Returns how many log rows."""
    forget_ended()
    return sum(purge_expired(organization) for organization in Organization.objects.all())
