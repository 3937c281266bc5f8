"""What stands in the app for one person: messages, read or not; and what was given up, for admins."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from apicenter.notifications.models import Delivery, Incident, Notification
from apicenter.notifications.rules import Channel
from apicenter.organizations.models import Organization, User
from apicenter.tenancy import organization_context

KEPT = timedelta(days=30)


def messages_of(user: User) -> QuerySet[Delivery]:
    """Return a person's messages in the organization in context, newest first."""
    rows = Delivery.objects.filter(channel=Channel.APP, user=user)
    return rows.select_related("notification__incident__taken_by").order_by("-created_at", "-pk")


def unread_count(user: User) -> int:
    return Delivery.objects.filter(channel=Channel.APP, user=user, read_at=None).count()


def mark_read(user: User, *, only: Sequence[uuid.UUID] | None = None) -> int:
    """Mark a person's messages as read, all or some. Returns how many were not."""
    rows = Delivery.objects.filter(channel=Channel.APP, user=user, read_at=None)
    if only is not None:
        rows = rows.filter(pk__in=only)
    return rows.update(read_at=timezone.now())


def given_up() -> QuerySet[Delivery]:
    """Return what could not be delivered, newest first."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).exclude(channel=Channel.APP)
    return rows.select_related("notification__incident", "user", "webhook").order_by("-created_at")


def purge_old(now: datetime | None = None) -> int:
    """Delete messages and closed incidents that had their time, in every organization. Returns how many."""
    before = (now or timezone.now()) - KEPT
    deleted = 0
    for organization in Organization.objects.all():
        with organization_context(organization.pk):
            old = Notification.objects.filter(created_at__lt=before).exclude(
                incident__isnull=False, incident__closed_at=None
            )
            deleted += old.delete()[0]
            deleted += Incident.objects.filter(closed_at__lt=before).delete()[0]
    return deleted
