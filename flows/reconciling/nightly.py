"""When the nightly comparison of a flow is due: in the small hours of its organization, each at a minute of its own."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import FlowError
from apicenter.organizations.zones import zone_of
from apicenter.tenancy import organization_context
from flows.models import Flow
from flows.reconciling.reconciliation import start_check
from flows.running.schedule import Schedule, next_time, schedule_of

logger = logging.getLogger(__name__)
FIRST_HOUR, HOURS = 1, 4
TOO_LATE = timedelta(hours=4)  # a platform that was down all night does not begin in the morning


def next_check(flow: Flow, *, after: datetime) -> datetime:
    """Return when the next comparison is due, in UTC; the minute follows from the flow, so that few begin at once."""
    minute = flow.pk.int % (HOURS * 60)
    at = time(FIRST_HOUR + minute // 60, minute % 60)
    found = next_time(Schedule(daily_at=at), after=after, zone=zone_of(flow.organization))
    assert found is not None
    return found


def set_checked_nightly(flow: Flow, *, wanted: bool) -> None:
    """Choose whether a flow is compared every night."""
    if flow.is_checked_nightly == wanted:
        return
    flow.is_checked_nightly, flow.check_at = wanted, None
    with transaction.atomic():
        flow.save(update_fields=["is_checked_nightly", "check_at"])
        record_change("flow.check_changed", subject=flow.name, before={"on": not wanted}, after={"on": wanted})


def runs_by_itself(flow: Flow) -> bool:
    """A flow that only a person starts sends nothing at night either."""
    return not schedule_of(flow).is_by_hand


def start_due_checks() -> int:
    """Queue the comparisons that are due, of every organization. Returns how many."""
    now = timezone.now()
    due = Q(check_at=None) | Q(check_at__lte=now)
    flows = Flow.unscoped.filter(due, state=Flow.State.ACTIVE, is_checked_nightly=True).select_related("organization")
    return sum(_start_due(flow, now) for flow in flows)


def _start_due(flow: Flow, now: datetime) -> bool:
    """Claim the turn of one flow; the first time it only learns when that is."""
    with organization_context(flow.organization_id):
        claimed = Flow.objects.filter(pk=flow.pk, check_at=flow.check_at).update(check_at=next_check(flow, after=now))
        if not claimed or flow.check_at is None or flow.check_at < now - TOO_LATE or not runs_by_itself(flow):
            return False
        with suppress(FlowError):  # paused in between, the free days are over, or nothing was read yet
            start_check(flow, by_the_clock=True)
            return True
    return False
