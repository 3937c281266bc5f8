"""Looking at one organization: what is wrong, what is to be told, and when to look again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from apicenter.notifications import due
from apicenter.notifications.incidents import Ask, Fact, reconcile
from apicenter.notifications.models import Watch
from apicenter.notifications.summary import CameIn, write_summaries
from apicenter.tenancy import organization_context

ANYWAY = timedelta(minutes=5)
SOONEST = timedelta(seconds=15)


def look_everywhere(
    *, facts: Callable[[], Sequence[Fact]], ask: Ask, came_in: CameIn, now: datetime | None = None
) -> int:
    """Look at every organization that is due; the callables answer for the one in context. Returns how many."""
    at = now or timezone.now()
    return sum(
        look_at(organization_id, facts=facts, ask=ask, came_in=came_in, now=at)
        for organization_id in due.to_look_at(at)
    )


def look_at(
    organization_id: uuid.UUID,
    *,
    facts: Callable[[], Sequence[Fact]],
    ask: Ask,
    came_in: CameIn,
    now: datetime,
) -> bool:
    """Look at one organization, unless another worker just did."""
    with organization_context(organization_id):
        watch, is_new = Watch.objects.get_or_create(defaults={"look_at": now + ANYWAY})
        due_rows = Watch.objects.filter(Q(is_changed=True) | Q(look_at__lte=now), pk=watch.pk)
        if not is_new and not due_rows.update(is_changed=False, look_at=now + ANYWAY):
            return False
        next_at = reconcile(facts(), ask=ask, now=now)
        write_summaries(came_in=came_in, now=now)
        if next_at is not None:
            soon = max(next_at, now + SOONEST)
            Watch.objects.filter(pk=watch.pk, look_at__gt=soon).update(look_at=soon)
        return True
