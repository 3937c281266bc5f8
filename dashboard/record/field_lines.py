"""What happened to each field of a record: its value before and after, and the rule that made it.

Where nobody knows what stood there before, the page says so: nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from connectors.base import FieldInfo, FieldType
from connectors.maps import FieldMap, When
from dashboard.dates import day_of
from dashboard.record.field_names import INDEX, FieldNames, plain_path
from dashboard.record.rule_words import rule_words, rules_of
from dashboard.words import tile_of
from flows.engine.fingerprint import hash_value
from flows.maps.paths import MISSING, get_path
from flows.models import RunRecord, ValueRow

LONGEST = 300
CENTS = 2
CHANGED, SAME, NEW, SENT, KEPT, EMPTY, FAILED = "changed", "same", "new", "sent", "kept", "empty", "failed"
QUIET = (SAME, EMPTY)  # shown only when all fields are asked for
UPDATES = (RunRecord.State.UPDATED, RunRecord.State.UNCHANGED)
Labels = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field. `before` is None when it is not known; `is_last_sent`: it is what we sent last, not what was read."""

    path: str
    title: str
    state: str
    sent: str = ""
    before: str | None = None
    is_last_sent: bool = False
    rule: str = ""
    note: str = ""

    @property
    def is_quiet(self) -> bool:
        return self.state in QUIET


@dataclass(frozen=True, slots=True)
class Told:
    """What an exchange says about the fields; an older one names only what was sent."""

    fields: dict[str, Any]
    before: dict[str, Any] | None
    changed: frozenset[str] | None
    kept: frozenset[str] | None

    @classmethod
    def of(cls, exchange: Mapping[str, Any], rules: Mapping[str, FieldMap]) -> Told:
        fields = exchange.get("fields")
        if not isinstance(fields, dict):
            fields = _found_in(exchange.get("sent"), rules)
        before = exchange.get("before")
        changed, kept = exchange.get("changed"), exchange.get("kept")
        return cls(
            dict(_spread(fields)),
            dict(_spread(before)) if isinstance(before, dict) else None,
            frozenset(changed) if isinstance(changed, list) else None,
            frozenset(kept) if isinstance(kept, list) else None,
        )


def _found_in(sent: Any, rules: Mapping[str, FieldMap]) -> dict[str, Any]:
    if not isinstance(sent, dict):
        return {}
    found = ((path, get_path(sent, path)) for path in rules)
    return {path: value for path, value in found if value is not MISSING}


