"""Changing value tables: rows, the rule for values without a row, undo. Every change sends what it solves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import MappingError
from connectors.maps import NoPair, ValueTableData
from flows.catalog.base import TableSpec
from flows.catalog.registry import flow_kind
from flows.engine.work import tables_of
from flows.maps.lookup import ANY, look_up
from flows.models import Flow, RunRecord, ValueRow, ValueTable
from flows.needs.cause_tasks import How, deciding
from flows.needs.replays import NO_PAIR, replay
from flows.tables import table_mirror

UNDO_SECONDS = 900
LONGEST = 200
FIELDS = ("key", "value", "key_label", "value_label", "is_confirmed", "is_left_open")


@dataclass(frozen=True, slots=True)
class RowEdit:
    """How one row is to be. No value means no counterpart yet; `sends_empty` means to send nothing on purpose."""

    key: str
    value: str = ""
    sends_empty: bool = False
    key_label: str = ""
    value_label: str = ""

    @property
    def is_open(self) -> bool:
        return not self.value and not self.sends_empty


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a change came to: rows that differ, held records that are sent, and what takes it back."""

    changed: int
    sent: int
    undo: str = ""


class UndoTooLate(Exception):
    """The table was changed again since, or too much time has passed."""


def spec_of(table: ValueTable) -> TableSpec | None:
    """Return what the kind of flow says about the table, or None for one it does not know."""
    kind = flow_kind(table.flow.kind)
    return kind.find_spec(table.name, kind.settings_model.model_validate(table.flow.settings))


def ensure_table(flow: Flow, name: str) -> ValueTable:
    """Return a table of the flow; one its kind has but the flow does not yet is made. Raises KeyError."""
    spec = next((spec for spec in flow_kind(flow.kind).tables if spec.name == name), None)
    if spec is None:
        raise KeyError(name)
    table, _made = ValueTable.objects.get_or_create(flow=flow, name=name, defaults={"no_pair": spec.no_pair.value})
    return table


def specificity(key: str) -> int:
    """Return how general a key is: 0 fits one case, 5 fits everything."""
    first, has_two, second = key.partition("|")
    if first == ANY:
        return 3 if has_two and second != ANY else 4 if has_two else 5
    return 0 if has_two and second != ANY else 1 if has_two else 2


def is_general(key: str) -> bool:
    return ANY in key.split("|")


def save_rows(table: ValueTable, edits: Iterable[RowEdit], *, removed: Iterable[str] = ()) -> TableChange:
    """Store rows and remove others, all or nothing, and send every held record that the table solves now."""
    with _changing(table, How.PAIR) as change:
        known = {row.key: row for row in table.rows.all()}
        for key in removed:
            if row := known.pop(key, None):
                _record("table.row_removed", table, row.key_label or key, before=_told(row), after={"row": None})
                row.delete()
                change["changed"] += 1
        made = list(edits)
        for edit in made:
            change["changed"] += _save(table, edit, known.get(edit.key))
        table_mirror.reflect(table, {edit.key: edit.value for edit in made if edit.value})
    return TableChange(**change)


def confirm_rows(table: ValueTable, keys: Iterable[str]) -> TableChange:
    """Take suggestions for good, as they stand."""
    with _changing(table, How.PAIR) as change:
        for row in table.rows.filter(key__in=set(keys), is_confirmed=False).exclude(value=""):
            row.is_confirmed = True
            row.save(update_fields=["is_confirmed"])
            _record("table.row_confirmed", table, row.key_label or row.key, after={"value": row.value})
            change["changed"] += 1
    return TableChange(**change)


def set_no_pair(table: ValueTable, rule: NoPair, *, default: str = "") -> TableChange:
    """Choose what happens to a value without a row: hold, send a default (none: leave the field empty), as it is."""
    fills_nothing = table.no_pair != NoPair.DEFAULT  # of a preset: its value stands in where there is no value at all
    default = default if rule is NoPair.DEFAULT else table.default if fills_nothing else ""
    with _changing(table, How.PAIR) as change:
        before = {"no_pair": table.no_pair, "default": table.default}
        table.no_pair, table.default = rule.value, default
        table.save(update_fields=["no_pair", "default"])
        if _record("table.rule_set", table, before=before, after={"no_pair": rule.value, "default": default}):
            change["changed"] = 1
        _store_rule(table)
    return TableChange(**change)


def set_pair(table: ValueTable, key: str, value: str, *, key_label: str = "", value_label: str = "") -> int:
    """Store a pair and send again every record that waits for it. Returns how many."""
    edit = RowEdit(key, value, key_label=key_label, value_label=value_label)
    return save_rows(table, [edit]).sent


def undo(table: ValueTable, token: str) -> None:
    """Bring the table back to how it was before its last change. What was sent stays sent. Raises UndoTooLate."""
    with transaction.atomic():
        table = _locked(table)
        kept = table.undo or {}
        is_recent = kept.get("at", 0) > timezone.now().timestamp() - UNDO_SECONDS
        if not is_recent or kept["token"] != token or kept["after"] != snapshot(table):
            raise UndoTooLate
        before = kept["before"]
        record_change("table.change_undone", subject=_subject(table))
        table.no_pair, table.default, table.undo = before["no_pair"], before["default"], None
        table.save(update_fields=["no_pair", "default", "undo"])
        _store_rule(table)
        table.rows.all().delete()
        rows = [ValueRow(table=table, **dict(zip(FIELDS, row, strict=True))) for row in before["rows"]]
        ValueRow.objects.bulk_create(rows)


