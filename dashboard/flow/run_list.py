"""The list of a flow's runs: which are shown, and pages by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.flow.runs import RunLine, lines_of, runs_of
from flows.models import Flow, Tally

PAGE = 20
SHOWS = {"": _("All"), "records": _("With records"), "needs": _("Need you")}


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted; values that make no sense are left out: a link may be old."""

    show: str = ""
    older: datetime | None = None

    @classmethod
    def read(cls, query: QueryDict) -> RunFilter:
        show = query.get("show", "")
        try:
            older = datetime.fromisoformat(query.get("older", ""))
        except ValueError:
            older = None
        return cls(show if show in SHOWS else "", older if older and older.tzinfo else None)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The ways to look: value, words, whether it is the present one."""
        return [(value, str(words), value == self.show) for value, words in SHOWS.items()]

    @property
    def as_query(self) -> str:
        values = {"show": self.show, "older": self.older.isoformat() if self.older else ""}
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs, newest first; `older` is the query of the next one, "" if there is none."""

    filter: RunFilter
    lines: list[RunLine]
    older: str


def page_of_runs(flow: Flow, wanted: RunFilter) -> RunPage:
    """Return the runs that fit."""
    rows = runs_of(flow=flow)
    if wanted.show == "records":
        rows = rows.filter(Exists(Tally.objects.filter(run=OuterRef("pk"), read__gt=0)))
    if wanted.show == "needs":
        rows = rows.filter(Exists(Tally.objects.filter(run=OuterRef("pk"), needs_you__gt=0)))
    if wanted.older is not None:
        rows = rows.filter(created_at__lt=wanted.older)
    lines = lines_of(rows[: PAGE + 1])
    older = ""
    if len(lines) > PAGE:
        older = RunFilter(wanted.show, lines[PAGE - 1].run.created_at).as_query
    return RunPage(wanted, lines[:PAGE], older)
