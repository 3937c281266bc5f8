"""A clock that was wrong: what one that ran ahead has put off, and what may not be trusted right after a jump.

A lane that was served at a moment still to come was served by a clock that ran ahead of ours. Whatever waits there was
put off by that clock, so it is due, except for creates without an answer: those rest for as long as they ever may,
counted from now. The other way round, time that only the clock says has passed has not: a create without an answer may
still be under way, so nothing is looked up for as long after a jump.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apicenter.clocks import CLOCKS_DIFFER
from apicenter.tenancy import platform_context
from connectors.models import Lane
from connectors.registry import all_connectors
from flows.models import Flow, Intent, Job, RunRecord
from flows.running.schedule import ScheduleError, next_run

logger = logging.getLogger(__name__)
UNKNOWN = "outcome.unknown"


def is_ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether something that has happened did so at a moment still to come."""
    return moment is not None and moment > now + CLOCKS_DIFFER


def longest_lease() -> timedelta:
    return timedelta(seconds=settings.ENV.LANE_LEASE_SECONDS)


def leased_too_long(now: datetime) -> Q:
    """Select lanes whose lease ends later than one that begins now: it was taken by a clock that was ahead."""
    return Q(lease_until__gt=now + longest_lease() + CLOCKS_DIFFER)


def longest_rest() -> timedelta:
    """Return how long a create without an answer rests at most before it is looked up (Work.look_at, Work.quiet)."""
    quiet = max(getattr(settings.ENV, one.quiet_setting) for one in all_connectors() if one.quiet_setting)
    return longest_lease() + timedelta(seconds=quiet)


def mend(lane: Lane, now: datetime) -> None:
    """Let what a clock that was ahead has put off in this lane go on. The caller holds the lane's row.

    Whoever works there loses the lane: what it is about to store may have been reckoned by the wrong clock.
    """
    logger.warning("lane %s was served at %s, which is still to come: what waits there is due", lane.pk, lane.served_at)
    latest = now + longest_rest()
    with platform_context():
        waiting = RunRecord.unscoped.filter(run__job__lane=lane, state=RunRecord.State.WAITING)
        waiting.filter(next_at__gt=now).exclude(code=UNKNOWN).update(next_at=now)
        waiting.filter(next_at__gt=latest).update(next_at=latest)
        Intent.unscoped.filter(to_connection__lane=lane, look_at__gt=latest).update(look_at=latest)
        Job.unscoped.filter(lane=lane, next_at__gt=now).update(next_at=now)
        for flow in Flow.unscoped.filter(target__lane=lane, next_run_at__gt=now).select_related("organization"):
            _bring_forward(flow, now)
    mended = Lane.objects.filter(pk=lane.pk)
    mended.update(served_at=now, blocked_until=None, lease_until=None, fence=F("fence") + 1)


def _bring_forward(flow: Flow, now: datetime) -> None:
    """Put the next turn of a flow no later than its schedule says from now on."""
    with suppress(ScheduleError):
        following = next_run(flow, after=now)
        if following is not None and flow.next_run_at is not None and following < flow.next_run_at:
            Flow.unscoped.filter(pk=flow.pk, next_run_at=flow.next_run_at).update(next_run_at=following)


def mend_all() -> int:
    """Mend every lane that was served by a clock that was ahead. Returns how many."""
    now = timezone.now()
    with transaction.atomic():
        lanes = Lane.objects.select_for_update().filter(Q(served_at__gt=now + CLOCKS_DIFFER) | leased_too_long(now))
        found = list(lanes.order_by("pk"))
        for lane in found:
            mend(lane, now)
    early = now + CLOCKS_DIFFER
    Job.unscoped.filter(created_at__gt=early, next_at__gt=early).update(created_at=now, next_at=now)
    return len(found)


def _steady() -> float:
    """Return seconds that no change of the clock touches; time in which the machine slept counts, where it can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class JumpWatch:
    """Notices in this process that the clock says more time has passed than did."""

    def __init__(self, *, clock: Callable[[], datetime] = timezone.now, steady: Callable[[], float] = _steady) -> None:
        self._clock, self._steady = clock, steady
        self._offset = self._now_offset()
        self._doubt_until = self._steady()

    def look(self) -> timedelta:
        """Return for how long from now what the clock says about past waits is not to be trusted."""
        offset = self._now_offset()
        if offset - self._offset > CLOCKS_DIFFER.total_seconds():
            logger.warning("the clock has jumped ahead by %.0f s", offset - self._offset)
            self._doubt_until = self._steady() + longest_rest().total_seconds()
        self._offset = offset
        return timedelta(seconds=max(0.0, self._doubt_until - self._steady()))

    def _now_offset(self) -> float:
        return self._clock().timestamp() - self._steady()


JUMPS = JumpWatch()
