"""Telling: one notification, and a delivery for each receiver who wants it. Called inside an organization."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apicenter.notifications.events import TEST, Audience, choice_of
from apicenter.notifications.models import Delivery, Incident, Notification, Webhook
from apicenter.notifications.readers import PERSONAL, Reader, readers
from apicenter.notifications.rules import Channel, Decision, Verdict
from apicenter.organizations.models import User

State = Delivery.State
STATES = {Verdict.SEND: State.WAITING, Verdict.HOLD: State.WAITING, Verdict.COLLECT: State.COLLECTED}


def notify(
    event: str,
    *,
    flow: Any = None,
    params: Mapping[str, Any] | None = None,
    link: str = "",
    audience: Audience | None = None,
    key: str = "",
) -> Notification | None:
    """Tell the members of the organization in context about an event of events.py.

    `params` fill the event's texts; `link` is a path of ours; `audience` says whom it concerns if not the event's own
    audience. The same `key` is told once, ever: returns None the second time. Raises KeyError for an unknown event.
    """
    return publish(
        event,
        key=key or uuid.uuid4().hex,
        params=params or {},
        flow_id=getattr(flow, "pk", flow),
        link=link,
        audience=audience,
    )


def publish(
    event: str,
    *,
    key: str,
    params: Mapping[str, Any],
    incident: Incident | None = None,
    flow_id: uuid.UUID | None = None,
    link: str = "",
    audience: Audience | None = None,
    targets: frozenset[str] | None = None,
    user: User | None = None,
    now: datetime | None = None,
) -> Notification | None:
    """Make a notification and its deliveries, unless its key was used already.

    `targets` are the only people and ways allowed ("email:7"); webhooks get what they listen to. `user` is the only
    person told, and no webhook. Raises KeyError for an unknown event.
    """
    choice = choice_of(event)
    at = now or timezone.now()
    with transaction.atomic():
        notification, is_new = Notification.objects.get_or_create(
            key=key,
            defaults={
                "event": event,
                "incident": incident,
                "flow_id": flow_id,
                "params": dict(params),
                "link": link,
                "created_at": at,
            },
        )
        if not is_new:
            return None
        rows = [
            row
            for reader in readers()
            if user is None or reader.user.pk == user.pk
            for row in _personal(notification, reader, at, audience)
        ]
        rows = [row for row in rows if targets is None or row.target in targets]
        if user is None:
            rows += _to_webhooks(notification, choice, at)
        Delivery.objects.bulk_create(rows)
    return notification


def _personal(notification: Notification, reader: Reader, now: datetime, audience: Audience | None) -> list[Delivery]:
    rows = []
    for channel in PERSONAL:
        decision = reader.decide(notification.event, channel, now=now, flow_id=notification.flow_id, audience=audience)
        if decision.verdict is not Verdict.DROP:
            rows.append(_delivery(notification, channel, reader.user, decision, now))
    return rows


def _delivery(notification: Notification, channel: Channel, user: User, decision: Decision, now: datetime) -> Delivery:
    is_app = channel is Channel.APP
    return Delivery(
        notification=notification,
        channel=channel,
        target=f"{channel}:{user.pk}",
        user=user,
        state=State.SENT if is_app else STATES[decision.verdict],
        is_held=decision.verdict is Verdict.HOLD,
        due_at=decision.at or now,
        created_at=now,
        sent_at=now if is_app else None,
    )


def _to_webhooks(notification: Notification, choice: str, now: datetime) -> list[Delivery]:
    return [
        Delivery(
            notification=notification,
            channel=Channel.WEBHOOK,
            target=f"webhook:{webhook.pk}",
            webhook=webhook,
            due_at=now,
            created_at=now,
        )
        for webhook in Webhook.objects.filter(is_on=True)
        if choice in webhook.events
    ]


def send_test(user: User) -> Notification:
    """Send one person a test through both ways, at once and whatever they chose."""
    now = timezone.now()
    reader = next(reader for reader in readers() if reader.user.pk == user.pk)
    with transaction.atomic():
        notification = Notification.objects.create(
            event=TEST, key=uuid.uuid4().hex, params={"organization": reader.organization.name}, created_at=now
        )
        decision = Decision(Verdict.SEND, now)
        Delivery.objects.bulk_create([_delivery(notification, channel, user, decision, now) for channel in PERSONAL])
    return notification


def told_targets(incident: Incident) -> frozenset[str]:
    """Return who has been told of an incident, and forget the messages about it that were still held back."""
    rows = Delivery.objects.filter(notification__incident=incident)
    rows.filter(state=State.WAITING, is_held=True).update(state=State.OVER)
    told: Sequence[str] = list(rows.exclude(state__in=[State.OVER, State.FAILED]).values_list("target", flat=True))
    return frozenset(told)
