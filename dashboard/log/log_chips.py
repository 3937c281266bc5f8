"""The chips above the log: one menu per thing to filter by, its choices as links, with how many records each has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from dashboard import access
from dashboard.dates import written
from dashboard.log.log_filter import TODAY, WEEK, YESTERDAY, LogFilter
from dashboard.needs.cause_words import cause_title
from dashboard.templatetags.pages import moment
from dashboard.words import kind_word
from flows.catalog.registry import flow_kind
from flows.log.search import Counts, counts_of
from flows.models import Flow, Run, RunRecord

State = RunRecord.State
ORDER = (State.NEEDS_YOU, State.WAITING, State.CREATED, State.UPDATED, State.UNCHANGED, State.SKIPPED)
RUNS = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu."""

    text: str
    query: str
    is_on: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """One menu. `value` is what is chosen, `off` the address without it."""

    name: str
    title: str
    choices: list[Choice]
    value: str = ""
    off: str = ""


def chips_of(chosen: LogFilter, states: Counts) -> list[Chip]:
    """Return the chips in the order they stand in; a menu without choices is left out."""
    flows = list(access.flows())
    chips = [
        _chip(chosen, "state", _("Status"), _states(states), states.by_name),
        _chip(chosen, "flow", _("Flow"), [(str(flow.pk), flow.title) for flow in flows]),
        _chip(chosen, "kind", _("Kind"), [(kind, kind_word(kind)) for kind in _kinds(flows)]),
        _time_chip(chosen),
        _cause_chip(chosen),
        _run_chip(chosen),
        _chip(chosen, "trigger", _("Trigger"), [(value, str(label)) for value, label in Run.Trigger.choices]),
    ]
    return [chip for chip in chips if chip.choices or chip.value]


def _chip(
    chosen: LogFilter,
    name: str,
    title: str,
    choices: Iterable[tuple[str, str]],
    counts: Mapping[str, int] | None = None,
) -> Chip:
    now = getattr(chosen, name)
    pairs = list(choices)
    lines = [
        Choice(text, chosen.query(**{name: value}), value == now, None if counts is None else counts.get(value, 0))
        for value, text in pairs
    ]
    value = next((text for value, text in pairs if value == now), now)
    return Chip(name, title, lines, value, chosen.query(**{name: ""}))


def _states(states: Counts) -> list[tuple[str, str]]:
    return [(state.value, str(state.label)) for state in ORDER if states.by_name.get(state)] or [
        (state.value, str(state.label)) for state in ORDER
    ]


def _kinds(flows: Iterable[Flow]) -> list[str]:
    return sorted({kind for flow in flows for kind in flow_kind(flow.kind).resources})


def _time_chip(chosen: LogFilter) -> Chip:
    titles = {TODAY: _("today"), YESTERDAY: _("yesterday"), WEEK: _("last 7 days")}
    lines = [
        Choice(text, chosen.query(time=span, since="", until=""), span == chosen.time) for span, text in titles.items()
    ]
    value = titles.get(chosen.time) or _range_words(chosen.since, chosen.until)
    return Chip("time", _("Time"), lines, value, chosen.query(time="", since="", until=""))


def _range_words(since: str, until: str) -> str:
    first, last = (written(date.fromisoformat(day), "j M") if day else "" for day in (since, until))
    if first and last:
        return first if first == last else f"{first} – {last}"
    if first:
        return _("from %(day)s") % {"day": first}
    return _("until %(day)s") % {"day": last} if last else ""


def _cause_chip(chosen: LogFilter) -> Chip:
    """The causes among what fits otherwise, the most frequent first."""
    rows = replace(chosen, cause="").log_query.records().exclude(code="")
    found = counts_of(rows, "code").by_name
    codes = sorted(found, key=lambda code: (-found[code], code))
    if chosen.cause and chosen.cause not in found:
        codes.append(chosen.cause)
    return _chip(chosen, "cause", _("What happened"), [(code, cause_title(code)) for code in codes], found)


def _run_chip(chosen: LogFilter) -> Chip:
    runs = Run.objects.select_related("flow").order_by("-created_at")
    if chosen.flow:
        runs = runs.filter(flow_id=chosen.flow)
    shown = list(runs[:RUNS])
    if chosen.run and chosen.run not in {str(run.pk) for run in shown}:
        shown += list(Run.objects.select_related("flow").filter(pk=chosen.run))
    return _chip(
        chosen, "run", _("Run"), [(str(run.pk), f"{run.flow.title}, {moment(run.created_at)}") for run in shown]
    )
