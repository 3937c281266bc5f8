"""Doing queued work: claim a lane, work through its jobs for a slice, give it back (design 2.2)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Min
from django.utils import timezone

from apicenter.errors import ApicenterError, AuthError, PermissionMissing, RetryableError
from apicenter.notifications.watch import mark_changed
from apicenter.tenancy import organization_context
from connectors.base import Existing, Window
from flows.catalog.registry import flow_kind
from flows.engine import intake
from flows.engine.followers import leader_at_work
from flows.engine.partial import backoff
from flows.engine.plan import Planned
from flows.engine.work import Work, open_work
from flows.engine.writing import INTERNAL_ERRORS_THAT_PAUSE, Interrupted, by_kind, chunk_size, write
from flows.models import Candidate, Flow, Job, Run, RunRecord
from flows.needs.active_again import release_usable
from flows.reconciling import reconciliation
from flows.running import clock, held_up, key_runs
from flows.running.behaviour import fails_in_a_row, has_done_portion
from flows.running.portions import Part, remembered
from flows.running.queue import (
    Lease,
    LeaseLost,
    Queue,
    claim,
    is_somebody_waiting,
    next_job,
    postpone,
    release,
    release_ended,
    renew,
)
from flows.running.source_clock import ensure_same_clock
from flows.running.stopping import come_to_rest, is_stop_requested

logger = logging.getLogger(__name__)
State = RunRecord.State
NEEDS_PERSON_REST = timedelta(hours=1)  # a reconnected connection wakes its jobs earlier
LEADER_REST = timedelta(seconds=20)
LONGEST_HOLD_SLICES = 10
MOST_DATABASE_DOUBLINGS = 3
AUTHORISATION_CODES = {"token.revoked", "credentials.wrong", "tenant.wrong"}


class Verdict(StrEnum):
    """How a step of a job ended."""

    MORE = "more"
    LATER = "later"
    END = "end"


@dataclass
class Slice:
    """The time a worker may spend in a lane before it looks whether somebody else wants the slot."""

    lease: Lease
    queue: Queue
    started: float
    length: float
    got_on: bool = False  # a step of the present job was completed

    def is_over(self) -> bool:
        """Whether to give the lane back now; otherwise the lease is kept alive."""
        if time.monotonic() - self.started < self.length:
            return False
        held = time.monotonic() - self.started
        if held > self.length * LONGEST_HOLD_SLICES or is_somebody_waiting(self.lease, self.queue):
            return True
        self.keep()
        return False

    def keep(self) -> None:
        """Prolong the lease. Raises LeaseLost."""
        self.lease = renew(self.lease)


def drain(queue: Queue) -> bool:
    """Work through one slice of the lane that waited longest. False when no lane was due."""
    held_up.write_kept(timezone.now())
    clock.JUMPS.look()
    release_ended()
    lease = claim(queue)
    if lease is None:
        return False
    piece = Slice(lease, queue, time.monotonic(), settings.ENV.SLICE_SECONDS)
    try:
        while job := next_job(piece.lease, queue):
            _perform(job, piece)
            if piece.is_over():
                break
    except LeaseLost as lost:
        logger.warning("a slice was too slow, another worker has taken over: %s", lost)
    finally:
        release(piece.lease)
    return True


def _perform(job: Job, piece: Slice) -> None:
    piece.got_on = False
    with organization_context(job.organization_id):
        run = Run.objects.select_related("flow__organization", "flow__source__lane", "flow__target__lane").get(
            pk=job.run_id
        )
        if run.stop_requested:  # before anything is opened: it may be what cannot be opened that makes one stop it
            come_to_rest(run)
            job.delete()
            return
        if run.flow.state == Flow.State.PAUSED or run.state == Run.State.STOPPED:
            postpone(job, until=timezone.now() + NEEDS_PERSON_REST)
            return
        if leader := leader_at_work(run):
            _note_problem(run, "first_run.waits", {"flow": leader.name})
            postpone(job, until=timezone.now() + LEADER_REST)
            return
        try:
            with _opened(run, piece) as work:
                later = _steps(work, run, piece)
        except Interrupted as stop:
            _rest(job, run, stop.error, attempts=0 if piece.got_on else job.attempts)
        except ApicenterError as error:
            _rest(job, run, error, attempts=0 if piece.got_on else job.attempts)
        except LeaseLost:
            raise
        except DatabaseError as error:
            _rest_without_database(job, run, error)
        except Exception:
            logger.exception("run %s of flow %s failed", run.pk, run.flow_id)
            _rest_after_fault(job, run)
        else:
            _note_recovery(run)
            _settle_job(job, run, later)


@contextmanager
def _opened(run: Run, piece: Slice) -> Iterator[Work]:
    """Open both sides, and add the calls they made to the run whatever happens."""
    with open_work(
        run.flow,
        run,
        ensure=intake.ensure,
        fence=piece.lease.fence,
        seconds_left=lambda: piece.lease.seconds_left(),
        guard=piece.keep,
    ) as work:
        try:
            yield work
        finally:
            piece.got_on = piece.got_on or work.got_on
            run.calls_source += work.source.api.calls
            run.calls_target += work.target_side.api.calls
            run.save(update_fields=["calls_source", "calls_target"])


def _steps(work: Work, run: Run, piece: Slice) -> datetime | None:
    """Take steps until the slice is over or nothing is due. Returns when to go on, None when it has ended or stops."""
    if _start(run) and not run.is_backfill:
        release_usable(work)
    while True:
        if is_stop_requested(run):
            _stop(work, run)
            return None
        if count := fails_in_a_row(run):
            run.flow.pause("errors.in_row", {"count": str(count)})
            return timezone.now() + NEEDS_PERSON_REST
        if run.phase == Run.Phase.INDEX:
            _index(work, run)
        elif due := _due_records(run, chunk_size()):
            intake.take_waiting(work, due)
        elif run.phase == Run.Phase.READ and has_done_portion(run):
            _stop(work, run, "run.portion", count=str(run.flow.most_per_run))
            return None
        elif run.phase == Run.Phase.READ:
            _read(work, run, piece)
        elif run.phase == Run.Phase.KEYS:
            _read_keys(work, run, piece)
        elif run.phase == Run.Phase.COMPARE:
            with remembered(work, Part.READ):
                reconciliation.compare_page(work)
        elif run.phase == Run.Phase.TARGETS:
            with remembered(work, Part.READ):
                reconciliation.compare_targets(work)
        else:
            return _settle(run)
        piece.got_on = True
        if piece.is_over():
            return timezone.now()


def _stop(work: Work, run: Run, code: str = "", **params: str) -> None:
    """Stand still at the present place: what was read and not sent waits, the cursor stays."""
    with transaction.atomic():
        work.guard()
        come_to_rest(run, code, **params)
    logger.info("run %s of flow %s stopped on request", run.pk, run.flow_id)


def _start(run: Run) -> bool:
    """Note that a run gets on. Returns whether it only begins now."""
    is_new = run.state == Run.State.WAITING
    if is_new:
        run.state, run.started_at = Run.State.RUNNING, timezone.now()
    run.problem_code, run.problem_params = "", {}
    run.held_up = held_up.over(run.held_up, at=timezone.now())
    run.save(update_fields=["state", "started_at", "problem_code", "problem_params", "held_up"])
    return is_new


def _due_records(run: Run, most: int) -> list[RunRecord]:
    return list(
        RunRecord.objects.filter(run=run, state=State.WAITING, next_at__lte=timezone.now()).order_by("next_at", "id")[
            :most
        ]
    )


def _index(work: Work, run: Run) -> None:
    """Note one page of what stands in the target, so that the first run pairs in bulk instead of record by record."""
    with remembered(work, Part.READ):
        found, position = work.target(work.kind.key).index_page(run.position)
    with transaction.atomic():
        Candidate.objects.bulk_create(
            [_candidate(work, one) for one in found if one.natural_key], ignore_conflicts=True
        )
        run.position = position
        if position is None:
            run.phase = Run.Phase.READ
        run.save(update_fields=["position", "phase"])


def _candidate(work: Work, existing: Existing) -> Candidate:
    return Candidate(
        organization_id=work.flow.organization_id,
        flow_id=work.flow.pk,
        natural_key=existing.natural_key.casefold()[:200],
        target_id=existing.id,
        label=existing.label[:200],
    )


def _read(work: Work, run: Run, piece: Slice) -> None:
    """Take one page, and write what it asks for while it is still in memory."""
    with remembered(work, Part.READ):
        page = work.source.page(Window(since=run.since, until=run.until), run.position)
        planned = intake.take_page(work, page)
    if page.position is None or _is_limit_reached(run):
        _end_of_reading(work, run)
    _write_while_time(work, run, planned, piece)


def _read_keys(work: Work, run: Run, piece: Slice) -> None:
    """Read a few single records again and write what they ask for; with none left, the reading ends."""
    portion = key_runs.next_portion(run)
    if not portion.rows:
        if key_runs.end_reading(work) and run.trigger == Run.Trigger.RECONCILE:
            reconciliation.close(run)
        return
    with remembered(work, Part.READ):
        planned = key_runs.read_portion(work, portion)
    _write_while_time(work, run, planned, piece)


def _write_while_time(work: Work, run: Run, planned: Sequence[Planned], piece: Slice) -> None:
    """Write in chunks; what the slice has no time for stays stored as waiting and is taken up from there."""
    size = chunk_size()
    is_first = True
    for kind, of_kind in by_kind(work, planned):
        for start in range(0, len(of_kind), size):
            if (not is_first and piece.is_over()) or is_stop_requested(run):
                return
            write(work, kind, of_kind[start : start + size])
            is_first = False


def _is_limit_reached(run: Run) -> bool:
    if run.limit is None:
        return False
    own = run.tallies.filter(kind__in=flow_kind(run.flow.kind).read_kinds)
    return sum(tally.read for tally in own) >= run.limit


def _end_of_reading(work: Work, run: Run) -> None:
    """Everything is stored: the cursor may move. A backfill moves none."""
    flow = run.flow
    with transaction.atomic():
        work.guard()
        ensure_same_clock(work)
        run.phase = Run.Phase.SETTLE
        run.save(update_fields=["phase"])
        if flow.adopted_at is None:
            Candidate.objects.filter(flow=flow).delete()
            flow.adopted_at = timezone.now()
        if not run.is_backfill and run.limit is None and run.seen_until is not None:
            seen = min(run.seen_until, run.started_at or run.seen_until)
            flow.cursor = max(flow.cursor, seen) if flow.cursor else seen
        flow.save(update_fields=["adopted_at", "cursor"])


def _settle(run: Run) -> datetime | None:
    """Return when the next waiting record is due; when none waits, the run has ended."""
    next_at = RunRecord.objects.filter(run=run, state=State.WAITING).aggregate(at=Min("next_at"))["at"]
    if next_at is not None:
        return next_at
    run.state, run.phase, run.finished_at = Run.State.DONE, Run.Phase.END, timezone.now()
    run.save(update_fields=["state", "phase", "finished_at"])
    tallies = ", ".join(str(tally) for tally in run.tallies.all())
    logger.info("run %s of flow %s done: %s", run.pk, run.flow_id, tallies or "nothing new")
    return None


def _settle_job(job: Job, run: Run, later: datetime | None) -> None:
    if later is None:
        job.delete()
    else:
        postpone(job, until=later)


def _note_recovery(run: Run) -> None:
    """Both sides have let us in: what was said about their authorisation is over."""
    for side in (run.flow.source, run.flow.target):
        if side.problem_code in AUTHORISATION_CODES:
            side.mark_ok()


def _note_problem(run: Run, code: str, params: dict[str, str] | None = None) -> None:
    run.problem_code, run.problem_params = code, params or {}
    run.held_up = held_up.begun(run.held_up, code, params or {}, at=timezone.now())
    run.save(update_fields=["problem_code", "problem_params", "held_up"])
    mark_changed(run.organization_id)


def _rest_without_database(job: Job, run: Run, error: DatabaseError) -> None:
    """Our own database failed: say so on the run, at once or as soon as it can be written again. Raises DatabaseError.

    The run rests a little longer each time; a lost connection is made anew by then.
    """
    code = held_up.cause_of(error)
    logger.warning("run %s of flow %s: %s", run.pk, run.flow_id, code, exc_info=error)
    connection.close_if_unusable_or_obsolete()
    try:
        if code == held_up.INTERNAL:
            _rest_after_fault(job, run)
        else:
            _note_problem(run, code)
            rest = backoff(min(job.attempts, MOST_DATABASE_DOUBLINGS))
            postpone(job, until=timezone.now() + rest, attempts=job.attempts + 1)
    except DatabaseError:
        held_up.keep_for_later(run, code, at=timezone.now())
        raise


def _rest_after_fault(job: Job, run: Run) -> None:
    """A fault of ours: the run is tried again more and more seldom, and the flow pauses when that does not help."""
    _note_problem(run, "internal")
    if job.attempts + 1 >= INTERNAL_ERRORS_THAT_PAUSE:
        run.flow.pause("internal")
    postpone(job, until=timezone.now() + backoff(job.attempts), attempts=job.attempts + 1)


def _rest(job: Job, run: Run, error: ApicenterError, *, attempts: int) -> None:
    """Let the job rest for as long as the failure asks, and say on the run why.

    `attempts` is how often in a row it got nowhere: a system that fails now and then does not slow the run down.
    """
    _note_problem(run, error.code, dict(error.params))
    logger.warning("run %s of flow %s rests: %s %s", run.pk, run.flow_id, error.code, error.detail)
    if isinstance(error, RetryableError):
        later = error.retry_at or timezone.now() + backoff(attempts)
        postpone(job, until=later, attempts=attempts + (error.code != "remote.rate_limited"))
        return
    if not isinstance(error, AuthError | PermissionMissing):
        run.flow.pause(error.code, dict(error.params))
    postpone(job, until=timezone.now() + NEEDS_PERSON_REST)
