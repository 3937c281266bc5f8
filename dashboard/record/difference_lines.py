"""What differs between a document there and what it was made from, in words: a line for each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from connectors.registry import UnknownConnector, connector_class
from dashboard.record.panes import open_sealed
from flows.flow_settings import chosen_settings
from flows.models import Flow, RunRecord
from flows.services import kind_of

MARKS = {"insert": "plus", "update": "pencil", "delete": "circle-minus"}
MOST = 60


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One place that differs: what it is called, and how it stands there and is wanted."""

    work: str
    icon: str
    what: str
    title: str
    before: str
    after: str


def difference_lines(record: RunRecord) -> list[DifferenceLine]:
    """Return what differs, as it was found when the record was planned; nothing where nothing was compared."""
    exchange, _opens = open_sealed(record.read_exchange)
    found = exchange.get("differences") if isinstance(exchange, dict) else None
    if not isinstance(found, list):
        return []
    titles = _titles(record.flow, record.kind)
    return [line for one in found[:MOST] for line in _lines(one, titles)]


def _lines(one: Mapping[str, Any], titles: Mapping[str, str]) -> list[DifferenceLine]:
    work, item = one["work"], one.get("item") or ""
    before, after = one.get("before") or {}, one.get("after") or {}
    if one.get("path"):
        path = one["path"]
        return [_line(work, _("The order"), titles.get(path, path), before.get(path), after.get(path))]
    if work == "update":
        return [_line(work, item, titles.get(name, name), before.get(name), after[name]) for name in after]
    return [_line(work, item, _whole_title(work), _whole(before), _whole(after))]


def _whole_title(work: str) -> str:
    return _("New line") if work == "insert" else _("Line that is gone")


def _whole(values: Mapping[str, Any]) -> str:
    """Say a whole line: how many, at what price, with what discount."""
    if not values:
        return ""
    text = f"{_written(values.get('quantity'))} × {_written(values.get('unitPrice'))}"
    discount = values.get("discountPercent")
    less = f" − {_written(discount)} %" if discount else ""
    name = str(values.get("description") or "")
    return f"{text}{less} · {name}" if name else f"{text}{less}"


def _line(work: str, what: str, title: str, before: Any, after: Any) -> DifferenceLine:
    return DifferenceLine(work, MARKS.get(work, "pencil"), what, title, _written(before), _written(after))


def _written(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return number_format(Decimal(str(value)).normalize(), use_l10n=True) if value else "0"
    return str(value)


def _titles(flow: Flow, kind: str) -> dict[str, str]:
    """Return what the target calls its fields, by path; those of lines by their own name too."""
    try:
        targets = connector_class(flow.target.connector).targets
    except UnknownConnector:
        return {}
    target = targets.get(kind_of(flow).target_kind(kind, chosen_settings(flow)))
    if target is None or target.comparing is None:
        return {}
    prefix = f"{target.comparing.lines}."
    return {info.path.removeprefix(prefix): str(info.title) for info in target.standard_fields}
