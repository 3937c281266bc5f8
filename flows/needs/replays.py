"""What people decide about records that need them: send again, pair, choose, set aside and take that back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import current_actor, record_change
from flows.engine import pairs, store, tries
from flows.engine.bulk import update_each
from flows.engine.made import made_mark
from flows.models import Binding, Intent, Job, KeptApart, Run, RunRecord
from flows.needs.cause_keys import CHOOSING
from flows.reconciling.drift import GONE, leave_alone, unlink_gone
from flows.running.queue import Queue, enqueue
from flows.running.wake import ring_on_commit

State = RunRecord.State
NO_PAIR = ("value.no_pair", "vat.no_pair")
ASIDE = ("skip.set_aside", "skip.set_aside_because")
FOLLOWS = ("skip.invoice_not_sent",)  # left out only as long as what it belongs to is
LONGEST_REASON = 300
WAS = "was"  # parameter of a record that was set aside: what held it back


def replay(records: QuerySet[RunRecord]) -> int:
    """Send records that need a person again, planned afresh with the present maps and tables. Returns how many.

    One that was set aside may be sent after all, too; one whose counterpart is gone in the target is made again.
    """
    with transaction.atomic():
        is_held = Q(state=State.NEEDS_YOU) | Q(state=State.SKIPPED, code__in=(*ASIDE, *FOLLOWS))
        held = RunRecord.objects.filter(is_held).select_related("flow", "run__flow__target__lane")
        asked = list(held.filter(pk__in=records.values("pk")).defer("source", "exchange"))
        rows = asked + _dependents(held, asked)
        before = [row.state for row in rows]
        now = timezone.now()
        unlink_gone(rows)
        for row in rows:
            row.state, row.code, row.params, row.field = State.WAITING, "", made_mark(row.params), ""
            row.next_at, row.attempts, row.finished_at = now, 0, None
            row.tries = tries.decided(row.tries, tries.AGAIN, at=now)
        update_each(rows, ["state", "code", "params", "field", "next_at", "attempts", "finished_at", "tries"])
        store.move(rows, before)
        for run in {row.run_id: row.run for row in rows}.values():
            _reopen(run)
        Intent.objects.filter(
            to_connection__in={row.run.flow.target_id for row in rows},
            source_key__in={row.source_key for row in rows},
        ).update(rounds=0)
        ring_on_commit(Queue.INTERACTIVE)
    return len(rows)


def _dependents(held: QuerySet[RunRecord], rows: Sequence[RunRecord]) -> list[RunRecord]:
    """Return what is held only because one of these records is: an order behind its customer."""
    keys = {(row.flow_id, row.source_key) for row in rows}
    asked = {row.pk for row in rows}
    behind = held.filter(code="dependency.failed", flow__in={row.flow_id for row in rows}).defer("source", "exchange")
    return [row for row in behind if (row.flow_id, row.params.get("dependency")) in keys and row.pk not in asked]


class NotAChoice(ValueError):
    """The record chosen is not one of the candidates, or belongs to another record by now."""


def choose(record: RunRecord, target_id: str) -> int:
    """Pair a record with one of the candidates that fit it, and send it and all that waits behind it again.

    Returns how many are sent. Raises NotAChoice.
    """
    choices = {choice["id"] for choice in record.params.get("choices", ())}
    if record.state != State.NEEDS_YOU or target_id not in choices:
        raise NotAChoice(target_id)
    flow = record.flow
    try:
        with transaction.atomic():
            Binding.objects.update_or_create(
                from_connection_id=flow.source_id,
                to_connection_id=flow.target_id,
                kind=record.kind,
                source_key=record.source_key,
                defaults={
                    "target_id": target_id,
                    "natural_key": pairs.folded(record.natural_key),
                    "number": target_id,
                    "fingerprint": "",
                },
            )
            record_change("record.chosen", subject=record_name(record), after={"target": target_id})
            return replay(_same_question(record))
    except IntegrityError as error:
        raise NotAChoice(target_id) from error


def create_new(record: RunRecord) -> int:
    """Say that none of the records that fit is this one: it becomes a new one. Returns how many are sent.

    Raises NotAChoice for a record that is not asked about any more.
    """
    if record.state != State.NEEDS_YOU or record.code not in CHOOSING:
        raise NotAChoice(record.pk)
    flow = record.flow
    with transaction.atomic():
        KeptApart.objects.get_or_create(
            from_connection_id=flow.source_id,
            to_connection_id=flow.target_id,
            kind=record.kind,
            source_key=record.source_key,
            defaults={"user": current_actor().user},
        )
        record_change(
            "record.kept_apart", subject=record_name(record), after={"not": record.params.get("candidates", "")}
        )
        return replay(_same_question(record))


def _same_question(record: RunRecord) -> QuerySet[RunRecord]:
    """Return the record and what other flows between the same two systems hold for the same reason."""
    same = RunRecord.objects.filter(
        flow__source=record.flow.source_id,
        flow__target=record.flow.target_id,
        kind=record.kind,
        source_key=record.source_key,
        state=State.NEEDS_YOU,
    )
    return same.filter(Q(pk=record.pk) | Q(code__in=CHOOSING))


def record_name(record: RunRecord) -> str:
    """Return what an entry of the audit trail calls a record."""
    return f"{record.flow.name}, {record.natural_key or record.source_key}"


def _reopen(run: Run) -> None:
    if run.state in {Run.State.DONE, Run.State.STOPPED}:  # a stopped one does not read on: the next run reads the rest
        run.state, run.phase, run.finished_at = Run.State.RUNNING, Run.Phase.SETTLE, None
    run.map_version = run.flow.map_version
    run.save(update_fields=["state", "phase", "finished_at", "map_version"])
    job = enqueue(run, priority=Job.INTERACTIVE)
    Job.objects.filter(pk=job.pk).update(next_at=timezone.now(), priority=Job.INTERACTIVE)


def set_aside(record: RunRecord, *, who: str, why: str = "") -> None:
    """Take a record off the list without sending it; who did it and why stay in the log."""
    set_aside_all([record], who=who, why=why)


def set_aside_all(records: Iterable[RunRecord], *, who: str, why: str = "", is_final: bool = False) -> int:
    """The same for several. Those that need nobody any more are passed over. Returns how many are set aside.

    What held them back is kept, so that it can be taken back, unless `is_final`: more was decided with it.
    """
    why = why.strip()[:LONGEST_REASON]
    code, params = ("skip.set_aside_because", {"who": who, "why": why}) if why else ("skip.set_aside", {"who": who})
    rows = [record for record in records if record.state == State.NEEDS_YOU]
    with transaction.atomic():
        before = [row.state for row in rows]
        now = timezone.now()
        for row in rows:
            was = {} if is_final else {WAS: {"code": row.code, "params": row.params}}
            row.state, row.code, row.params = State.SKIPPED, code, {**made_mark(row.params), **params, **was}
            row.finished_at, row.tries = now, tries.decided(row.tries, tries.ASIDE, at=now)
            record_change("record.set_aside", subject=record_name(row), after={"why": why})
        update_each(rows, ["state", "code", "params", "finished_at", "tries"])
        store.move(rows, before)
    return len(rows)


def can_take_back(record: RunRecord) -> bool:
    """Whether a record was set aside and nothing else was decided with it."""
    return record.state == State.SKIPPED and record.code in ASIDE and WAS in record.params


def take_back(records: QuerySet[RunRecord]) -> int:
    """Have records that were set aside need somebody again, for the reason they had. Returns how many.

    One that a later run has read again is passed over: there it stands as it is now.
    """
    with transaction.atomic():
        aside = records.filter(state=State.SKIPPED, code__in=ASIDE).select_for_update(of=("self",))
        rows = [row for row in aside.select_related("flow").defer("source", "exchange") if can_take_back(row)]
        newest = _newest(rows)
        rows = [row for row in rows if newest[row.flow_id, row.kind, row.source_key] <= row.created_at]
        before = [row.state for row in rows]
        now = timezone.now()
        for row in rows:
            was = row.params[WAS]
            row.state, row.code, row.params, row.finished_at = State.NEEDS_YOU, was["code"], was["params"], None
            row.tries = tries.decided(row.tries, tries.BACK, at=now)
            record_change("record.taken_back", subject=record_name(row))
        update_each(rows, ["state", "code", "params", "finished_at", "tries"])
        store.move(rows, before)
    return len(rows)


def _newest(rows: Sequence[RunRecord]) -> dict[tuple[UUID, str, str], datetime]:
    """Return when each of these things was last read, by flow, kind and key."""
    same = RunRecord.objects.filter(flow__in={row.flow_id for row in rows}, source_key__in={r.source_key for r in rows})
    grouped = same.order_by().values("flow_id", "kind", "source_key").annotate(newest=Max("created_at"))
    return {(one["flow_id"], one["kind"], one["source_key"]): one["newest"] for one in grouped}


def forget_links(records: Iterable[RunRecord], *, who: str) -> int:
    """Leave records whose counterpart is gone in the target alone until they change in the source; they are new then.

    Those held for another reason are passed over. Returns how many.
    """
    rows = [record for record in records if record.state == State.NEEDS_YOU and record.code == GONE]
    with transaction.atomic():
        unlink_gone(rows)
        leave_alone(rows)
        return set_aside_all(rows, who=who, why=_("The link is forgotten."), is_final=True)
