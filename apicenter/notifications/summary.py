"""The daily summary: once a day, at the hour a person chose, and only when there is something to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apicenter.notifications.events import DIGEST
from apicenter.notifications.models import Delivery, Incident, Notification, Preferences
from apicenter.notifications.readers import Reader, readers
from apicenter.notifications.rules import Channel, Mode, summary_day

State = Delivery.State
SPAN = timedelta(days=1)
CameIn = Callable[[datetime], Mapping[str, int]]  # since when -> numbers by bucket, "read" among them


def write_summaries(*, came_in: CameIn, now: datetime) -> int:
    """Make the summaries that are due in the organization in context. Returns how many."""
    return sum(_write_for(reader, came_in, now) for reader in readers())


def _write_for(reader: Reader, came_in: CameIn, now: datetime) -> bool:
    own = reader.own
    day = summary_day(now, at=own.summary_at, zone=reader.zone, weekend=own.summary_weekend)
    if day is None or own.summed_up_on == day or (own.paused_until and own.paused_until > now):
        return False
    with transaction.atomic():
        row, _made = Preferences.objects.get_or_create(user=reader.user)
        claimed = Preferences.objects.filter(pk=row.pk).exclude(summed_up_on=day).update(summed_up_on=day)
        return bool(claimed) and _write(reader, came_in, day, now)


def _write(reader: Reader, came_in: CameIn, day: date, now: datetime) -> bool:
    is_wanted = reader.mode(DIGEST, Channel.EMAIL) is not Mode.OFF
    collected = Delivery.objects.filter(user=reader.user, channel=Channel.EMAIL, state=State.COLLECTED)
    gathered = [str(pk) for pk in collected.values_list("notification_id", flat=True)]
    still_open, solved = (_open_now(), _solved_since(now - SPAN)) if is_wanted else ([], [])
    numbers = dict(came_in(now - SPAN)) if is_wanted else {}
    has_more = reader.own.summary_always and numbers.get("read", 0) > 0
    if not (gathered or still_open or solved or has_more):
        return False
    notification = Notification.objects.create(
        event=DIGEST,
        key=f"summary:{reader.user.pk}:{day}",
        params={"numbers": numbers, "open": still_open, "solved": solved, "gathered": gathered},
        created_at=now,
    )
    target = f"{Channel.EMAIL}:{reader.user.pk}"
    Delivery.objects.create(
        notification=notification, channel=Channel.EMAIL, target=target, user=reader.user, due_at=now, created_at=now
    )
    collected.update(state=State.SENT, sent_at=now)
    return True


def _open_now() -> list[str]:
    rows = Incident.objects.filter(closed_at=None, told_at__isnull=False, gone_at=None).order_by("opened_at")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def _solved_since(since: datetime) -> list[str]:
    rows = Incident.objects.filter(Q(closed_at__gte=since), told_at__isnull=False).order_by("closed_at")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]
