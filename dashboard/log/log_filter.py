"""The filter of the log as GET parameters: kept in the address, shown as chips that can be taken off one by one."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from flows.log.search import LogQuery
from flows.models import Run, RunRecord

LONGEST_SEARCH = 200
LONGEST_CODE = 60
TODAY, YESTERDAY, WEEK = "today", "yesterday", "week"
SPANS = (TODAY, YESTERDAY, WEEK)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is looked for. Values that make no sense are left out rather than refused: a link may be old."""

    q: str = ""
    state: str = ""
    flow: str = ""
    kind: str = ""
    cause: str = ""
    time: str = ""
    since: str = ""  # days, in the organization's time zone, both included
    until: str = ""
    run: str = ""
    trigger: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> LogFilter:
        return cls(
            q=_text(query, "q", LONGEST_SEARCH),
            state=_one_of(query, "state", RunRecord.State.values),
            flow=_uuid(query.get("flow", "")),
            kind=_text(query, "kind", 40),
            cause=_text(query, "cause", LONGEST_CODE),
            time=_one_of(query, "time", SPANS),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            run=_uuid(query.get("run", "")),
            trigger=_one_of(query, "trigger", Run.Trigger.values),
        )

    @property
    def is_set(self) -> bool:
        return any(asdict(self).values())

    @property
    def chosen(self) -> dict[str, str]:
        """What is set, but the search: the form carries it along."""
        return {name: value for name, value in asdict(self).items() if value and name != "q"}

    def query(self, **changes: str) -> str:
        """Return the filter as a query string, with some values changed."""
        return urlencode({name: value for name, value in {**asdict(self), **changes}.items() if value})

    @property
    def as_query(self) -> str:
        return self.query()

    @property
    def log_query(self) -> LogQuery:
        """What the service is asked."""
        since, until = self._span()
        return LogQuery(
            text=self.q,
            flow=self.flow,
            kind=self.kind,
            state=self.state,
            code=self.cause,
            run=self.run,
            trigger=self.trigger,
            since=since,
            until=until,
        )

    def _span(self) -> tuple[datetime | None, datetime | None]:
        first = date.fromisoformat(self.since) if self.since else None
        last = date.fromisoformat(self.until) if self.until else None
        today = timezone.localdate()
        if self.time == TODAY:
            first = last = today
        elif self.time == YESTERDAY:
            first = last = today - timedelta(days=1)
        elif self.time == WEEK:
            first, last = today - timedelta(days=6), today
        return _midnight(first), _midnight(last + timedelta(days=1)) if last else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone()) if day else None


def _text(query: QueryDict, name: str, longest: int) -> str:
    return query.get(name, "").replace("\0", "").strip()[:longest]


def _one_of(query: QueryDict, name: str, known: object) -> str:
    value = query.get(name, "")
    return value if value in known else ""  # type: ignore[operator]


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if 2000 <= day.year < 2200 else ""
