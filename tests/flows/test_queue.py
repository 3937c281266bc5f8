"""Claiming work: the lane served longest ago first, by one worker only, and fenced against the one before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from connectors.models import Connection, Lane
from flows.models import Flow, Job, Run
from flows.running.queue import (
    LeaseLost,
    Queue,
    claim,
    due_lanes,
    enqueue,
    is_somebody_waiting,
    next_due_at,
    next_job,
    postpone,
    release,
    renew,
)
from tests.flows.memory import make_run

pytestmark = pytest.mark.django_db


def lane_with_work(flow: Flow, key: str, *, served_at: datetime, priority: int = Job.BULK) -> Lane:
    lane = Lane.objects.create(key=key, served_at=served_at)
    target = Connection.objects.create(connector="memory", name=key, lane=lane)
    other = Flow.objects.create(kind="products", name=key, source=flow.source, target=target, state=Flow.State.ACTIVE)
    enqueue(Run.objects.create(flow=other, trigger="manual"), priority=priority)
    return lane


def queued(flow: Flow, *, priority: int = Job.BULK) -> Job:
    return enqueue(make_run(flow), priority=priority)


def lapse() -> None:
    Lane.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_the_lane_served_longest_ago_is_first(flow: Flow):
    now = timezone.now()
    recent = lane_with_work(flow, "recent", served_at=now - timedelta(minutes=1))
    patient = lane_with_work(flow, "patient", served_at=now - timedelta(minutes=9))

    leases = [claim(Queue.BULK), claim(Queue.BULK), claim(Queue.BULK)]

    assert [lease and lease.lane_id for lease in leases] == [patient.pk, recent.pk, None]


def test_a_lane_that_was_just_served_goes_to_the_end(flow: Flow):
    now = timezone.now()
    busy = lane_with_work(flow, "busy", served_at=now - timedelta(minutes=9))
    other = lane_with_work(flow, "other", served_at=now - timedelta(minutes=1))

    order = []
    for _ in range(4):
        lease = claim(Queue.BULK)
        assert lease is not None
        order.append(lease.lane_id)
        release(lease)

    assert order == [busy.pk, other.pk, busy.pk, other.pk]


def test_a_second_worker_cannot_claim_a_leased_lane(flow: Flow):
    queued(flow)

    first, second = claim(Queue.BULK), claim(Queue.BULK)

    assert first is not None
    assert second is None


def test_a_lapsed_lease_is_taken_over_and_the_first_worker_shut_out(flow: Flow):
    queued(flow)
    first = claim(Queue.BULK)
    assert first is not None
    lapse()

    second = claim(Queue.BULK)

    assert second is not None
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost):
        renew(first)
    release(first)
    assert claim(Queue.BULK) is None  # the first could not give away what is the second's
    assert renew(second).until >= second.until


def test_work_that_is_not_due_is_left_alone(flow: Flow):
    job = queued(flow)
    later = timezone.now() + timedelta(minutes=5)
    postpone(job, until=later, attempts=2)
    job.refresh_from_db()

    assert claim(Queue.BULK) is None
    assert (next_due_at(), job.attempts) == (later, 2)


def test_a_blocked_lane_is_left_alone_until_the_vendor_allows_it(flow: Flow):
    queued(flow)
    now = timezone.now()
    Lane.objects.update(blocked_until=now + timedelta(seconds=30))

    assert not due_lanes(Queue.BULK, now).exists()
    assert due_lanes(Queue.BULK, now + timedelta(seconds=31)).exists()


def test_the_interactive_queue_sees_only_what_people_wait_for(flow: Flow):
    queued(flow)
    assert claim(Queue.INTERACTIVE) is None

    queued(flow, priority=Job.INTERACTIVE)
    assert claim(Queue.INTERACTIVE) is not None


def test_what_a_person_waits_for_is_done_first(flow: Flow):
    queued(flow)
    urgent = queued(flow, priority=Job.INTERACTIVE)
    lease = claim(Queue.BULK)
    assert lease is not None

    assert next_job(lease, Queue.BULK) == urgent


@pytest.mark.parametrize("priority", [Job.INTERACTIVE, Job.BULK])
def test_a_slice_ends_for_another_lane_or_for_a_person(flow: Flow, priority: int):
    queued(flow)
    lease = claim(Queue.BULK)
    assert lease is not None
    assert not is_somebody_waiting(lease, Queue.BULK)

    if priority == Job.INTERACTIVE:
        queued(flow, priority=priority)
    else:
        lane_with_work(flow, "other", served_at=timezone.now())

    assert is_somebody_waiting(lease, Queue.BULK)


def test_a_run_is_queued_once(flow: Flow):
    run = make_run(flow)

    assert enqueue(run, priority=Job.BULK) == enqueue(run, priority=Job.INTERACTIVE)
    assert Job.objects.count() == 1


def test_a_connection_that_was_never_connected_cannot_queue(flow: Flow):
    flow.target.lane = None

    with pytest.raises(ValueError, match="never connected"):
        enqueue(make_run(flow), priority=Job.BULK)


def test_a_lease_lasts_as_long_as_the_installation_says(flow: Flow, env: Callable[..., None]):
    env(LANE_LEASE_SECONDS=60)
    queued(flow)

    lease = claim(Queue.BULK)

    assert lease is not None
    assert 50 < lease.seconds_left() <= 60


def test_a_job_that_another_worker_has_by_now_is_not_put_off(flow: Flow):
    queued(flow)
    lease = claim(Queue.BULK)
    assert lease is not None
    job = next_job(lease, Queue.BULK)
    assert job is not None
    lapse()
    claim(Queue.BULK)

    postpone(job, until=timezone.now() + timedelta(hours=1))

    assert Job.objects.get(pk=job.pk).next_at <= timezone.now()
