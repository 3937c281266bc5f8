"""What the page of one run shows: its verdict, the sum, and its records."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.flow.runs import RunLine, line_of
from dashboard.log.log_filter import LogFilter
from dashboard.marks import Mark, mark_of_record, state_words
from flows.log.search import LogPage, counts_of, page_of
from flows.models import Candidate, Run, RunRecord, Tally
from flows.running.held_up import HoldUp, told
from flows.services import kind_of

State = RunRecord.State


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the sum: how many, and how to see only these."""

    state: str
    mark: Mark
    text: str
    count: int
    is_on: bool
    is_listed: bool  # unchanged records are counted, not kept


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run."""

    run: Run
    line: RunLine
    filter: LogFilter
    records: LogPage
    chips: list[Chip]
    has_others: bool  # records left out that are not worth a row

    @property
    def is_open(self) -> bool:
        return self.run.state in (Run.State.WAITING, Run.State.RUNNING)

    @property
    def held_up(self) -> list[HoldUp]:
        """What held it up and is over, newest first; what does so now is the run's problem."""
        return [one for one in told(self.run) if one.until is not None]

    @property
    def indexed(self) -> int:
        """How many records of the target a first run has found so far."""
        return Candidate.objects.filter(flow=self.run.flow_id).count() if self.run.phase == Run.Phase.INDEX else 0

    @property
    def counted(self) -> list[str]:
        """What is counted and stands in no list, in sentences."""
        sentences = []
        if self.line.sums.unchanged:
            sentences.append(_("Unchanged records are counted, not listed."))
        if self.has_others:
            sentences.append(self._others)
        return sentences

    @property
    def _others(self) -> str:
        if kind_of(self.run.flow).counted_only:
            return _("Records that none of your flows has sent, or that an earlier run still holds, are only counted.")
        return _("Records that an earlier run still holds are counted, not listed.")

    @property
    def verdict(self) -> str:
        """How it went, in one sentence."""
        sums = self.line.sums
        if self.line.is_stopped:
            return _("This run was stopped. What it has read and not sent waits.")
        if self.is_open and self.line.is_working:
            return _("This run is at work.")
        if sums.needs_you:
            return ngettext(
                "%(count)s record of this run needs you.", "%(count)s records of this run need you.", sums.needs_you
            ) % {"count": sums.needs_you}
        if sums.waiting:
            return ngettext(
                "%(count)s record of this run waits.", "%(count)s records of this run wait.", sums.waiting
            ) % {"count": sums.waiting}
        return _("Every record of this run is in step.") if sums.read else _("There was nothing new.")


def build_run_page(run: Run, query: QueryDict) -> RunPage:
    """Gather what the page of a run shows."""
    asked = LogFilter.read(query)
    chosen = LogFilter(state=asked.state, kind=asked.kind, run=str(run.pk))
    line = line_of(run)
    counted = counts_of(LogFilter(kind=asked.kind, run=str(run.pk)).log_query.records(), "state").by_name
    return RunPage(
        run=run,
        line=line,
        filter=chosen,
        records=page_of(chosen.log_query.records(), older=query.get("older", ""), newer=query.get("newer", "")),
        chips=[
            Chip(
                state=state,
                mark=mark_of_record(state),
                text=state_words(state, number),
                count=number,
                is_on=chosen.state == state,
                is_listed=bool(counted.get(state)),
            )
            for state in Tally.BUCKETS
            if (number := getattr(line.sums, state)) or counted.get(state)
        ],
        has_others=line.sums.skipped > counted.get(State.SKIPPED, 0),
    )
