"""The health of every flow: its last runs as a row of bars, what it sent today, what it waits for.

The number of queries is the same for one flow and for a hundred.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import access
from dashboard.flow.runs import BEATS, Beat, RunLine, beats_of, lines_of, runs_of
from dashboard.marks import Mark, mark_of_flow
from dashboard.words import FLOW_ICONS
from flows.models import Flow, RunRecord

SHOWN_DAYS = 90  # older runs have no bar: how many there are must not make the page slower
Counts = Mapping[tuple[object, str], int]


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One flow on the overview."""

    flow: Flow
    mark: Mark
    needs_you: int
    icon: str
    beats: list[Beat]
    beats_words: str
    last: RunLine | None
    sent_today: int


def flow_lines(counts: Counts, sent_today: Mapping[uuid.UUID, int]) -> list[FlowLine]:
    """Return every flow with its health; `counts` are the open records by flow and state."""
    recent = _recent_lines()
    return [_flow_line(flow, recent.get(flow.pk, []), counts, sent_today.get(flow.pk, 0)) for flow in access.flows()]


def _recent_lines() -> dict[uuid.UUID, list[RunLine]]:
    """Return the last runs of each flow, newest first."""
    place = Window(RowNumber(), partition_by=[F("flow_id")], order_by=[F("created_at").desc()])
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    found: dict[uuid.UUID, list[RunLine]] = {}
    for line in lines_of(runs_of(created_at__gte=since).annotate(place=place).filter(place__lte=BEATS)):
        found.setdefault(line.run.flow_id, []).append(line)
    return found


def _flow_line(flow: Flow, lines: list[RunLine], counts: Counts, sent_today: int) -> FlowLine:
    needs_you = counts.get((flow.pk, RunRecord.State.NEEDS_YOU), 0)
    return FlowLine(
        flow=flow,
        mark=mark_of_flow(
            flow,
            has_run=bool(lines),
            reading=next((line.mark for line in lines if line.is_reading), None),
            needs_you=needs_you,
            waiting=counts.get((flow.pk, RunRecord.State.WAITING), 0),
        ),
        needs_you=needs_you,
        icon=FLOW_ICONS.get(flow.kind, "refresh"),
        beats=beats_of(lines),
        beats_words=beats_words(lines),
        last=lines[0] if lines else None,
        sent_today=sent_today,
    )


def beats_words(lines: list[RunLine]) -> str:
    """Say in a sentence what the row of bars shows."""
    if not lines:
        return _("No run yet.")
    bad = sum(line.mark.kind == "bad" for line in lines[:BEATS])
    shown = min(len(lines), BEATS)
    return ngettext(
        "The last run, oldest first; %(bad)s with something that needs you.",
        "The last %(count)s runs, oldest first; %(bad)s with something that needs you.",
        shown,
    ) % {"count": shown, "bad": bad}
