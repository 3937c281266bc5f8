"""What people and commands do with flows: set up, start, pause, send again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apicenter.errors import SettingMissing
from connectors.base import Connector, Option
from connectors.models import Connection
from connectors.services import open_connector
from flows import store
from flows.bulk import update_each
from flows.catalog.base import FlowKind, TableSpec
from flows.catalog.registry import flow_kind
from flows.models import Binding, Flow, Intent, Job, MapVersion, Run, RunRecord, Tally, ValueRow, ValueTable
from flows.proposals import propose
from flows.queue import Queue, enqueue
from flows.wake import ring_on_commit

State = RunRecord.State
READING = (Run.Phase.INDEX, Run.Phase.READ)


def create_flow(
    kind_key: str,
    source: Connection,
    target: Connection,
    *,
    name: str = "",
    values: Mapping[str, Any] | None = None,
    pairs: Mapping[str, Mapping[str, str]] | None = None,
    is_active: bool = True,
) -> Flow:
    """Make a flow with its default map and value tables filled by proposals from both systems' live lists.

    `pairs` are decided already: {table: {key: value}}. One that is not active is being set up. Raises
    pydantic.ValidationError for wrong settings, RetryableError or FlowError when a list cannot be read.
    """
    kind = flow_kind(kind_key)
    chosen = kind.settings_model.model_validate(values or {})
    with open_connector(source, is_interactive=True) as left, open_connector(target, is_interactive=True) as right:
        decided = pairs or {}
        tables = [
            (spec, _proposed_rows(spec, left, right, decided.get(spec.name, {}))) for spec in kind.table_specs(chosen)
        ]
        maps = {key: value.model_dump(mode="json") for key, value in kind.default_maps(right, chosen).items()}
    with transaction.atomic():
        flow = Flow.objects.create(
            kind=kind_key,
            name=name or str(kind.title),
            source=source,
            target=target,
            settings=chosen.model_dump(mode="json"),
            state=Flow.State.ACTIVE if is_active else Flow.State.DRAFT,
        )
        for spec, rows in tables:
            _store_table(flow, spec, rows, default=str(getattr(chosen, spec.default_setting, "") or ""))
        publish(flow, maps, note="")
    return flow


def publish(flow: Flow, maps: Mapping[str, Any], *, note: str, author: Any = None) -> MapVersion:
    """Store maps as the flow's next version and use it from the next run on."""
    last = MapVersion.objects.filter(flow=flow).order_by("-number").first()
    version = MapVersion.objects.create(
        flow=flow, number=last.number + 1 if last else 1, maps=dict(maps), note=note, author=author
    )
    flow.map_version = version
    flow.save(update_fields=["map_version"])
    return version


def _proposed_rows(spec: TableSpec, left: Connector, right: Connector, decided: Mapping[str, str]) -> list[ValueRow]:
    values = {option.value: option for option in _options(right, spec.target_list)}
    rows = {key: ValueRow(key=key, key_label=str(label)) for key, label in spec.keys}
    for proposal in propose(_options(left, spec.source_list), list(values.values())):
        is_certain = proposal.certainty == "certain"
        rows[proposal.left.value] = _proposed_row(proposal.left, proposal.right, is_certain=is_certain)
    for key, value in decided.items():
        row = rows.setdefault(key, ValueRow(key=key))
        row.value, row.is_confirmed = value, True
        row.value_label = values[value].label if value in values else ""
    return list(rows.values())


def _options(connector: Connector, name: str) -> list[Option]:
    return connector.options(name) if name in connector.option_lists else []


def _proposed_row(left: Option, right: Option | None, *, is_certain: bool) -> ValueRow:
    return ValueRow(
        key=left.value,
        key_label=left.label,
        value=right.value if right else "",
        value_label=right.label if right else "",
        is_confirmed=is_certain,
    )


def _store_table(flow: Flow, spec: TableSpec, rows: Sequence[ValueRow], *, default: str) -> None:
    table = ValueTable.objects.create(flow=flow, name=spec.name, no_pair=spec.no_pair.value, default=default)
    for row in rows:
        row.table = table
    ValueRow.objects.bulk_create(rows)  # an open proposal is no pair yet: it has no value and is not confirmed


