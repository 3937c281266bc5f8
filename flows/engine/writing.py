"""Writing planned changes: intents committed, calls overlapped, answers sorted into done, refused and unknown."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apicenter.errors import (
    ApicenterError,
    FlowError,
    NotFinished,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RecordError,
    RetryableError,
)
from connectors.base import Sent, Target, Written
from connectors.revising import Standing
from flows.documents import confirming
from flows.engine import followers, solving, store
from flows.engine.exchange import told_fields, told_parts
from flows.engine.forbidden import held_alone
from flows.engine.intents import reserve, reserve_again
from flows.engine.made import CONFIRMS, MADE
from flows.engine.partial import backoff, without_part
from flows.engine.partners import tell_partners
from flows.engine.plan import Action, Change, Planned, payload_for
from flows.engine.store import Outcome
from flows.engine.work import Work
from flows.maps.mapping import CompiledMap, needs_current
from flows.models import Intent, RunRecord
from flows.running import clock

logger = logging.getLogger(__name__)
State = RunRecord.State
MOST_ROUNDS = 3
INTERNAL_ERRORS_THAT_PAUSE = 5
FAILURES_THAT_MEAN_DOWN = 3


class Interrupted(Exception):
    """The slice cannot go on writing: `error` says why. What was not sent is stored as waiting."""

    def __init__(self, error: ApicenterError) -> None:
        super().__init__(error.code)
        self.error = error


def write(work: Work, kind: str, planned: Sequence[Planned]) -> None:
    """Write changes in chunks, each reserved, sent and saved before the next. Raises Interrupted."""
    if not planned:
        return
    with work.live(is_writing=True):
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
    updates = [one for one in chunk if one.change.action in {Action.UPDATE, Action.CANCEL}]
    intents = reserve(work, kind, [one.change for one in creates]) if creates else {}
    sendable = [one for one in creates if one.change.key in intents] + updates
    doubtful = [one for one in creates if one.change.key not in intents]
    outcomes = _send(work, kind, sendable, intents)
    outcomes += _look_up(work, kind, doubtful)
    with transaction.atomic():
        store.save(work, kind, outcomes)
        solving.settle_older(work, kind, outcomes)
        made = [one for one in outcomes if State.CREATED in (one.state, one.is_made and one.params.get(CONFIRMS))]
        followers.tell(work.flow, kind, [one.change.key for one in made])
    tell_partners(work.flow, kind, [one.target_id for one in made])
    _raise_if_stopped(work, outcomes)


def by_kind(work: Work, planned: Sequence[Planned]) -> list[tuple[str, list[Planned]]]:
    """Return what was planned by kind of record, in the order in which they are sent."""
    groups: dict[str, list[Planned]] = {kind: [] for kind in work.kind.read_kinds}
    for one in planned:
        groups[work.kind_of(one.record)].append(one)
    return [(kind, found) for kind, found in groups.items() if found]


def _send(work: Work, kind: str, chunk: Sequence[Planned], intents: dict[str, Intent]) -> list[Outcome]:
    target, compiled = work.target(kind), work.maps[kind]

    wanted = {one.change.key: confirming.expected(work, kind, one.record) for one in chunk}

    def call(one: Planned) -> Written | ApicenterError:
        intent = intents.get(one.change.key)
        reference = intent.reference if intent else work.reference(kind, one.change.key)
        result = apply(target, compiled, one.change, reference)
        if not isinstance(result, Written) or not wanted[one.change.key] or result.answer == "kept":
            return result
        return confirming.with_totals(target, result)

    work.under_way = [intents[one.change.key].pk for one in chunk if one.change.key in intents]
    results = held_alone(work, kind, work.target_side.api.settle(call, chunk))
    work.under_way = ()
    return [outcome(work, target, one, result) for one, result in zip(chunk, results, strict=True)]


def apply(target: Target, compiled: CompiledMap, change: Change, reference: str) -> Written | ApicenterError:
    """Send one change; runs in a pool thread. Anything unexpected comes back as the cause "internal"."""
    try:
        if change.action is Action.CREATE:
            return target.create(change.payload, reference=reference)
        if change.standing is not None:
            return _send_again(target, change, change.standing)
        current = target.read(change.target_id) if needs_current(compiled) else None
        payload = payload_for(change, compiled, current or {})
        if not payload:
            return Written(change.target_id, answer="kept", before=current)
        return replace(target.update(change.target_id, payload), before=current)
    except ApicenterError as error:
        return error
    except Exception as error:
        logger.exception("unexpected failure while sending %s %s", target.kind, change.key)
        return Unexpected(detail=type(error).__name__)


def _send_again(target: Target, change: Change, standing: Standing) -> Written:
    """Change or cancel a document from how it was seen. Raises ApicenterError."""
    if change.action is Action.CANCEL:
        return Written(standing.id, note="order.ended_there") if standing.is_gone else target.cancel(standing)
    if change.revision is None or change.revision.is_empty:
        return Written(change.target_id, answer="kept")
    return target.revise(standing, change.revision)


class Unexpected(RecordError):
    """A fault of ours. Whether the record was made is not known, so its intent stays."""

    default_code = "internal"


def outcome(work: Work, target: Target, one: Planned, result: Written | ApicenterError) -> Outcome:
    """Sort an answer: done, refused, to be tried again, or unknown."""
    assert one.row is not None
    row, change = one.row, one.change
    if isinstance(result, Written):
        done = _done(row, change, result, work.maps[row.kind])
        return _checked(work, one, done, result)
    told = told_fields(change, work.maps[row.kind], before=None)
    exchange = {"sent": change.payload, "answer": result.detail, "error": result.code, **told, **change.told}
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
    if isinstance(result, NotFound) and change.action is Action.UPDATE:
        gone = target_gone(work.system, change.target_id)
        return Outcome(row, change, State.NEEDS_YOU, gone[0], gone[1], target_id=change.target_id, exchange=exchange)
    return Outcome(
        row, change, State.NEEDS_YOU, result.code, result.params, result.field, exchange=exchange,
        keeps_intent=isinstance(result, Unexpected | NotFinished),
    )  # fmt: skip


def _checked(work: Work, one: Planned, done: Outcome, written: Written) -> Outcome:
    """Return how it goes on with a record that stands: something that goes with it may be missing, or its totals."""
    if written.missing:
        return without_part(work, done, written)
    return confirming.confirmed(work, done, written, confirming.expected(work, done.row.kind, one.record))


def target_gone(system: str, number: str) -> tuple[str, dict[str, str]]:
    """Return the cause for which a paired record that no longer exists in the target is held."""
    return "drift.target_gone", {"system": system, "what": number}


def _done(row: RunRecord, change: Change, written: Written, compiled: CompiledMap) -> Outcome:
    sent = written.sent if written.sent is not None else change.payload
    told = told_fields(change, compiled, before=written.before)
    told = {**told, **told_parts(written), **change.told}
    exchange = {"sent": sent, "answer": written.answer, "url": written.url, **told}
    is_new = change.action is Action.CREATE or bool(row.params.get(MADE))
    state = State.CREATED if is_new else State.UPDATED
    if written.answer == "kept":
        state = State.UNCHANGED
    note = (written.note, written.note_params) if written.note else (change.note, change.note_params)
    if change.goes_on:
        return Outcome(
            row, change, State.WAITING, *note, target_id=written.id, number=written.number, exchange=exchange,
            next_at=timezone.now(), is_made=True,
        )  # fmt: skip
    return Outcome(row, change, state, *note, target_id=written.id, number=written.number, exchange=exchange)


def _unknown(
    work: Work, target: Target, row: RunRecord, change: Change, error: OutcomeUnknown, exchange: Any
) -> Outcome:
    params = {"system": work.system, **error.params}
    if change.action is Action.CREATE and not target.is_referenced:  # an update made twice does no harm
        return Outcome(row, change, State.NEEDS_YOU, "outcome.unresolved", params, exchange=exchange, keeps_intent=True)
    look_at = timezone.now() + work.quiet
    return Outcome(
        row, change, State.WAITING, "outcome.unknown", params, exchange=exchange, next_at=look_at, keeps_intent=True
    )


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
    _rest_after_jump(intents.values(), now)
    due = [one for one in doubtful if one.change.key in intents and intents[one.change.key].look_at <= now]
    early = [one for one in doubtful if one.change.key in intents and intents[one.change.key].look_at > now]
    outcomes = [_rest(work, one, intents[one.change.key]) for one in early]
    if not due:
        return outcomes
    target = work.target(kind)
    wanted = {one.change.key for one in due if confirming.expected(work, kind, one.record)}
    found = work.target_side.api.settle(
        lambda one: _find(target, one, intents[one.change.key], is_looked_at=one.change.key in wanted), due
    )
    absent: list[Planned] = []
    for one, result in zip(due, found, strict=True):
        intent = intents[one.change.key]
        if isinstance(result, ApicenterError):
            outcomes.append(_not_looked(one, result))
        elif result:
            outcomes.append(_found(work, one, result, intent))
        elif intent.rounds >= MOST_ROUNDS:
            outcomes.append(_given_up(work, one))
        elif reserve_again(work, intent):
            absent.append(one)
        else:
            outcomes.append(_taken_over(work, one))
    return outcomes + _send(work, kind, absent, intents)


def _rest_after_jump(intents: Iterable[Intent], now: datetime) -> None:
    """After a jump of the clock nobody knows how long ago a create was sent: it rests for as long as it ever may."""
    doubt = clock.JUMPS.look()
    if not doubt:
        return
    for intent in intents:
        if intent.look_at < now + doubt:
            intent.look_at = now + doubt
            Intent.objects.filter(pk=intent.pk).update(look_at=intent.look_at)


def _find(target: Target, one: Planned, intent: Intent, *, is_looked_at: bool) -> list[Written]:
    """Look for what was made, and finish it: the call may have died before what goes with the record was written."""
    found = target.find_created(
        Sent(intent.reference, one.change.natural_key, payload=one.change.payload, sent_at=intent.sent_at)
    )
    if len(found) != 1:
        return found
    written = target.complete(found[0], one.change.payload)
    return [confirming.with_totals(target, written) if is_looked_at else written]


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
    if isinstance(error, NotFinished):
        return Outcome(one.row, one.change, State.NEEDS_YOU, error.code, error.params, keeps_intent=True)
    retry_at = getattr(error, "retry_at", None) or timezone.now() + backoff(one.row.attempts)
    return Outcome(one.row, one.change, State.WAITING, error.code, error.params, next_at=retry_at, keeps_intent=True)


def _found(work: Work, one: Planned, found: list[Written], intent: Intent) -> Outcome:
    assert one.row is not None
    if len(found) == 1:
        Intent.objects.filter(pk=intent.pk).update(fence=work.fence)
        exchange = {
            "sent": one.change.payload, "answer": found[0].answer, "found_by": intent.reference, **told_parts(found[0]),
        }  # fmt: skip
        outcome = Outcome(
            one.row, one.change, State.CREATED, target_id=found[0].id, number=found[0].number, exchange=exchange
        )
        return _checked(work, one, outcome, found[0])
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
        if one.code in REST_CODES:
            raise Interrupted(RetryableError(one.code, retry_at=one.next_at, **dict(one.params)))
    if len(down) >= FAILURES_THAT_MEAN_DOWN and 2 * len(down) >= len(outcomes):
        raise Interrupted(RetryableError(down[0].code, retry_at=down[0].next_at, **dict(down[0].params)))


FLOW_CODES = {
    "token.revoked",
    "credentials.wrong",
    "tenant.wrong",
    "permission.missing",
    "setting.missing",
    "stock.off",
}


REST_CODES = {"remote.rate_limited", "token.not_taken_yet"}


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
