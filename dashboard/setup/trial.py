"""The dry run as a person reads it: what would happen to real records, field by field, before it happens.

Each flow is tried in a request of its own. What came of it is kept sealed for a day, so that whoever goes on sees it.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apicenter.causes import sentence
from apicenter.crypto import Undecryptable
from apicenter.errors import ApicenterError
from connectors.base import SourceRecord
from dashboard.log.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.marks import Kind, Mark
from dashboard.needs.fixes import cause_sentence
from dashboard.record.entry_table import EntryTable, entry_table
from dashboard.record.panes import Pane, pane_of
from dashboard.record.part_lines import PartLine, part_lines
from dashboard.words import kind_word
from flows.engine.plan import Action
from flows.models import Flow
from flows.setup.dry_run import DryRun, Examined, FieldLine, Verdict, examine

RECORDS = 10
KEPT = timedelta(days=1)
PLACE = "trial|lines"
LONGEST_VALUE = 160
LOOKS: dict[str, tuple[Kind, str, Promise]] = {
    Action.CREATE: ("ok", "plus", _("would be created")),
    Action.UPDATE: ("run", "refresh", _("would be updated")),
    Action.CANCEL: ("run", "x", _("would be cancelled there")),
    Action.UNCHANGED: ("idle", "circle-minus", _("is the same already")),
    Action.SKIP: ("idle", "circle-minus", _("would be left alone")),
    Action.HOLD: ("bad", "alert-circle", _("would be held back")),
}
ORDER = (Action.HOLD, Action.CANCEL, Action.UPDATE, Action.CREATE, Action.UNCHANGED, Action.SKIP)
VERDICTS: dict[str, Promise] = {
    Verdict.SAME: _("same"),
    Verdict.KEPT: _("kept, is not overwritten"),
}


@dataclass(frozen=True, slots=True)
class TrialField:
    """One field as three columns show it."""

    title: str
    given: str
    before: str
    after: str
    verdict: str

    @property
    def words(self) -> str:
        """What stands in the last column instead of a value, or ""."""
        return str(VERDICTS.get(self.verdict, ""))

    @property
    def is_kept(self) -> bool:
        return self.verdict == Verdict.KEPT


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One record of a dry run."""

    kind: str
    key: str
    label: str
    action: str
    reason: str
    contents: Pane
    fields: tuple[TrialField, ...]
    entry: EntryTable | None = None
    parts: tuple[PartLine, ...] = ()

    @property
    def mark(self) -> Mark:
        kind, icon, text = LOOKS[self.action]
        return Mark(kind, icon, str(text))

    @property
    def kind_word(self) -> str:
        return kind_word(self.kind)

    @property
    def is_update(self) -> bool:
        return self.action == Action.UPDATE

    @property
    def changed_count(self) -> int:
        fields = sum(one.verdict == Verdict.CHANGED for one in self.fields)
        return fields + sum(not part.is_same for part in self.parts)


