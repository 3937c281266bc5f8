"""The dry run of a draft as a person reads it: what would become of real records, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.base import SourceRecord
from dashboard.log.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.mapping.page import labels_of_values
from dashboard.mapping.rows import Labels
from dashboard.mapping.words import value_words
from dashboard.marks import Mark
from dashboard.needs.fixes import cause_sentence
from dashboard.setup.trial import LOOKS, ORDER
from flows.engine.plan import Action
from flows.maps.changes import each_field
from flows.maps.drafts import DraftState
from flows.maps.field_lists import target_fields
from flows.maps.paths import MISSING
from flows.models import Flow
from flows.setup.preview import DryRun, Tried, TriedField, dry_run

COUNTS = (10, 20, 50)


@dataclass(frozen=True, slots=True)
class TrialField:
    """A field that would be written with another value than stands there."""

    title: str
    path: str
    before: str
    after: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One record."""

    key: str
    label: str
    action: Action
    reason: str
    fields: tuple[TrialField, ...]
    is_present_known: bool

    @property
    def mark(self) -> Mark:
        kind, icon, text = LOOKS[self.action]
        return Mark(kind, icon, str(text))


@dataclass(frozen=True, slots=True)
class MapTrial:
    """The whole dry run."""

    lines: list[TrialLine]
    run: DryRun

    @property
    def created(self) -> int:
        return self.run.count(Action.CREATE)

    @property
    def updated(self) -> int:
        return self.run.count(Action.UPDATE, Action.CANCEL)

    @property
    def unchanged(self) -> int:
        return self.run.count(Action.UNCHANGED, Action.SKIP)

    @property
    def held(self) -> int:
        return self.run.count(Action.HOLD)

    @property
    def total(self) -> int:
        return len(self.lines)


def try_draft(flow: Flow, state: DraftState, *, limit: int) -> MapTrial:
    """Run the draft over real records. Raises ApicenterError when a system cannot be asked."""
    run = dry_run(flow, state.maps, limit=limit)
    titles = {one.path: str(one.title) for one in target_fields(flow, flow.kind, is_offline=True).fields}
    labels = labels_of_values(flow)
    tables = {place.path: field.table for place, field, _at in each_field(state.maps) if field.table}
    by_path = {path: labels.get(table, {}) for path, table in tables.items()}
    lines = [_line(flow, one, titles, by_path) for one in run.records]
    return MapTrial(sorted(lines, key=lambda line: ORDER.index(line.action)), run)


def _line(flow: Flow, one: Tried, titles: dict[str, str], labels: Labels) -> TrialLine:
    record, change = one.planned.record, one.planned.change
    label = record.label if isinstance(record, SourceRecord) else ""
    return TrialLine(
        key=mask_emails(record.natural_key or record.key),
        label=label if flow.kind in IMPERSONAL else mask_name(label),
        action=one.action,
        reason=mask_emails(cause_sentence(flow, change.code, change.params)) if change.code else "",
        fields=tuple(_field(each, titles, labels) for each in one.fields if each.is_changed),
        is_present_known=one.is_present_known,
    )


def _field(one: TriedField, titles: dict[str, str], labels: Labels) -> TrialField:
    known = labels.get(one.path, {})
    return TrialField(
        title=titles.get(one.path, one.path),
        path=one.path,
        before=value_words(one.before, labels=known),
        after=value_words(one.after, labels=known),
        is_new=one.before is MISSING,
    )
