"""Searching the log: filters as GET parameters, and pages by key, so that a long log stays as quick as a short one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from flows.models import RunRecord

PAGE = 50
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is looked for. Values that make no sense are left out rather than refused: a link may be old."""

    q: str = ""
    flow: str = ""
    state: str = ""
    kind: str = ""
    run: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> LogFilter:
        state = query.get("state", "")
        return cls(
            q=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
            flow=_uuid(query.get("flow", "")),
            state=state if state in RunRecord.State.values else "",
            kind=query.get("kind", "").replace("\0", "")[:40],
            run=_uuid(query.get("run", "")),
        )

    @property
    def is_set(self) -> bool:
        return any((self.q, self.flow, self.state, self.kind, self.run))

    def query(self, **changes: str) -> str:
        """Return the filter as a query string, with some values changed."""
        values = {"q": self.q, "flow": self.flow, "state": self.state, "kind": self.kind, "run": self.run, **changes}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def without_state(self) -> str:
        return self.query(state="")

    @property
    def as_query(self) -> str:
        return self.query()

    def records(self, *, with_state: bool = True) -> QuerySet[RunRecord]:
        """Return the records that fit, without their contents."""
        rows = RunRecord.objects.select_related("flow__source", "flow__target").defer("source", "exchange")
        exact = {"flow_id": self.flow, "kind": self.kind, "run_id": self.run, "state": self.state if with_state else ""}
        rows = rows.filter(**{name: value for name, value in exact.items() if value})
        if self.q:
            rows = rows.filter(
                Q(natural_key__icontains=self.q)
                | Q(label__icontains=self.q)
                | Q(target_number__icontains=self.q)
                | Q(source_key=self.q)
                | Q(target_id=self.q)
            )
        return rows

    def counts(self) -> dict[str, int]:
        """Return how many records of each state fit, whatever state is chosen."""
        rows = self.records(with_state=False).order_by().values_list("state").annotate(number=Count("pk"))
        return dict(rows)


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log and the keys of its neighbours ("" = there is none)."""

    records: list[RunRecord]
    newer: str
    older: str


def page_of(rows: QuerySet[RunRecord], query: QueryDict) -> LogPage:
    """Return the page that a key in the query names, the newest otherwise."""
    older_than, newer_than = _position(query.get("older", "")), _position(query.get("newer", ""))
    if newer_than is not None:
        at, pk = newer_than
        after = rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk)).order_by("created_at", "pk")
        found = list(after[: PAGE + 1])
        has_newer, has_older = len(found) > PAGE, True
        records = found[:PAGE][::-1]
    else:
        if older_than is not None:
            at, pk = older_than
            rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
        found = list(rows.order_by("-created_at", "-pk")[: PAGE + 1])
        has_newer, has_older = older_than is not None, len(found) > PAGE
        records = found[:PAGE]
    if not records:
        return LogPage([], "", "")
    return LogPage(records, _key(records[0]) if has_newer else "", _key(records[-1]) if has_older else "")


def _key(record: RunRecord) -> str:
    return f"{record.created_at.isoformat()}~{record.pk}"


def _position(key: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _, pk = key.partition("~")
    try:
        at, found = datetime.fromisoformat(moment), uuid.UUID(pk)
    except ValueError:
        return None
    return (at, found) if at.tzinfo else None


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""