def set_pair(table: ValueTable, key: str, value: str, *, key_label: str = "", value_label: str = "") -> int:
    """Store a pair and send again every record that waits for it. Returns how many."""
    with transaction.atomic():
        ValueRow.objects.update_or_create(
            table=table,
            key=key,
            defaults={"value": value, "key_label": key_label, "value_label": value_label, "is_confirmed": True},
        )
        held = RunRecord.objects.filter(
            flow=table.flow, state=State.NEEDS_YOU, code__in=["value.no_pair", "vat.no_pair"]
        )
        waiting = [row.pk for row in held if row.params.get("table") == table.name and row.params.get("key") == key]
        return replay(RunRecord.objects.filter(pk__in=waiting))


def start_run(
    flow: Flow,
    trigger: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    is_interactive: bool = False,
) -> Run:
    """Queue a pass of the flow. One that is reading already is returned instead: two clicks make one run.

    Without `since` it reads what changed since the last one, a little overlapped. Raises SettingMissing for a flow
    that is not active.
    """
    with transaction.atomic():
        flow = Flow.objects.select_for_update(of=("self",)).select_related("target", "map_version").get(pk=flow.pk)
        if flow.state != Flow.State.ACTIVE:
            raise SettingMissing("flow.inactive", flow=flow.name)
        running = Run.objects.filter(
            flow=flow, phase__in=READING, state__in=[Run.State.WAITING, Run.State.RUNNING]
        ).first()
        if running is not None:
            return running
        needs_index = flow_kind(flow.kind).indexes_target and flow.adopted_at is None
        run = Run.objects.create(
            flow=flow,
            trigger=trigger,
            phase=Run.Phase.INDEX if needs_index else Run.Phase.READ,
            since=since or window_start(flow),
            until=until,
            limit=limit,
            map_version=flow.map_version,
        )
        enqueue(run, priority=Job.INTERACTIVE if is_interactive else Job.BULK)
        ring_on_commit(Queue.INTERACTIVE if is_interactive else Queue.BULK)
    return run


def window_start(flow: Flow) -> datetime | None:
    """Return from when on changes are read: the cursor minus the lag, or the flow's start date."""
    if flow.cursor is None:
        return flow.start_from
    return flow.cursor - timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS)


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


def resume(flow: Flow) -> None:
    """Let a paused flow go on where it stopped; everything that waited is taken up at once."""
    flow.state, flow.pause_code, flow.pause_params, flow.internal_errors = Flow.State.ACTIVE, "", {}, 0
    with transaction.atomic():
        flow.save(update_fields=["state", "pause_code", "pause_params", "internal_errors"])
        Job.objects.filter(run__flow=flow).update(next_at=timezone.now())
        ring_on_commit(Queue.BULK)


def wake_connection(connection: Connection) -> None:
    """A connection works again: what waited for it goes on."""
    Job.objects.filter(run__flow__source=connection).update(next_at=timezone.now())
    Job.objects.filter(run__flow__target=connection).update(next_at=timezone.now())
    ring_on_commit(Queue.BULK)


def start_due_flows() -> int:
    """Queue every flow of every organization whose time has come. Returns how many."""
    from apicenter.tenancy import organization_context

    now = timezone.now()
    started = 0
    due = Flow.unscoped.filter(state=Flow.State.ACTIVE, every_minutes__isnull=False, next_run_at__lte=now)
    for flow in due.select_related("organization"):
        following = now + timedelta(minutes=flow.every_minutes or 0)
        claimed = Flow.unscoped.filter(pk=flow.pk, next_run_at=flow.next_run_at).update(next_run_at=following)
        if claimed:
            with organization_context(flow.organization_id), suppress(SettingMissing):  # paused in between
                start_run(flow, Run.Trigger.SCHEDULE)
                started += 1
    return started


def equation(run: Run) -> list[Tally]:
    """Return the accounting of a run, one row per kind of record, the flow's own first."""
    return sorted(run.tallies.all(), key=lambda tally: (tally.kind != run.flow.kind, tally.kind))


def kind_of(flow: Flow) -> FlowKind:
    return flow_kind(flow.kind)
