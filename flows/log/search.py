"""Searching the log: what fits a query, how many there are, and pages by key. Used by the pages and the public API.

Everything is bounded, so that a log of millions of rows answers as quickly as one of a hundred: pages go by key instead
of by number, and counts stop at COUNTED.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from apicenter.organizations.models import Organization
from apicenter.tenancy import current_organization_id
from flows.log.people import is_address, marks_of
from flows.models import RecordMark, RunRecord

PAGE = 50
COUNTED = 10_000
MOST_NEW = 100
Place = tuple[datetime, uuid.UUID]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is looked for. An empty value asks for nothing; moments are aware, `since` included and `until` not."""

    text: str = ""
    flow: str = ""
    kind: str = ""
    state: str = ""
    code: str = ""
    run: str = ""
    trigger: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def records(self) -> QuerySet[RunRecord]:
        """Return the records that fit, without their contents, in no order yet."""
        rows = RunRecord.objects.select_related("flow__source", "flow__target").defer("source", "exchange")
        exact = {
            "flow_id": self.flow,
            "kind": self.kind,
            "state": self.state,
            "code": self.code,
            "run_id": self.run,
            "run__trigger": self.trigger,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        rows = rows.filter(**{name: value for name, value in exact.items() if value})
        return rows.filter(_says(self.text)) if self.text else rows


def _says(text: str) -> Q:
    """A SKU, a number, a name or company, an id of either system, or a whole e-mail address."""
    found = (
        Q(natural_key__icontains=text)
        | Q(label__icontains=text)
        | Q(target_number__icontains=text)
        | Q(source_key=text)
        | Q(target_id=text)
    )
    if not is_address(text):
        return found
    vault = Organization.objects.get(pk=current_organization_id()).vault
    return found | Q(pk__in=RecordMark.objects.filter(mark__in=marks_of(vault, [text])).values("record_id"))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records fit, by state or by cause. `is_capped`: there are more, only the newest were counted."""

    by_name: Mapping[str, int]
    is_capped: bool

    @property
    def total(self) -> int:
        return sum(self.by_name.values())


def counts_of(rows: QuerySet[RunRecord], name: str) -> Counts:
    """Count the newest COUNTED of these records by a field ("state" or "code")."""
    newest = rows.order_by("-created_at", "-pk")[: COUNTED + 1].values("pk")
    grouped = RunRecord.objects.filter(pk__in=newest).order_by().values_list(name).annotate(number=Count("pk"))
    found = dict(grouped)
    return Counts(found, is_capped=sum(found.values()) > COUNTED)


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log and the keys of its neighbours ("" = there is none)."""

    records: list[RunRecord]
    newer: str
    older: str

    @property
    def newest(self) -> str:
        """The key of the first record, to ask later what came after it."""
        return key_of(self.records[0]) if self.records else ""


def page_of(rows: QuerySet[RunRecord], *, older: str = "", newer: str = "", size: int = PAGE) -> LogPage:
    """Return the page before or after the record that a key names, the newest one otherwise."""
    older_than, newer_than = place_of(older), place_of(newer)
    if newer_than is not None:
        found = list(_after(rows, newer_than).order_by("created_at", "pk")[: size + 1])
        has_newer, has_older = len(found) > size, True
        records = found[:size][::-1]
    else:
        if older_than is not None:
            at, pk = older_than
            rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
        found = list(rows.order_by("-created_at", "-pk")[: size + 1])
        has_newer, has_older = older_than is not None, len(found) > size
        records = found[:size]
    if not records:
        return LogPage([], "", "")
    return LogPage(records, key_of(records[0]) if has_newer else "", key_of(records[-1]) if has_older else "")


def count_newer(rows: QuerySet[RunRecord], key: str) -> int:
    """Return how many of these records came after the one that a key names, at most MOST_NEW."""
    place = place_of(key)
    newer = rows if place is None else _after(rows, place)
    return newer.order_by()[:MOST_NEW].count()


def _after(rows: QuerySet[RunRecord], place: Place) -> QuerySet[RunRecord]:
    at, pk = place
    return rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk))


def key_of(record: RunRecord) -> str:
    return f"{record.created_at.isoformat()}~{record.pk}"


def place_of(key: str) -> Place | None:
    """Return the place in the log that a key names, or None for a key that names none."""
    moment, _tilde, pk = key.partition("~")
    try:
        at, found = datetime.fromisoformat(moment), uuid.UUID(pk)
    except ValueError:
        return None
    return (at, found) if at.tzinfo else None
