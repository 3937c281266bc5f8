"""What people decide about records that need them: send again, pair, choose, set aside."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from flows import store
from flows.bulk import update_each
from flows.models import Binding, Intent, Job, Run, RunRecord, ValueRow, ValueTable
from flows.queue import Queue, enqueue
from flows.wake import ring_on_commit

State = RunRecord.State
NO_PAIR = ("value.no_pair", "vat.no_pair")


def set_pair(table: ValueTable, key: str, value: str, *, key_label: str = "", value_label: str = "") -> int:
    """Store a pair and send again every record that waits for it. Returns how many."""
    with transaction.atomic():
        ValueRow.objects.update_or_create(
            table=table,
            key=key,
            defaults={"value": value, "key_label": key_label, "value_label": value_label, "is_confirmed": True},
        )
        held = RunRecord.objects.filter(flow=table.flow, state=State.NEEDS_YOU, code__in=NO_PAIR).only("params")
        wanted = (table.name, key)
        waiting = [row.pk for row in held if (row.params.get("table"), row.params.get("key")) == wanted]
        return replay(RunRecord.objects.filter(pk__in=waiting))


def replay(records: QuerySet[RunRecord]) -> int:
    """Send records that need a person again, planned afresh with the present maps and tables. Returns how many."""
    with transaction.atomic():
        held = RunRecord.objects.filter(state=State.NEEDS_YOU).select_related("run__flow__target__lane")
        asked = list(held.filter(pk__in=records.values("pk")).defer("source", "exchange"))
        rows = asked + _dependents(held, asked)
        before = [row.state for row in rows]
        now = timezone.now()
        for row in rows:
            row.state, row.code, row.params, row.field = State.WAITING, "", {}, ""
            row.next_at, row.attempts, row.finished_at = now, 0, None
        update_each(rows, ["state", "code", "params", "field", "next_at", "attempts", "finished_at"])
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
                    "natural_key": record.natural_key.casefold(),
                    "number": target_id,
                    "fingerprint": "",
                },
            )
            return replay(RunRecord.objects.filter(pk=record.pk))
    except IntegrityError as error:
        raise NotAChoice(target_id) from error


def _reopen(run: Run) -> None:
    if run.state == Run.State.DONE:
        run.state, run.phase, run.finished_at = Run.State.RUNNING, Run.Phase.SETTLE, None
    run.map_version = run.flow.map_version
    run.save(update_fields=["state", "phase", "finished_at", "map_version"])
    job = enqueue(run, priority=Job.INTERACTIVE)
    Job.objects.filter(pk=job.pk).update(next_at=timezone.now(), priority=Job.INTERACTIVE)


def set_aside(record: RunRecord, *, who: str) -> None:
    """Take a record off the list without sending it; the reason stays in the log."""
    if record.state != State.NEEDS_YOU:
        return
    with transaction.atomic():
        before = [record.state]
        record.state, record.code, record.params = State.SKIPPED, "skip.set_aside", {"who": who}
        record.finished_at = timezone.now()
        record.save(update_fields=["state", "code", "params", "finished_at"])
        store.move([record], before)
