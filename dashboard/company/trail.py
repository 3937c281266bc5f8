"""The audit trail as people read it: filtered, paged, in words, and as a CSV file.

Every member may read it: an accountant has to see who changed a VAT table. Only admins see from which address, and when
somebody signed in or changed what they sign in with.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apicenter.organizations.models import AuditEntry, User
from apicenter.organizations.security_trail import SECURITY_ACTIONS
from dashboard.audit_words import ACTIONS, Change, action_words, changes_of
from dashboard.company.trail_subjects import subject_words
from dashboard.log.export import BYTE_ORDER_MARK, harmless

PAGE = 50
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One change in words."""

    entry: AuditEntry
    who: str
    what: str
    subject: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What is looked for. Values that make no sense are left out rather than refused."""

    person: str = ""  # the key of a user; "platform" = nobody
    action: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def read(cls, query: QueryDict) -> TrailFilter:
        person, action = query.get("person", ""), query.get("action", "")
        return cls(
            person=person if person == "platform" or (person.isascii() and person.isdecimal()) else "",
            action=action if action in ACTIONS else "",
            first=_day(query.get("first", "")),
            last=_day(query.get("last", "")),
        )

    @property
    def as_query(self) -> str:
        values = {"person": self.person, "action": self.action, "first": self.first, "last": self.last}
        return urlencode({name: value for name, value in values.items() if value})

    def entries(self, *, with_sign_ins: bool) -> QuerySet[AuditEntry]:
        rows = changes(with_sign_ins=with_sign_ins).order_by("-created_at", "-pk")
        if self.person == "platform":
            rows = rows.filter(user=None, who="")
        elif self.person:
            rows = rows.filter(user_id=int(self.person))
        if self.action:
            rows = rows.filter(action=self.action)
        if self.first:
            rows = rows.filter(created_at__gte=_midnight(self.first))
        if self.last:
            rows = rows.filter(created_at__lt=_midnight(self.last + timedelta(days=1)))
        return rows


def changes(*, with_sign_ins: bool) -> QuerySet[AuditEntry]:
    """Return the entries of the organization in context; without sign-ins, those that every member may read."""
    rows = AuditEntry.objects.all()
    return rows if with_sign_ins else rows.exclude(action__in=SECURITY_ACTIONS)


@dataclass(frozen=True, slots=True)
class TrailPage:
    lines: list[TrailLine]
    older: str  # key of the next page, "" = there is none


def page_of(entries: QuerySet[AuditEntry], older: str) -> TrailPage:
    """Return the page that a key names, the newest otherwise."""
    at, pk = _position(older)
    if at is not None:
        entries = entries.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(entries[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return TrailPage(lines_of(found[:PAGE]), f"{last.created_at.isoformat()}~{last.pk}" if last else "")


def lines_of(entries: Iterable[AuditEntry]) -> list[TrailLine]:
    return [
        TrailLine(
            entry,
            entry.who or _("The platform"),
            action_words(entry.action),
            subject_words(entry),
            changes_of(entry),
        )
        for entry in entries
    ]


def people_of_trail(*, with_sign_ins: bool) -> list[User]:
    """Return everybody who is in the trail and still has an account."""
    ids = (
        changes(with_sign_ins=with_sign_ins).exclude(user=None).order_by().values_list("user_id", flat=True).distinct()
    )
    return list(User.objects.filter(pk__in=list(ids)).order_by("name", "email"))


def actions_of_trail(*, with_sign_ins: bool) -> list[tuple[str, str]]:
    """Return what happened at least once, with its words."""
    found = changes(with_sign_ins=with_sign_ins).order_by().values_list("action", flat=True).distinct()
    return sorted(((action, action_words(action)) for action in found), key=lambda pair: pair[1])


def trail_csv(entries: QuerySet[AuditEntry], *, with_address: bool) -> Iterator[str]:
    """Yield the newest entries as CSV, one line per changed value."""
    heads = [_("Time"), _("Who"), _("Through"), _("What"), _("Subject"), _("Field"), _("Before"), _("After")]
    yield BYTE_ORDER_MARK + _line([*heads, _("Address")] if with_address else heads)
    for line in lines_of(entries[:MOST_ROWS]):
        moment = timezone.localtime(line.entry.created_at).isoformat(sep=" ", timespec="seconds")
        start = [moment, line.who, line.entry.via, line.what, line.subject]
        end = [line.entry.address or ""] if with_address else []
        for change in line.changes or [Change("", "", "")]:
            yield _line([*start, change.field, change.before, change.after, *end])


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _position(key: str) -> tuple[datetime | None, uuid.UUID | None]:
    moment, _sign, pk = key.partition("~")
    try:
        at, found = datetime.fromisoformat(moment), uuid.UUID(pk)
    except ValueError:
        return None, None
    return (at, found) if at.tzinfo else (None, None)