def _spread(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each field; the rows of a list stand under "lines[1].quantity"."""
    for path, value in values.items():
        if not (isinstance(value, list) and value and all(isinstance(row, dict) for row in value)):
            yield path, value
            continue
        for at, row in enumerate(value, start=1):
            for name, inner in row.items():
                yield f"{path}[{at}].{name}", inner


@dataclass(frozen=True, slots=True)
class _Words:
    """How the fields, rules and values of one record are said."""

    flow_kind: str
    names: FieldNames
    labels: Labels
    rules: Mapping[str, FieldMap]

    @classmethod
    def of(cls, record: RunRecord, rules: Mapping[str, FieldMap]) -> _Words:
        return cls(record.flow.kind, FieldNames.of(record.flow, record.kind), _labels_of(record, rules), rules)

    def rule(self, path: str) -> str:
        key = plain_path(path)
        rule = self.rules.get(key)
        if rule is None:
            return ""
        in_list = key.removesuffix(f".{rule.target}") if key != rule.target else ""
        return rule_words(rule, self.flow_kind, self.names, in_list)

    def value(self, path: str, value: Any) -> str:
        rule = self.rules.get(plain_path(path))
        return readable(value, rule.table if rule else "", self.labels, self.names.info(path))


def field_lines(record: RunRecord, exchange: Mapping[str, Any], earlier: Mapping[str, Any]) -> list[FieldLine]:
    """Return the fields in the order of the map, the one that failed first. `earlier` is the exchange before this."""
    rules = rules_of(record.map_version, record.kind)
    told, last = Told.of(exchange, rules), Told.of(earlier, rules)
    is_update = record.state in UPDATES or (bool(record.target_id) and record.state != RunRecord.State.CREATED)
    words = _Words.of(record, rules)
    failed = _failed_line(record, words)
    lines = [] if failed is None else [failed]
    lines += [_sent_line(path, told, last, words, is_update=is_update) for path in _in_order(told.fields, rules)]
    if told.fields:
        sent = {plain_path(path) for path in told.fields}
        held = plain_path(record.field)
        absent = [path for path in rules if path not in sent and path != held and not _is_parent(path, sent)]
        lines += [_absent_line(record, path, words, told, is_update=is_update) for path in absent]
    return lines


def _in_order(paths: Iterable[str], rules: Mapping[str, FieldMap]) -> list[str]:
    """Return paths in the order of the map, and those of a list row by row."""
    order = {path: at for at, path in enumerate(rules)}
    first: dict[str, int] = {}  # where the fields of a list begin
    for path, at in order.items():
        first.setdefault(path.partition(".")[0], at)

    def place(path: str) -> tuple[int, int, int]:
        at = order.get(plain_path(path), len(order))
        row = INDEX.search(path)
        return (first.get(path.partition("[")[0], at), int(row[1]), at) if row else (at, 0, at)

    return sorted(paths, key=place)


def _is_parent(path: str, sent: set[str]) -> bool:
    """Whether the value was an object that is shown by its parts."""
    return any(one.startswith(f"{path}.") for one in sent)


def _failed_line(record: RunRecord, words: _Words) -> FieldLine | None:
    if not record.field or record.state not in RunRecord.OPEN:
        return None
    note = _("This field holds the record back.")
    return FieldLine(record.field, words.names.target(record.field), FAILED, rule=words.rule(record.field), note=note)


def _sent_line(path: str, told: Told, last: Told, words: _Words, *, is_update: bool) -> FieldLine:
    value = told.fields[path]
    old, is_last_sent = _value_before(path, told, last, is_update=is_update)
    return FieldLine(
        path=path,
        title=words.names.target(path),
        state=_state(path, value, old, told, is_update=is_update),
        sent=words.value(path, value),
        before=None if old is MISSING else words.value(path, old),
        is_last_sent=is_last_sent,
        rule=words.rule(path),
    )


def _value_before(path: str, told: Told, last: Told, *, is_update: bool) -> tuple[Any, bool]:
    """Return what stood there, MISSING if it is not known, and whether it is only what we sent last."""
    if not is_update:
        return MISSING, False
    if told.before is not None:
        return told.before.get(path), False
    return (last.fields[path], True) if path in last.fields else (MISSING, False)


def _state(path: str, value: Any, old: Any, told: Told, *, is_update: bool) -> str:
    if not is_update:
        return NEW
    if told.before is None and told.changed is not None:
        return CHANGED if path in told.changed or path.partition("[")[0] in told.changed else SAME
    if old is MISSING:
        return SENT
    return SAME if hash_value(old) == hash_value(value) else CHANGED


def _absent_line(record: RunRecord, path: str, words: _Words, told: Told, *, is_update: bool) -> FieldLine:
    rule, title, said = words.rules[path], words.names.target(path), words.rule(path)
    system = {"system": tile_of(record.flow.target.connector).title}
    had_value = told.kept is None or path in told.kept or rule.when is When.ON_CREATE
    if not is_update or rule.when is When.ALWAYS or not had_value:
        return FieldLine(path, title, EMPTY, rule=said, note=_("Not sent: the record gives no value for it."))
    notes = {
        When.ON_CREATE: _("Not sent: only when it is new. %(system)s keeps what it has."),
        When.IF_UNTOUCHED: _("Not sent: somebody edited it in %(system)s, and that wins."),
        When.IF_EMPTY: _("Not sent: it is filled in %(system)s already."),
    }
    return FieldLine(path, title, KEPT, rule=said, note=notes[rule.when] % system)


def _labels_of(record: RunRecord, rules: Mapping[str, FieldMap]) -> Labels:
    """Return what people call the values of the tables: (table, value) -> label."""
    tables = {rule.table for rule in rules.values() if rule.table}
    if not tables:
        return {}
    rows = ValueRow.objects.filter(table__flow=record.flow, table__name__in=tables).exclude(value_label="")
    return {(table, value): label for table, value, label in rows.values_list("table__name", "value", "value_label")}


def readable(value: Any, table: str, labels: Labels, info: FieldInfo | None = None) -> str:
    """Return a value as people read it: by its label in a table, numbers and days as the language writes them."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if label := labels.get((table, str(value)), "") if table else "":
        return label
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(str(value)), is_money=info is not None and info.type is FieldType.MONEY)
    if isinstance(value, str) and info is not None and info.type is FieldType.DATE:
        return day_of(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _number(value: Decimal, *, is_money: bool) -> str:
    plain = f"{value.normalize():f}"
    places = len(plain.partition(".")[2])
    return number_format(plain, max(places, CENTS) if is_money else places, use_l10n=True, force_grouping=is_money)
