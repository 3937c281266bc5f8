"""What goes with a record and is a record of its own there, as pages show it: contacts, delivery locations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apicenter.causes import sentence
from connectors.base import PartAction

TITLES: dict[str, Promise] = {"contact": _("Contact"), "location": _("Delivery location"), "peppol": _("Peppol id")}
DONE: dict[str, Promise] = {
    PartAction.CREATE: _("made"),
    PartAction.UPDATE: _("changed"),
    PartAction.SAME: _("stands there already"),
}
PLANNED: dict[str, Promise] = {
    PartAction.CREATE: _("would be made"),
    PartAction.UPDATE: _("would be changed"),
    PartAction.SAME: _("stands there already"),
}


@dataclass(frozen=True, slots=True)
class PartLine:
    """One of them: what it is, its name, what was done with it, or why it is not there."""

    title: str
    label: str
    words: str
    id: str = ""
    problem: str = ""
    is_same: bool = False


def part_lines(stored: Any, *, is_planned: bool = False) -> list[PartLine]:
    """Return the lines of stored parts; what cannot be read as one is passed over."""
    rows: Iterable[Any] = stored if isinstance(stored, list) else ()
    return [_line(row, PLANNED if is_planned else DONE) for row in rows if isinstance(row, dict)]


def _line(row: Mapping[str, Any], words: Mapping[str, Promise]) -> PartLine:
    action, code = str(row.get("action", "")), str(row.get("code") or "")
    return PartLine(
        title=str(TITLES.get(str(row.get("kind")), row.get("title") or "")),
        label=str(row.get("label") or ""),
        words="" if code else str(words.get(action, action)),
        id=str(row.get("id") or ""),
        problem=sentence(code, row.get("params") or {}) if code else "",
        is_same=action == PartAction.SAME,
    )
