"""Setting a flow up: its first map, and value tables filled by proposals from both systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apicenter.audit import record_change
from connectors.base import Connector, Option
from connectors.models import Connection
from connectors.services import open_connector
from flows.catalog.base import FlowSettings, TableSpec, preset_of
from flows.catalog.presets import Preset
from flows.catalog.registry import flow_kind
from flows.models import Flow, MapVersion, ValueRow, ValueTable
from flows.tables import table_mirror
from flows.tables.proposals import propose


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
            (spec, _proposed_rows(spec, left, right, decided.get(spec.name, {})))
            for spec in kind.tables_for(right, chosen)
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
            _store_table(flow, spec, rows, preset=preset_of(spec, chosen))
        for spec, _rows in tables:
            table_mirror.take_over(flow, spec)
        publish(flow, maps, note="")
    return flow


def add_tables(flow: Flow, specs: Sequence[TableSpec], chosen: FlowSettings) -> None:
    """Give a flow value tables that it did not need before, filled by proposals. Raises RetryableError, FlowError."""
    with (
        open_connector(flow.source, is_interactive=True) as left,
        open_connector(flow.target, is_interactive=True) as right,
    ):
        tables = [(spec, _proposed_rows(spec, left, right, {})) for spec in specs]
    with transaction.atomic():
        for spec, rows in tables:
            _store_table(flow, spec, rows, preset=preset_of(spec, chosen))
            table_mirror.take_over(flow, spec)


def publish(flow: Flow, maps: Mapping[str, Any], *, note: str, author: Any = None) -> MapVersion:
    """Store maps as the flow's next version and use it from the next run on."""
    with transaction.atomic():
        Flow.objects.select_for_update().only("pk").get(pk=flow.pk)  # two who publish at once get a number each
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


def _store_table(flow: Flow, spec: TableSpec, rows: Sequence[ValueRow], *, preset: Preset) -> None:
    table = ValueTable.objects.create(flow=flow, name=spec.name, no_pair=preset.no_pair.value, default=preset.filled)
    for row in rows:
        row.table = table
    ValueRow.objects.bulk_create(rows)  # an open proposal is no pair yet: it has no value and is not confirmed


def leave_open(table: ValueTable, keys: Sequence[str], *, is_decided: bool) -> None:
    """Take the counterpart of values away: their records are held back. `is_decided` says that this is the answer."""
    with transaction.atomic():
        rows = ValueRow.objects.filter(table=table, key__in=keys)
        before = {row.key_label or row.key: row.value_label or row.value for row in rows}
        rows.update(value="", value_label="", is_confirmed=False, is_left_open=is_decided)
        record_change(
            "table.left_open",
            subject=f"{table.name}: {', '.join(before)}",
            before=before,
            after=dict.fromkeys(before, "" if is_decided else None),
        )