@dataclass(frozen=True, slots=True)
class FlowTrial:
    """The dry run of one flow, or why there is none."""

    flow: Flow
    lines: list[TrialLine] = field(default_factory=list)
    problem: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The dry runs of all flows with their sum."""

    flows: list[FlowTrial]

    def _count(self, *actions: Action) -> int:
        return sum(line.action in actions for one in self.flows for line in one.lines)

    def _kinds(self, *actions: Action) -> list[tuple[str, int]]:
        counted = Counter(line.kind for one in self.flows for line in one.lines if line.action in actions)
        return [(kind_word(kind), count) for kind, count in counted.items()]

    @property
    def created(self) -> int:
        return self._count(Action.CREATE)

    @property
    def created_kinds(self) -> list[tuple[str, int]]:
        return self._kinds(Action.CREATE)

    @property
    def updated(self) -> int:
        return self._count(Action.UPDATE)

    @property
    def changed_fields(self) -> int:
        return sum(line.changed_count for one in self.flows for line in one.lines)

    @property
    def left_alone(self) -> int:
        return self._count(Action.UNCHANGED, Action.SKIP)

    @property
    def held(self) -> int:
        return self._count(Action.HOLD)

    @property
    def total(self) -> int:
        return sum(len(one.lines) for one in self.flows)

    @property
    def at(self) -> datetime | None:
        """When the oldest part of it was made."""
        return min((one.at for one in self.flows if one.at), default=None)


def try_flow(flow: Flow) -> FlowTrial:
    """Plan a few real records of a flow and keep the outcome. Nothing is written to either system."""
    try:
        stored = _stored(flow, examine(flow, limit=RECORDS))
    except ApicenterError as error:
        stored = {"problem": [error.code, dict(error.params)], "lines": []}
    stored["at"] = timezone.now().isoformat()
    sealed = flow.organization.vault.seal(stored, place=PLACE, row_id=flow.pk)
    cache.set(_key(flow), base64.b64encode(sealed).decode(), KEPT.total_seconds())
    return find_trial(flow) or FlowTrial(flow)


def find_trial(flow: Flow) -> FlowTrial | None:
    """Return what the last dry run of a flow came to, if there was one within a day."""
    kept = cache.get(_key(flow))
    if kept is None:
        return None
    try:
        stored = flow.organization.vault.open(base64.b64decode(kept), place=PLACE, row_id=flow.pk)
    except Undecryptable:
        return None
    problem = sentence(*stored["problem"]) if stored.get("problem") else ""
    lines = sorted((_line(flow, row) for row in stored["lines"]), key=lambda line: ORDER.index(Action(line.action)))
    return FlowTrial(flow, lines, problem, datetime.fromisoformat(stored["at"]))


def forget_trials(flows: Iterable[Flow]) -> None:
    """Throw away what dry runs came to: an answer has changed, or the flows were activated."""
    cache.delete_many([_key(flow) for flow in flows])


def trial_of(flows: Sequence[Flow]) -> Trial:
    """Return what is known of the dry runs of these flows."""
    return Trial([found for flow in flows if (found := find_trial(flow))])


def _key(flow: Flow) -> str:
    return f"trial:{flow.pk}"


def _stored(flow: Flow, dry: DryRun) -> dict[str, Any]:
    return {"lines": [_stored_line(one, dry) for one in dry.examined]}


def _stored_line(one: Examined, dry: DryRun) -> dict[str, Any]:
    record, change = one.planned.record, one.planned.change
    return {
        "kind": one.kind,
        "key": record.natural_key or record.key,
        "label": record.label if isinstance(record, SourceRecord) else "",
        "action": change.action.value,
        "code": change.code,
        "params": dict(change.params),
        "payload": one.payload,
        "fields": [_stored_field(line, one.kind, dry) for line in one.fields],
        "parts": [{"kind": part.kind, "label": part.label, "action": part.action.value} for part in one.parts],
    }


def _stored_field(line: FieldLine, kind: str, dry: DryRun) -> list[Any]:
    labels = dry.labels.get((kind, line.path))
    title = dry.titles.get((kind, line.path), line.path)
    return [title, _text(line.given), _text(line.before, labels), _text(line.after, labels), line.verdict.value]


def _text(value: Any, labels: dict[str, str] | None = None) -> str:
    """Return a value as a cell shows it; ids of a list go by their name."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        value = f"{value:.10g}"
    text = " ".join(str((labels or {}).get(str(value)) or value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _line(flow: Flow, row: dict[str, Any]) -> TrialLine:
    is_personal = row["kind"] not in IMPERSONAL
    key = mask_name(row["key"]) if row["kind"] == "customers" else mask_emails(row["key"])
    return TrialLine(
        kind=row["kind"],
        key=key,
        label=mask_name(row["label"]) if is_personal else row["label"],
        action=row["action"],
        reason=mask_emails(cause_sentence(flow, row["code"], row["params"])) if row["code"] else "",
        contents=pane_of(row["payload"]) if row["payload"] else Pane(),
        fields=tuple(TrialField(*values) for values in row["fields"]),
        entry=entry_table(flow, row["payload"]),
        parts=tuple(part_lines(row.get("parts"), is_planned=True)),
    )
