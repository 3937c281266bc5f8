"""Writing planned changes: intents committed, calls overlapped, answers sorted into done, refused and unknown."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apicenter.errors import ApicenterError, FlowError, OutcomeUnknown, RateLimited, RecordError, RetryableError
from connectors.base import ReadRecord, Sent, Target, Written
from flows import store
from flows.mapping import CompiledMap, needs_current
from flows.models import Intent, RunRecord
from flows.plan import Action, Change, payload_for
from flows.store import Outcome
from flows.work import Work

logger = logging.getLogger(__name__)
State = RunRecord.State
LONGEST_BACKOFF = timedelta(hours=1)
MOST_ROUNDS = 3
INTERNAL_ERRORS_THAT_PAUSE = 5
FAILURES_THAT_MEAN_DOWN = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """A record, what is to happen to it, and, once it is stored, its row."""

    record: ReadRecord
    change: Change
    row: RunRecord | None = None


class Interrupted(Exception):
    """The slice cannot go on writing: `error` says why. What was not sent is stored as waiting."""

    def __init__(self, error: ApicenterError) -> None:
        super().__init__(error.code)
        self.error = error


def write(work: Work, kind: str, planned: Sequence[Planned]) -> None:
    """Write changes in chunks, each reserved, sent and saved before the next. Raises Interrupted."""
    for chunk in _chunks(planned, chunk_size()):
        _write_chunk(work, kind, chunk)


def chunk_size() -> int:
    """Return how many records are written at once: whole rounds of all threads, so that none is idle in the last."""
    most, threads = settings.ENV.SLICE_RECORDS, settings.ENV.CALL_THREADS
    return max(most // threads * threads, min(most, threads))


def _chunks(planned: Sequence[Planned], size: int) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(planned), size):
        yield planned[start : start + size]


def _write_chunk(work: Work, kind: str, chunk: Sequence[Planned]) -> None:
    creates = [one for one in chunk if one.change.action is Action.CREATE]
    updates = [one for one in chunk if one.change.action is Action.UPDATE]
    intents = store.reserve(work, kind, [one.change for one in creates]) if creates else {}
    sendable = [one for one in creates if one.change.key in intents] + updates
    doubtful = [one for one in creates if one.change.key not in intents]
    outcomes = _send(work, kind, sendable, intents)
    outcomes += _look_up(work, kind, doubtful)
    store.save(work, kind, outcomes)
    _raise_if_stopped(work, outcomes)


def _send(work: Work, kind: str, chunk: Sequence[Planned], intents: dict[str, Intent]) -> list[Outcome]:
    target, compiled = work.target(kind), work.maps[kind]

    def call(one: Planned) -> Written | ApicenterError:
        return apply(target, compiled, one.change, work.reference(kind, one.change.key))

    results = work.target_side.api.settle(call, chunk)
    return [outcome(work, target, one, result) for one, result in zip(chunk, results, strict=True)]


def apply(target: Target, compiled: CompiledMap, change: Change, reference: str) -> Written | ApicenterError:
    """Send one change; runs in a pool thread. Anything unexpected comes back as the cause "internal"."""
    try:
        if change.action is Action.CREATE:
            return target.create(change.payload, reference=reference)
        current = target.read(change.target_id) if needs_current(compiled) else {}
        payload = payload_for(change, compiled, current)
        if not payload:
            return Written(change.target_id, answer="kept")
        return target.update(change.target_id, payload)
    except ApicenterError as error:
        return error
    except Exception as error:
        logger.exception("unexpected failure while sending %s %s", target.kind, change.key)
        return Unexpected(detail=type(error).__name__)


class Unexpected(RecordError):
    """A fault of ours. Whether the record was made is not known, so its intent stays."""

    default_code = "internal"


def outcome(work: Work, target: Target, one: Planned, result: Written | ApicenterError) -> Outcome:
    """Sort an answer: done, refused, to be tried again, or unknown."""
    assert one.row is not None
    row, change = one.row, one.change
    if isinstance(result, Written):
        return _done(row, change, result)
    exchange = {"sent": change.payload, "answer": result.detail, "error": result.code}
    if isinstance(result, OutcomeUnknown):
        return _unknown(work, target, row, change, result, exchange)
    if isinstance(result, RateLimited):
        retry_at = result.retry_at or timezone.now() + timedelta(seconds=settings.ENV.RETRY_BASE_SECONDS)
        return Outcome(
            row, change, State.WAITING, result.code, result.params, target_id=change.target_id, next_at=retry_at,
            counts_attempt=False,
        )  # fmt: skip
    if isinstance(result, RetryableError | FlowError):
        retry_at = timezone.now() + backoff(row.attempts)
        return Outcome(row, change, State.WAITING, result.code, result.params, exchange=exchange, next_at=retry_at)
    return Outcome(
        row, change, State.NEEDS_YOU, result.code, result.params, result.field, exchange=exchange,
        keeps_intent=isinstance(result, Unexpected),
    )  # fmt: skip


def _done(row: RunRecord, change: Change, written: Written) -> Outcome:
    sent = written.sent if written.sent is not None else change.payload
    exchange = {"sent": sent, "answer": written.answer, "url": written.url}
    state = State.CREATED if change.action is Action.CREATE else State.UPDATED
    if written.answer == "kept":
        state = State.UNCHANGED
    return Outcome(row, change, state, target_id=written.id, number=written.number, exchange=exchange)


def _unknown(
    work: Work, target: Target, row: RunRecord, change: Change, error: OutcomeUnknown, exchange: Any
) -> Outcome:
    params = {"system": work.system, **error.params}
    if not target.is_referenced:
        return Outcome(row, change, State.NEEDS_YOU, "outcome.unresolved", params, exchange=exchange, keeps_intent=True)
    look_at = timezone.now() + work.quiet
    return Outcome(
        row, change, State.WAITING, "outcome.unknown", params, exchange=exchange, next_at=look_at, keeps_intent=True
    )


def backoff(attempts: int) -> timedelta:
    """Return how long a failed call rests: doubling, with jitter, at most an hour."""
    seconds = settings.ENV.RETRY_BASE_SECONDS * 2 ** min(attempts, 10)
    jitter = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, hides nothing
    return min(timedelta(seconds=seconds * jitter), LONGEST_BACKOFF)


def _look_up(work: Work, kind: str, doubtful: Sequence[Planned]) -> list[Outcome]:
    """Settle creates that may have been sent before: found, absent (send again), several, or not yet time to look."""
    if not doubtful:
        return []
    keys = [one.change.key for one in doubtful]
    intents = {
        intent.source_key: intent
        for intent in Intent.objects.filter(to_connection=work.flow.target_id, kind=kind, source_key__in=keys)
    }
    now = timezone.now()
    due = [one for one in doubtful if one.change.key in intents and intents[one.change.key].look_at <= now]
    early = [one for one in doubtful if one.change.key in intents and intents[one.change.key].look_at > now]
    outcomes = [_rest(work, one, intents[one.change.key]) for one in early]
    if not due:
        return outcomes
    target = work.target(kind)
    found = work.target_side.api.settle(lambda one: _find(target, one, intents[one.change.key]), due)
    absent: list[Planned] = []
    for one, result in zip(due, found, strict=True):
        intent = intents[one.change.key]
        if isinstance(result, ApicenterError):
            outcomes.append(_not_looked(one, result))
        elif result:
            outcomes.append(_found(work, one, result, intent))
        elif intent.rounds >= MOST_ROUNDS:
            outcomes.append(_given_up(work, one))
        elif store.reserve_again(work, intent):
            absent.append(one)
        else:
            outcomes.append(_taken_over(work, one))
    return outcomes + _send(work, kind, absent, intents)


def _find(target: Target, one: Planned, intent: Intent) -> list[Written]:
    return target.find_created(
        Sent(intent.reference, one.change.natural_key, payload=one.change.payload, sent_at=intent.sent_at)
    )


def _rest(work: Work, one: Planned, intent: Intent) -> Outcome:
    assert one.row is not None
    return Outcome(
        one.row, one.change, State.WAITING, "outcome.unknown", {"system": work.system}, next_at=intent.look_at,
        keeps_intent=True, counts_attempt=False,
    )  # fmt: skip


def _taken_over(work: Work, one: Planned) -> Outcome:
    """Another worker has claimed the record since: leave it alone for as long as that one may take."""
    assert one.row is not None
    return Outcome(
        one.row, one.change, State.WAITING, "outcome.unknown", {"system": work.system},
        next_at=timezone.now() + work.quiet, keeps_intent=True, counts_attempt=False,
    )  # fmt: skip


def _not_looked(one: Planned, error: ApicenterError) -> Outcome:
    assert one.row is not None
    retry_at = getattr(error, "retry_at", None) or timezone.now() + backoff(one.row.attempts)
    return Outcome(one.row, one.change, State.WAITING, error.code, error.params, next_at=retry_at, keeps_intent=True)


def _found(work: Work, one: Planned, found: list[Written], intent: Intent) -> Outcome:
    assert one.row is not None
    if len(found) == 1:
        Intent.objects.filter(pk=intent.pk).update(fence=work.fence)
        exchange = {"sent": one.change.payload, "answer": found[0].answer, "found_by": intent.reference}
        return Outcome(
            one.row, one.change, State.CREATED, target_id=found[0].id, number=found[0].number, exchange=exchange
        )
    candidates = ", ".join(written.number or written.id for written in found)
    params = {"system": work.system, "key": intent.reference, "candidates": candidates}
    return Outcome(one.row, one.change, State.NEEDS_YOU, "match.ambiguous", params, keeps_intent=True)


def _given_up(work: Work, one: Planned) -> Outcome:
    assert one.row is not None
    return Outcome(
        one.row, one.change, State.NEEDS_YOU, "outcome.unresolved", {"system": work.system}, keeps_intent=True
    )


def _raise_if_stopped(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Stop the slice when going on is pointless: the limit is used up, the other side is down, a person must act."""
    _count_internal(work, outcomes)
    waiting = [one for one in outcomes if one.state == State.WAITING]
    down = [one for one in waiting if one.code == "remote.unavailable"]
    for one in waiting:
        if one.code in FLOW_CODES:
            raise Interrupted(FlowError(one.code, **dict(one.params)))
        if one.code == "remote.rate_limited":
            raise Interrupted(RetryableError(one.code, retry_at=one.next_at, **dict(one.params)))
    if len(down) >= FAILURES_THAT_MEAN_DOWN and 2 * len(down) >= len(outcomes):
        raise Interrupted(RetryableError(down[0].code, retry_at=down[0].next_at, **dict(down[0].params)))


FLOW_CODES = {"token.revoked", "credentials.wrong", "tenant.wrong", "permission.missing", "setting.missing"}


def _count_internal(work: Work, outcomes: Sequence[Outcome]) -> None:
    flow = work.flow
    streak = flow.internal_errors
    for one in outcomes:
        streak = streak + 1 if one.code == "internal" else 0
        if streak >= INTERNAL_ERRORS_THAT_PAUSE:
            break
    if streak == flow.internal_errors:
        return
    flow.internal_errors = streak
    flow.save(update_fields=["internal_errors"])
    if streak >= INTERNAL_ERRORS_THAT_PAUSE:
        flow.pause("internal")
        raise Interrupted(FlowError("internal"))
