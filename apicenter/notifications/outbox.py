"""Sending what is due: each delivery is claimed by a conditional update, so two workers never send it twice.

A message that left and whose row was not saved, because the process died in between, is sent again when its lease has
lapsed: e-mails keep their Message-ID and webhooks their id, so the other side can tell.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F
from django.utils import timezone, translation

from apicenter.mail import send_letter
from apicenter.notifications import due, webhooks
from apicenter.notifications.letters import composer
from apicenter.notifications.models import Delivery
from apicenter.notifications.readers import Reader, readers, zone_of
from apicenter.notifications.rules import RETRY_MINUTES, Channel, retry_at
from apicenter.notifications.webhooks import Post
from apicenter.tenancy import organization_context

logger = logging.getLogger(__name__)
State = Delivery.State
LEASE = timedelta(minutes=5)
TURN_SECONDS = 5.0  # afterwards the rest waits for the next turn: the clock has other work too
MOST = 200
MOST_APART = 3  # more than so many at once go out as one


def send_due(*, post: Post, now: datetime | None = None) -> int:
    """Send what is due in every organization, for a few seconds at most. Returns how many deliveries were sent."""
    ends_at = time.monotonic() + TURN_SECONDS
    sent = 0
    for organization_id in due.to_send(now or timezone.now()):
        if time.monotonic() > ends_at:
            break
        with organization_context(organization_id):
            sent += send_due_here(post=post, now=now, ends_at=ends_at)
    return sent


def send_due_here(*, post: Post, now: datetime | None = None, ends_at: float = float("inf")) -> int:
    """Send what is due in the organization in context."""
    at = now or timezone.now()
    _give_up_stuck(at)
    rows = Delivery.objects.filter(due.due_deliveries(at)).select_related(
        "notification__incident__taken_by", "webhook__organization", "user"
    )
    ordered = sorted(rows.order_by("due_at", "created_at")[:MOST], key=lambda row: row.target)
    people = {reader.user.pk: reader for reader in readers()}
    sent = 0
    for _target, group in groupby(ordered, key=lambda row: row.target):
        if time.monotonic() > ends_at:
            break
        sent += _send_group(list(group), people, post=post, now=at)
    return sent


def _give_up_stuck(now: datetime) -> None:
    """A message whose sending ends in a fault of ours, time after time, must not be tried for ever."""
    stuck = Delivery.objects.filter(state=State.SENDING, leased_until__lte=now, tries__gt=len(RETRY_MINUTES))
    stuck.update(state=State.FAILED, leased_until=None, problem="internal")


def _send_group(rows: Sequence[Delivery], people: dict[Any, Reader], *, post: Post, now: datetime) -> int:
    if rows[0].channel == Channel.WEBHOOK:
        return _send_to_webhook(rows, post=post, now=now)
    reader = people.get(rows[0].user_id)
    if reader is None:  # has left
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.OVER)
        return 0
    is_one = len(rows) > MOST_APART or (len(rows) > 1 and any(row.is_held for row in rows))
    bundles = [rows] if is_one else [[row] for row in rows]
    return sum(_send_mail([row for row in bundle if claim(row, now)], reader, now) for bundle in bundles)


def claim(row: Delivery, now: datetime) -> bool:
    """Take a delivery for this worker. False = another has it."""
    claimed = Delivery.objects.filter(pk=row.pk, state=row.state, tries=row.tries).update(
        state=State.SENDING, leased_until=now + LEASE, tries=F("tries") + 1
    )
    row.tries += 1
    return bool(claimed)


def _send_mail(rows: Sequence[Delivery], reader: Reader, now: datetime) -> int:
    if not rows:
        return 0
    with translation.override(reader.user.language), timezone.override(reader.zone):
        letter = composer().letter(rows, reader)
        try:
            send_letter(
                letter.template,
                reader.user.email,
                letter.context,
                language=reader.user.language,
                headers=letter.headers,
            )
        except OSError as error:
            logger.warning("e-mail for %s deliveries was not taken: %s", len(rows), type(error).__name__)
            for row in rows:
                _put_off(row, now, problem=f"mail.{type(error).__name__}")
            return 0
    _mark_sent(rows, now)
    return len(rows)


def _send_to_webhook(rows: Iterable[Delivery], *, post: Post, now: datetime) -> int:
    """One after the other; when one is not taken, those behind it wait for the next turn."""
    sent = 0
    for row in rows:
        webhook = row.webhook
        assert webhook is not None
        if not claim(row, now):
            continue
        with translation.override(webhook.language), timezone.override(zone_of(webhook.organization.time_zone)):
            brief = composer().brief(row)
        answer = webhooks.send(
            webhook,
            brief,
            message_id=str(row.pk),
            event=row.notification.event,
            at=row.notification.created_at,
            now=now,
            post=post,
        )
        _note_try(row, answer, now)
        if answer.is_taken:
            _mark_sent([row], now)
            sent += 1
        else:
            logger.warning("webhook %s did not take %s: %s", webhook.pk, row.pk, answer.status or answer.problem)
            _put_off(row, now, problem=answer.problem or f"HTTP {answer.status}")
        webhooks.note_answer(webhook, answer, now=now)
        if not answer.is_taken:
            break
    return sent


def _note_try(row: Delivery, answer: webhooks.PostAnswer, now: datetime) -> None:
    row.answers = [
        *row.answers,
        {
            "at": now.isoformat(),
            "status": answer.status,
            "text": answer.text[: webhooks.SHOWN],
            "problem": answer.problem,
            "seconds": round(answer.seconds, 2),
        },
    ]
    row.save(update_fields=["answers"])


def _mark_sent(rows: Sequence[Delivery], now: datetime) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.SENT, sent_at=now, leased_until=None, problem=""
    )


def _put_off(row: Delivery, now: datetime, *, problem: str) -> None:
    """Try again later, or give it up where an admin sees it."""
    at = retry_at(now, row.tries)
    Delivery.objects.filter(pk=row.pk).update(
        state=State.WAITING if at else State.FAILED, due_at=at or now, leased_until=None, problem=problem[:200]
    )


def try_again(row: Delivery) -> None:
    """Send a delivery that was given up once more, from the start."""
    Delivery.objects.filter(pk=row.pk, state=State.FAILED).update(
        state=State.WAITING, due_at=timezone.now(), tries=0, problem=""
    )
