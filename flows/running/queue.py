"""The queue: jobs are rows, lanes are claimed by a lease with a fence. A hint only says where to look (design 2.2)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from connectors.models import Lane
from flows.models import Job, Run
from flows.running import clock


class Queue(StrEnum):
    """Which pool looks: a person waits for the first, nobody for the second."""

    INTERACTIVE = "interactive"
    BULK = "bulk"

    @property
    def lowest_priority(self) -> int:
        return Job.INTERACTIVE if self is Queue.INTERACTIVE else Job.BULK


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work in a lane until `until`. A later claim has a higher fence."""

    lane_id: int
    fence: int
    until: datetime
    held_since: float = field(default_factory=time.monotonic)

    def seconds_left(self) -> float:
        """Return for how long it holds, by the clock and by the time that has really passed: the clock may jump."""
        by_the_clock = (self.until - timezone.now()).total_seconds()
        return min(by_the_clock, settings.ENV.LANE_LEASE_SECONDS - (time.monotonic() - self.held_since))


class LeaseLost(Exception):
    """Another worker has claimed the lane since."""


def due_jobs(queue: Queue, now: datetime) -> QuerySet[Job]:
    """Jobs of all organizations that may run now."""
    return Job.unscoped.filter(next_at__lte=now, priority__lte=queue.lowest_priority)


def due_lanes(queue: Queue, now: datetime) -> QuerySet[Lane]:
    """Lanes with a due job that nobody works in, longest unserved first."""
    return (
        Lane.objects.filter(
            Q(lease_until=None) | Q(lease_until__lt=now) | clock.leased_too_long(now),
            Q(blocked_until=None) | Q(blocked_until__lt=now),
            Exists(due_jobs(queue, now).filter(lane=OuterRef("pk"))),
        )
        .order_by("served_at", "id")
        .only("id", "fence", "served_at", "lease_until")
    )


def claim(queue: Queue) -> Lease | None:
    """Take the due lane that was served longest ago, or None."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.ENV.LANE_LEASE_SECONDS)
    with transaction.atomic():
        skip_locked = connection.features.has_select_for_update_skip_locked
        lane = due_lanes(queue, now).select_for_update(skip_locked=skip_locked).first()
        if lane is None:
            return None
        if clock.is_ahead(lane.served_at, now) or clock.is_ahead(lane.lease_until, until):
            clock.mend(lane, now)
            lane.refresh_from_db(fields=["fence"])
        Lane.objects.filter(pk=lane.pk).update(lease_until=until, served_at=now, fence=F("fence") + 1)
    return Lease(lane.pk, lane.fence + 1, until)


def renew(lease: Lease) -> Lease:
    """Prolong the lease. In a transaction it also keeps everybody else out of the lane until that ends.

    Raises LeaseLost when another worker has the lane by now: it goes on from what is stored, so nothing may be stored.
    """
    now = timezone.now()
    until = now + timedelta(seconds=settings.ENV.LANE_LEASE_SECONDS)
    kept = Lane.objects.filter(pk=lease.lane_id, fence=lease.fence).update(lease_until=until, served_at=_latest(now))
    if not kept:
        raise LeaseLost(f"lane {lease.lane_id}, fence {lease.fence}")
    return replace(lease, until=until, held_since=time.monotonic())


_ended: list[Lease] = []  # still to be given back


def release(lease: Lease) -> None:
    """Give the lane back. Raises DatabaseError; then it is given back before this process claims another one."""
    _ended.append(lease)
    release_ended()


def release_ended() -> None:
    """Give back what has ended, unless somebody else has it already."""
    while True:
        try:
            lease = _ended.pop()
        except IndexError:
            return
        mine = Lane.objects.filter(pk=lease.lane_id, fence=lease.fence)
        try:
            mine.update(lease_until=None, served_at=_latest(timezone.now()))
        except DatabaseError:
            _ended.append(lease)
            raise


def _latest(now: datetime) -> Greatest:
    """Return the latest moment at which the lane was ever served.

    A clock that is put back within a slice leaves the mark of what it said before: what was put off by then is due.
    """
    return Greatest("served_at", Value(now))


def next_job(lease: Lease, queue: Queue) -> Job | None:
    """Return the most urgent due job of the leased lane."""
    due = due_jobs(queue, timezone.now()).filter(lane_id=lease.lane_id)
    job = due.order_by("priority", "next_at", "id").first()
    if job is not None:
        job.fence = lease.fence
    return job


def is_somebody_waiting(lease: Lease, queue: Queue) -> bool:
    """Whether this slot is wanted: another lane is due, or a person waits in this one."""
    now = timezone.now()
    if due_lanes(queue, now).exists():
        return True
    return queue is Queue.BULK and due_jobs(Queue.INTERACTIVE, now).filter(lane_id=lease.lane_id).exists()


def enqueue(run: Run, *, priority: int, at: datetime | None = None) -> Job:
    """Queue a run, once; the caller is in the organization's context and wakes the workers."""
    lane = run.flow.target.lane
    if lane is None:
        raise ValueError(f"Connection {run.flow.target_id} has no lane: it was never connected.")
    job, _ = Job.objects.get_or_create(
        run=run, defaults={"lane": lane, "priority": priority, "next_at": at or timezone.now()}
    )
    return job


def postpone(job: Job, *, until: datetime, attempts: int = 0) -> None:
    """Let the job rest until then; `attempts` is how often in a row it got nowhere.

    One that was taken up under a lease which another worker has by now is that worker's: it is left alone.
    """
    mine = Job.unscoped.filter(pk=job.pk)
    if job.fence is not None:
        mine = mine.filter(lane__fence=job.fence)
    mine.update(next_at=until, attempts=attempts)


def next_due_at() -> datetime | None:
    """Return when the next job becomes due, over all lanes."""
    return Job.unscoped.aggregate(at=Min("next_at"))["at"]