def _store_rule(table: ValueTable) -> None:
    """Take what the table's page says over into the setting it belongs to, which is what counts."""
    flow, spec = table.flow, spec_of(table)
    if spec is None or not spec.preset:
        return
    settings = flow_kind(flow.kind).settings_model.model_validate(flow.settings)
    preset = settings.presets[spec.preset].with_rule(NoPair(table.no_pair), table.default)
    flow.settings = settings.with_values({spec.preset: preset.model_dump()}).model_dump(mode="json")
    flow.save(update_fields=["settings"])


def snapshot(table: ValueTable) -> dict[str, Any]:
    """Return everything a person can change about the table."""
    rows = sorted(list(row) for row in ValueRow.objects.filter(table=table).values_list(*FIELDS))
    return {"no_pair": table.no_pair, "default": table.default, "rows": rows}


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A value that holds records back as the table has no row for it."""

    key: str
    label: str
    count: int


def missing_values(tables: Sequence[ValueTable]) -> dict[Any, list[MissingValue]]:
    """Return what is missing per table (by its id), what most records wait for first."""
    by_name = {(table.flow_id, table.name): table.pk for table in tables}
    held = RunRecord.objects.filter(
        flow__in={table.flow_id for table in tables}, state=RunRecord.State.NEEDS_YOU, code__in=NO_PAIR
    )
    counts: Counter[tuple[Any, str]] = Counter()
    labels: dict[tuple[Any, str], str] = {}
    for flow_id, params in held.values_list("flow_id", "params"):
        table_id = by_name.get((flow_id, params.get("table", "")))
        if table_id is not None:
            place = (table_id, params.get("key", params.get("value", "")))
            counts[place] += 1
            labels[place] = params.get("value", "")
    found: dict[Any, list[MissingValue]] = {}
    for (table_id, key), count in counts.most_common():
        found.setdefault(table_id, []).append(MissingValue(key, labels[table_id, key], count))
    return found


def release(flow: Flow, name: str) -> int:
    """Send every held record of the flow whose missing value this table knows now. Returns how many."""
    held = RunRecord.objects.filter(flow=flow, state=RunRecord.State.NEEDS_YOU, code__in=NO_PAIR)
    data = tables_of(flow).get(name)
    solved: dict[str, bool] = {}
    waiting = []
    for pk, params in held.values_list("pk", "params"):
        if params.get("table") != name or data is None:
            continue
        key = params.get("key", params.get("value", ""))
        if key not in solved:
            solved[key] = _is_known(name, data, key)
        if solved[key]:
            waiting.append(pk)
    return replay(RunRecord.objects.filter(pk__in=waiting)) if waiting else 0


def _is_known(name: str, data: ValueTableData, key: str) -> bool:
    try:
        look_up(name, data, key)
    except MappingError:
        return False
    return True


@contextmanager
def _changing(table: ValueTable, how: How) -> Iterator[dict[str, Any]]:
    """Do a change under a lock, send what it solves, and keep what takes it back."""
    change: dict[str, Any] = {"changed": 0, "sent": 0, "undo": ""}
    with transaction.atomic(), deciding(how):
        before = snapshot(_locked(table))
        yield change
        if not change["changed"]:
            return
        change["sent"] = release(table.flow, table.name)
        change["undo"] = uuid4().hex
        table.refresh_from_db(fields=["no_pair", "default"])
        kept = {"token": change["undo"], "at": timezone.now().timestamp(), "before": before, "after": snapshot(table)}
        ValueTable.objects.filter(pk=table.pk).update(undo=kept)


def _locked(table: ValueTable) -> ValueTable:
    return ValueTable.objects.select_for_update(of=("self",)).select_related("flow").get(pk=table.pk)


def _save(table: ValueTable, edit: RowEdit, row: ValueRow | None) -> bool:
    is_confirmed = not edit.is_open
    values = {"value": edit.value, "value_label": edit.value_label[:LONGEST] if edit.value else ""}
    if row is None:
        row = ValueRow.objects.create(
            table=table, key=edit.key, key_label=edit.key_label[:LONGEST], is_confirmed=is_confirmed, **values
        )
        _record("table.row_added", table, edit.key_label or edit.key, before={"row": None}, after=_told(row))
        return True
    before = _told(row)
    old = (row.value, row.key_label, row.value_label, row.is_confirmed, row.is_left_open)
    row.value, row.is_confirmed, row.is_left_open = edit.value, is_confirmed, False
    row.value_label = values["value_label"]
    row.key_label = edit.key_label[:LONGEST] or row.key_label
    if old == (row.value, row.key_label, row.value_label, row.is_confirmed, row.is_left_open):
        return False
    row.save(update_fields=["value", "value_label", "key_label", "is_confirmed", "is_left_open"])
    _record("table.row_changed", table, row.key_label or row.key, before=before, after=_told(row))
    return True


def _told(row: ValueRow) -> dict[str, Any]:
    """Return a row as the audit trail tells it: a value, nothing on purpose, or nothing yet."""
    return {"value": row.value or ("" if row.is_confirmed else None), "label": row.value_label}


def _record(
    action: str,
    table: ValueTable,
    what: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> bool:
    subject = f"{_subject(table)}: {what}" if what else _subject(table)
    return record_change(action, subject=subject, before=before, after=after) is not None


def _subject(table: ValueTable) -> str:
    return f"{table.flow.name}, {table.name}"
