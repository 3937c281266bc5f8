"""What a person does about messages: take care of a cause, have quiet, hear no more of an event; and signed links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone

from apicenter.audit import Actor, acting_as, record_change
from apicenter.notifications.models import Incident, Preferences
from apicenter.notifications.readers import MORNING, Reader, quiet_of
from apicenter.notifications.rules import Channel, Mode, next_morning
from apicenter.organizations.models import User

SALT = "notifications.link"
CAUSE = "cause:"  # how the keys of incidents of records begin
LINK_SECONDS = 30 * 24 * 3600


class Action(StrEnum):
    """What a link in a letter does, after one more click."""

    TAKE = "take"  # subject: the incident
    QUIET = "quiet"
    STOP = "stop"  # subject: the event


class BadLink(ValueError):
    """The link was altered, or is older than a month."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link allows: one action, for one person in one organization."""

    action: Action
    organization_id: UUID
    user_id: int
    subject: str = ""


def sign(link: Link) -> str:
    """Return the token for an address."""
    return signing.dumps([link.action, link.organization_id.hex, link.user_id, link.subject], salt=SALT, compress=True)


def read_link(token: str) -> Link:
    """Return what a token allows. Raises BadLink."""
    try:
        action, organization, user_id, subject = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature as error:
        raise BadLink(token) from error
    return Link(Action(action), UUID(organization), user_id, subject)


def take(incident: Incident, user: User) -> bool:
    """Somebody takes care of an open incident: from now on only they are reminded. False when it is over."""
    with transaction.atomic(), acting_as(Actor(user)):
        taken = Incident.objects.filter(pk=incident.pk, closed_at=None).update(taken_by=user, taken_at=timezone.now())
        if taken:
            record_change("cause.taken", subject=incident.code)
    return bool(taken)


def give_back(incident: Incident) -> None:
    """Nobody takes care of it any more; everybody is reminded again."""
    if Incident.objects.filter(pk=incident.pk, taken_by__isnull=False).update(taken_by=None, taken_at=None):
        record_change("cause.given_back", subject=incident.code)


def hand_over(key: str, person: User | None) -> None:
    """The open incident of a cause (its key in flows) has an assignee, or none any more: only they are reminded."""
    taken_at = timezone.now() if person else None
    Incident.objects.filter(key=f"{CAUSE}{key}", closed_at=None).update(taken_by=person, taken_at=taken_at)


def cause_of(incident: Incident) -> str:
    """Return the key of the cause an incident is about, "" for one of a connection, a flow or a run."""
    return incident.key.removeprefix(CAUSE) if incident.key.startswith(CAUSE) else ""


def open_incident(key: str) -> Incident | None:
    """Return the open incident of a cause of cause_keys.py, or None."""
    return Incident.objects.filter(key=f"{CAUSE}{key}", closed_at=None).select_related("taken_by").first()


def quiet_until_tomorrow(reader: Reader, *, now: datetime | None = None) -> datetime:
    """Hold this person's e-mails until the next morning, when their own quiet hours end. Returns until when."""
    hours = quiet_of(reader.hours, zone=reader.zone)
    wall = hours.end if hours and hours.end > time(0) else MORNING
    until = next_morning(now or timezone.now(), zone=reader.zone, wall=wall)
    pause_until(reader.user, until)
    return until


def pause_until(user: User, until: datetime | None) -> None:
    """Hold a person's e-mails until a moment, or no longer."""
    Preferences.objects.update_or_create(user=user, defaults={"paused_until": until})


def stop(user: User, event: str) -> None:
    """Send this person no e-mails about an event any more."""
    choose(user, {event: {Channel.EMAIL.value: Mode.OFF.value}})


def choose(user: User | None, chosen: dict[str, dict[str, str]]) -> Preferences:
    """Set some of a person's choices, or of the company's; the others stay."""
    row, _made = Preferences.objects.get_or_create(user=user)
    row.choices = {**row.choices, **{code: {**row.choices.get(code, {}), **one} for code, one in chosen.items()}}
    row.save(update_fields=["choices"])
    return row


def save_company(values: dict[str, Any]) -> Preferences:
    """Save what holds for everybody who chose nothing."""
    with transaction.atomic():
        row, _made = Preferences.objects.get_or_create(user=None)
        before = {name: _plain(getattr(row, name)) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        record_change("notifications.defaults", before=before, after={n: _plain(v) for n, v in values.items()})
    return row


def save_own(user: User, values: dict[str, Any]) -> Preferences:
    """Save what one person chose for themselves."""
    row, _made = Preferences.objects.update_or_create(user=user, defaults=values)
    return row


def _plain(value: Any) -> Any:
    return value.strftime("%H:%M") if isinstance(value, time) else value
