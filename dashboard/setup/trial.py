"""The dry run as a person reads it: what would happen to real records, with the exact contents, before it happens."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError
from connectors.base import SourceRecord
from dashboard.fixes import cause_sentence
from dashboard.marks import Kind, Mark
from dashboard.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.panes import Pane, pane_of
from flows.models import Flow
from flows.plan import Action
from flows.preview import preview
from flows.writing import Planned

RECORDS = 10
LOOKS: dict[Action, tuple[Kind, str, Promise]] = {
    Action.CREATE: ("ok", "plus", _("would be created")),
    Action.UPDATE: ("run", "refresh", _("would be updated")),
    Action.UNCHANGED: ("idle", "circle-minus", _("is the same already")),
    Action.SKIP: ("idle", "circle-minus", _("would be left alone")),
    Action.HOLD: ("bad", "alert-circle", _("would be held back")),
}
ORDER = (Action.HOLD, Action.UPDATE, Action.CREATE, Action.UNCHANGED, Action.SKIP)


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One record of a dry run."""

    key: str
    label: str
    action: Action
    reason: str
    contents: Pane

    @property
    def mark(self) -> Mark:
        kind, icon, text = LOOKS[self.action]
        return Mark(kind, icon, str(text))


@dataclass(frozen=True, slots=True)
class FlowTrial:
    """The dry run of one flow, or why there is none."""

    flow: Flow
    lines: list[TrialLine] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """The dry runs of all flows with their sum."""

    flows: list[FlowTrial]

    def _count(self, *actions: Action) -> int:
        return sum(line.action in actions for one in self.flows for line in one.lines)

    @property
    def created(self) -> int:
        return self._count(Action.CREATE)

    @property
    def updated(self) -> int:
        return self._count(Action.UPDATE)

    @property
    def left_alone(self) -> int:
        return self._count(Action.UNCHANGED, Action.SKIP)

    @property
    def held(self) -> int:
        return self._count(Action.HOLD)

    @property
    def total(self) -> int:
        return sum(len(one.lines) for one in self.flows)


def try_flows(flows: list[Flow]) -> Trial:
    """Plan a few real records of each flow. Nothing is written to either system."""
    return Trial([_try_one(flow) for flow in flows])


def _try_one(flow: Flow) -> FlowTrial:
    try:
        planned = preview(flow, limit=RECORDS)
    except ApicenterError as error:
        return FlowTrial(flow, problem=str(error))
    lines = [_line(flow, one) for one in planned]
    return FlowTrial(flow, sorted(lines, key=lambda line: ORDER.index(line.action)))


def _line(flow: Flow, planned: Planned) -> TrialLine:
    record, change = planned.record, planned.change
    is_personal = flow.kind not in IMPERSONAL
    label = record.label if isinstance(record, SourceRecord) else ""
    return TrialLine(
        key=mask_emails(record.natural_key or record.key),
        label=mask_name(label) if is_personal else label,
        action=change.action,
        reason=mask_emails(cause_sentence(flow, change.code, change.params)) if change.code else "",
        contents=pane_of(change.payload) if change.is_write else Pane(),
    )
