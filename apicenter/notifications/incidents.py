"""From what is wrong just now to what is told: opened, told after a moment, reminded of, solved.

The facts are the whole truth about an organization each time, so a look that is repeated, late or done by two workers
changes nothing: an incident is one open row per key, and each step of it is claimed by a conditional update.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apicenter.notifications import events
from apicenter.notifications.models import Incident
from apicenter.notifications.rules import next_reminder
from apicenter.notifications.services import publish, told_targets

Kind = Incident.Kind
MAY_COME_BACK = (Kind.RECORDS, Kind.RUN)
REMEMBERED = 500  # records whose fate decides whether a cause is solved
FIRST_EVENT = {
    Kind.RECORDS: events.RECORDS_HELD,
    Kind.CONNECTION: events.CONNECTION_LOST,
    Kind.FLOW: events.FLOW_PAUSED,
    Kind.RUN: events.RUN_STUCK,
    Kind.QUIET: events.FLOW_QUIET,
    Kind.TOKEN: events.TOKEN_ENDS,
}
LAST_EVENT = {
    Kind.RECORDS: events.RECORDS_SOLVED,
    Kind.CONNECTION: events.CONNECTION_WORKS,
    Kind.RUN: events.RUN_GOES_ON,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is wrong just now; `wait` is how long it must last before anybody is told."""

    kind: str
    key: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    flow_id: UUID | None = None
    subject_id: UUID | None = None
    count: int = 0
    records: tuple[str, ...] = ()
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of records that were held back."""

    waiting: int = 0  # being sent just now: nothing can be said yet
    sent: int = 0
    set_aside: int = 0


Ask = Callable[[Sequence[str]], Aftermath]


def reconcile(facts: Sequence[Fact], *, ask: Ask, now: datetime) -> datetime | None:
    """Bring the incidents of the organization in context up to these facts and tell what is to be told.

    Returns when to look again even if nothing changes, or None.
    """
    standing = {incident.key: incident for incident in Incident.objects.filter(closed_at=None)}
    seen = {fact.key for fact in facts}
    for fact in facts:
        if fact.key in standing:
            _follow(standing[fact.key], fact)
        else:
            standing[fact.key] = _open(fact, now)
    for key, incident in standing.items():
        if key in seen:
            _tell(incident, now)
        else:
            _end(incident, ask, now)
    return min((at for one in standing.values() if (at := _next_look(one)) is not None), default=None)


def _open(fact: Fact, now: datetime) -> Incident:
    incident, _made = Incident.objects.get_or_create(
        key=fact.key,
        closed_at=None,
        defaults={
            "kind": fact.kind,
            "code": fact.code,
            "params": fact.params,
            "flow_id": fact.flow_id,
            "subject_id": fact.subject_id,
            "count": fact.count,
            "records": list(fact.records[:REMEMBERED]),
            "opened_at": now,
            "tell_at": now + fact.wait,
        },
    )
    return incident


def _follow(incident: Incident, fact: Fact) -> None:
    """Note how many there are by now; one that had gone for a moment is the same as before."""
    records = list(dict.fromkeys([*incident.records, *fact.records]))[:REMEMBERED]
    if (incident.count, incident.records, incident.code, incident.gone_at) == (fact.count, records, fact.code, None):
        return
    incident.count, incident.records, incident.gone_at = fact.count, records, None
    incident.code, incident.params = fact.code, fact.params
    incident.save(update_fields=["count", "records", "gone_at", "code", "params"])


def _tell(incident: Incident, now: datetime) -> None:
    if incident.told_at is None:
        if incident.tell_at <= now:
            _tell_first(incident, now)
    elif incident.kind == Kind.RECORDS and _reminder_at(incident) <= now:
        _remind(incident, now)


def _tell_first(incident: Incident, now: datetime) -> None:
    with transaction.atomic():
        if Incident.objects.filter(pk=incident.pk, told_at=None).update(told_at=now):
            incident.told_at = now
            publish(
                FIRST_EVENT[Kind(incident.kind)],
                key=f"{incident.pk}:first",
                params=_snapshot(incident),
                incident=incident,
                flow_id=incident.flow_id,
                now=now,
            )


def _remind(incident: Incident, now: datetime) -> None:
    number = incident.reminders
    with transaction.atomic():
        claimed = Incident.objects.filter(pk=incident.pk, reminders=number).update(
            reminders=F("reminders") + 1, reminded_at=now
        )
        if claimed:
            incident.reminders, incident.reminded_at = number + 1, now
            publish(
                events.RECORDS_REMINDER,
                key=f"{incident.pk}:reminder:{number}",
                params=_snapshot(incident),
                incident=incident,
                flow_id=incident.flow_id,
                user=incident.taken_by,
                now=now,
            )


def _end(incident: Incident, ask: Ask, now: datetime) -> None:
    """Nothing is seen of it: over at once for what works again, after a moment for what may come back.

    A run that is tried again has no problem while it is, and records that are sent again may be refused again.
    """
    if incident.kind not in MAY_COME_BACK:
        _close(incident, now)
        return
    if incident.gone_at is None:
        incident.gone_at = now
        incident.save(update_fields=["gone_at"])
    aftermath = ask(incident.records)
    if not aftermath.waiting and now >= incident.gone_at + moment():
        _close(incident, now, sent=aftermath.sent, set_aside=aftermath.set_aside)


def _close(incident: Incident, now: datetime, **outcome: int) -> None:
    event = LAST_EVENT.get(Kind(incident.kind))
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=now):
            return
        was_told, incident.closed_at = incident.told_at is not None, now
        targets = told_targets(incident)
        if was_told and event:
            publish(
                event,
                key=f"{incident.pk}:last",
                params={**_snapshot(incident), **outcome, "count": max(incident.count, len(incident.records))},
                incident=incident,
                flow_id=incident.flow_id,
                targets=targets,
                now=now,
            )


def _snapshot(incident: Incident) -> dict[str, Any]:
    """What a message says for ever, however the incident goes on."""
    return {"count": incident.count, "since": incident.opened_at.isoformat()}


def _reminder_at(incident: Incident) -> datetime:
    assert incident.told_at is not None
    return next_reminder(incident.reminded_at or incident.told_at, incident.reminders)


def _next_look(incident: Incident) -> datetime | None:
    if incident.closed_at is not None:
        return None
    if incident.gone_at is not None:
        return incident.gone_at + moment()
    if incident.told_at is None:
        return incident.tell_at
    return _reminder_at(incident) if incident.kind == Kind.RECORDS else None


def moment() -> timedelta:
    """How long a new cause gathers its records before it is told, and a solved one is watched before it is."""
    return timedelta(seconds=settings.ENV.NOTIFY_WAIT_SECONDS)
