"""Which organizations have something to look at or to send: ids only, for the work by the clock."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from apicenter.notifications.models import Delivery, Watch
from apicenter.organizations.models import Organization
from apicenter.tenancy import platform_context

State = Delivery.State


def to_look_at(now: datetime) -> list[uuid.UUID]:
    """Return organizations where something changed, whose time has come, or that were never looked at."""
    own = Watch.unscoped.filter(organization=OuterRef("pk"))
    resting = own.filter(is_changed=False, look_at__gt=now)
    with platform_context():
        return list(Organization.objects.filter(~Exists(resting)).values_list("pk", flat=True))


def due_deliveries(now: datetime) -> Q:
    """What is to be sent: due and unclaimed, or claimed by somebody who has fallen silent."""
    return Q(state=State.WAITING, due_at__lte=now) | Q(state=State.SENDING, leased_until__lte=now)


def to_send(now: datetime) -> list[uuid.UUID]:
    """Return organizations with deliveries that are due, the longest waiting first."""
    rows = Delivery.unscoped.filter(due_deliveries(now)).order_by("due_at").values_list("organization_id", flat=True)
    with platform_context():
        return list(dict.fromkeys(rows[:1000]))
