"""Two value tables that say the same from both ends: a pair that is made in one stands in the other too.

The flow that goes back reads the pairs the other way round. What a person chose there is never changed; where several
values share a counterpart, the way back leads to the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from apicenter.audit import record_change
from flows.catalog.base import TableSpec
from flows.catalog.registry import flow_kind
from flows.models import Flow, ValueRow, ValueTable


def reflect(table: ValueTable, pairs: Mapping[str, str]) -> None:
    """Write pairs of a table into its mirror, where that has none yet. In the transaction that made them."""
    spec = next((one for one in flow_kind(table.flow.kind).tables if one.name == table.name), None)
    other = _mirror_of(table.flow, spec)
    if other is None:
        return
    labels = {row.key: row for row in table.rows.filter(key__in=pairs)}
    for key, value in pairs.items():
        row = labels.get(key)
        _write(other, value, key, key_label=row.value_label if row else "", value_label=row.key_label if row else "")


def take_over(flow: Flow, spec: TableSpec) -> None:
    """Fill a new table with the confirmed pairs of its mirror."""
    other = _mirror_of(flow, spec)
    table = ValueTable.objects.filter(flow=flow, name=spec.name).first()
    if other is None or table is None:
        return
    for row in other.rows.filter(is_confirmed=True).exclude(value="").order_by("key"):
        _write(table, row.value, row.key, key_label=row.value_label, value_label=row.key_label)


def _mirror_of(flow: Flow, spec: TableSpec | None) -> ValueTable | None:
    if spec is None or spec.mirror is None:
        return None
    kind, name = spec.mirror
    back = ValueTable.objects.filter(flow__kind=kind, flow__source=flow.target_id, flow__target=flow.source_id)
    return back.filter(name=name).select_related("flow").first()


def _write(table: ValueTable, key: str, value: str, *, key_label: str, value_label: str) -> None:
    row = ValueRow.objects.filter(table=table, key=key).first() or ValueRow(table=table, key=key)
    if row.is_confirmed:
        return
    row.value, row.is_confirmed, row.is_left_open = value, True, False
    row.key_label, row.value_label = row.key_label or key_label, value_label
    row.save()
    subject = f"{table.flow.name}, {table.name}: {row.key_label or key}"
    record_change("table.row_mirrored", subject=subject, before={"value": None}, after={"value": value})
