"""The queue: jobs are rows, lanes are claimed by a lease with a fence. A hint only says where to look (design 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors.models import Lane
from flows.models import Job, Run


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

    def seconds_left(self) -> float:
        return (self.until - timezone.now()).total_seconds()


class LeaseLost(Exception):
    """Another worker has claimed the lane since."""


def due_jobs(queue: Queue, now: datetime) -> QuerySet[Job]:
    """Jobs of all organizations that may run now."""
    return Job.unscoped.filter(next_at__lte=now, priority__lte=queue.lowest_priority)


def due_lanes(queue: Queue, now: datetime) -> QuerySet[Lane]:
    """Lanes with a due job that nobody works in, longest unserved first."""
    return (
        Lane.objects.filter(
            Q(lease_until=None) | Q(lease_until__lt=now),
            Q(blocked_until=None) | Q(blocked_until__lt=now),
            Exists(due_jobs(queue, now).filter(lane=OuterRef("pk"))),
        )
        .order_by("served_at", "id")
        .only("id", "fence")
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
        Lane.objects.filter(pk=lane.pk).update(lease_until=until, served_at=now, fence=F("fence") + 1)
    return Lease(lane.pk, lane.fence + 1, until)


def renew(lease: Lease) -> Lease:
    """Prolong the lease. In a transaction it also keeps everybody else out of the lane until that ends.

    Raises LeaseLost when another worker has the lane by now: it goes on from what is stored, so nothing may be stored.
    """
    until = timezone.now() + timedelta(seconds=settings.ENV.LANE_LEASE_SECONDS)
    kept = Lane.objects.filter(pk=lease.lane_id, fence=lease.fence).update(lease_until=until)
    if not kept:
        raise LeaseLost(f"lane {lease.lane_id}, fence {lease.fence}")
    return replace(lease, until=until)


def release(lease: Lease) -> None:
    """Give the lane back, unless somebody else has it already."""
    Lane.objects.filter(pk=lease.lane_id, fence=lease.fence).update(lease_until=None)


def next_job(lease: Lease, queue: Queue) -> Job | None:
    """Return the most urgent due job of the leased lane."""
    return due_jobs(queue, timezone.now()).filter(lane_id=lease.lane_id).order_by("priority", "next_at", "id").first()


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
    """Let the job rest until then; `attempts` is how often in a row it got nowhere."""
    Job.unscoped.filter(pk=job.pk).update(next_at=until, attempts=attempts)


def next_due_at() -> datetime | None:
    """Return when the next job becomes due, over all lanes."""
    return Job.unscoped.aggregate(at=Min("next_at"))["at"]
