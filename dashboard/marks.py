"""How a state is shown: an icon, a colour and a word, never a colour alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Connection
from flows.models import Flow, Run, RunRecord, Tally

Kind = Literal["ok", "run", "warn", "bad", "idle"]
READING = (Run.Phase.INDEX, Run.Phase.READ)
OPEN_RUNS = (Run.State.WAITING, Run.State.RUNNING)
SOON = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as people see it."""

    kind: Kind
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Sums:
    """The accounting equation over some runs."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    waiting: int = 0
    needs_you: int = 0

    @property
    def is_balanced(self) -> bool:
        return self.read == sum(getattr(self, name) for name in Tally.BUCKETS)

    @property
    def sent(self) -> int:
        return self.created + self.updated


def sums_of(tallies: Iterable[Tally]) -> Sums:
    """Add tallies up."""
    rows = list(tallies)
    return Sums(**{name: sum(getattr(row, name) for row in rows) for name in ("read", *Tally.BUCKETS)})


def mark_of_record(state: str) -> Mark:
    """Return the mark of a record's state."""
    word = str(RunRecord.State(state).label)
    kinds: dict[str, tuple[Kind, str]] = {
        RunRecord.State.CREATED: ("ok", "circle-check"),
        RunRecord.State.UPDATED: ("ok", "circle-check"),
        RunRecord.State.WAITING: ("warn", "clock-pause"),
        RunRecord.State.NEEDS_YOU: ("bad", "alert-circle"),
    }
    kind, icon = kinds.get(state, ("idle", "circle-minus"))
    return Mark(kind, icon, word)


def mark_of_run(run: Run, sums: Sums) -> Mark:
    """Return how a run is getting on, or how it ended. Never green with a record unaccounted for."""
    if run.state == Run.State.STOPPED:
        return Mark("idle", "player-stop", _stopped_words(sums))
    if run.state in OPEN_RUNS and run.stop_requested:
        return Mark("run", "progress", _("Stopping"))
    if run.state in OPEN_RUNS and run.phase in READING:
        if run.problem_code:
            return Mark("warn", "clock-pause", _("Waits, goes on by itself"))
        word = Run.State.WAITING.label if run.state == Run.State.WAITING else Run.State.RUNNING.label
        return Mark("run", "progress", str(word))
    if sums.needs_you:
        return Mark("bad", "alert-circle", need_you_words(sums.needs_you))
    if sums.waiting:
        return Mark("warn", "clock-pause", waiting_words(sums.waiting))
    if not sums.is_balanced:
        return Mark("bad", "alert-triangle", _("Does not add up"))
    if not sums.read:
        return Mark("idle", "circle-minus", _("Nothing new"))
    return Mark("ok", "circle-check", _("All in step"))


def _stopped_words(sums: Sums) -> str:
    word = str(Run.State.STOPPED.label)
    return f"{word}, {waiting_words(sums.waiting)}" if sums.waiting else word


def mark_of_flow(flow: Flow, *, has_run: bool, reading: Mark | None, needs_you: int, waiting: int) -> Mark:
    """Return the one thing to know about a flow now."""
    if flow.state == Flow.State.DRAFT:
        return Mark("idle", "circle-minus", str(Flow.State.DRAFT.label))
    if flow.state == Flow.State.PAUSED:
        return Mark("bad" if flow.pause_code else "idle", "player-pause", str(Flow.State.PAUSED.label))
    if Connection.State.NEEDS_PERSON in {flow.source.state, flow.target.state}:
        return Mark("bad", "plug-connected-x", _("Connection needs you"))
    if reading is not None:
        return reading
    if needs_you:
        return Mark("bad", "alert-circle", need_you_words(needs_you))
    if waiting:
        return Mark("warn", "clock-pause", waiting_words(waiting))
    if not has_run:
        return Mark("idle", "circle-minus", _("Not run yet"))
    return Mark("ok", "circle-check", _("In step"))


def mark_of_connection(connection: Connection) -> Mark:
    """Return whether a connection works."""
    word = str(Connection.State(connection.state).label)
    if connection.state == Connection.State.OK:
        return Mark("ok", "plug-connected", word)
    if connection.state == Connection.State.NEEDS_PERSON:
        return Mark("bad", "plug-connected-x", word)
    return Mark("idle", "plug-connected-x", word)


def need_you_words(count: int) -> str:
    return ngettext("%(count)s needs you", "%(count)s need you", count) % {"count": count}


def waiting_words(count: int) -> str:
    return ngettext("%(count)s waits", "%(count)s wait", count) % {"count": count}


def state_words(state: str, count: int) -> str:
    """Say how many records are in a state: "7 need you", "12 created"."""
    if state == RunRecord.State.NEEDS_YOU:
        return need_you_words(count)
    if state == RunRecord.State.WAITING:
        return waiting_words(count)
    words = {
        RunRecord.State.CREATED: ngettext("%(count)s created", "%(count)s created", count),
        RunRecord.State.UPDATED: ngettext("%(count)s updated", "%(count)s updated", count),
        RunRecord.State.UNCHANGED: ngettext("%(count)s unchanged", "%(count)s unchanged", count),
        RunRecord.State.SKIPPED: ngettext("%(count)s skipped", "%(count)s skipped", count),
    }
    return words[RunRecord.State(state)] % {"count": number_format(count)}


def is_working(run: Run) -> bool:
    """Whether the run does something now or within seconds, so that a page should look often."""
    if run.state not in OPEN_RUNS:
        return False
    job = getattr(run, "job", None)
    return job is None or job.next_at <= timezone.now() + SOON
