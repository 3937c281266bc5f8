"""Messages to the organization's own systems: what is sent, how it is signed, and what becomes of the answer.

JSON goes out as standardwebhooks.com describes it: `webhook-id` stays the same for each try, and `webhook-signature` is
"v1," and the base64 of HMAC-SHA256 over "id.timestamp.body" with the bytes of the secret after "whsec_".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.notifications.events import WEBHOOK_OFF
from apicenter.notifications.letters import Brief
from apicenter.notifications.models import Delivery, Webhook
from apicenter.notifications.services import notify

Format = Webhook.Format
PREFIX = "whsec_"
SECRET_BYTES = 32
SHOWN = 500
TEST_EVENT = "test"


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What came back: a status and the beginning of a text, or why there was no answer (a code of words.py)."""

    status: int | None = None
    text: str = ""
    seconds: float = 0.0
    problem: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


Post = Callable[[str, bytes, Mapping[str, str]], PostAnswer]


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return what `webhook-signature` holds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers_of(secret: str, *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one try."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id=message_id, timestamp=timestamp, body=body),
    }


def body_of(form: str, brief: Brief, *, message_id: str, event: str, at: datetime, organization: Any) -> bytes:
    """Return what is sent, in the form the other side understands."""
    if form == Format.SLACK:
        value: dict[str, Any] = _for_slack(brief)
    elif form == Format.TEAMS:
        value = _for_teams(brief)
    else:
        value = {
            "id": message_id,
            "event": event,
            "created_at": at.isoformat(),
            "organization": {"id": str(organization.pk), "name": organization.name},
            "flow": {"id": brief.flow_id, "name": brief.flow_name} if brief.flow_id else None,
            "title": brief.title,
            "text": brief.text,
            "count": brief.count,
            "url": brief.url,
        }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _for_slack(brief: Brief) -> dict[str, Any]:
    title, text = _slack_text(brief.title), _slack_text(brief.text)
    words = f"*{title}*\n{text}" if text else f"*{title}*"
    link = f"<{brief.url}|{_slack_text(brief.button)}>"
    return {"text": title, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"{words}\n{link}"}}]}


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _for_teams(brief: Brief) -> dict[str, Any]:
    """An adaptive card, as the incoming webhooks of Teams' workflows take it."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": brief.title, "weight": "Bolder", "wrap": True},
            {"type": "TextBlock", "text": brief.text, "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": brief.button, "url": brief.url}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def create_webhook(*, name: str, url: str, form: str, events: Sequence[str], language: str) -> tuple[Webhook, str]:
    """Add a webhook. Returns it and its secret, which is never shown again."""
    secret = new_secret()
    webhook = Webhook(name=name, format=form, host=_host(url), events=list(events), language=language)
    webhook.store(url=url, secret=secret)
    with transaction.atomic():
        webhook.save(force_insert=True)
        record_change("webhook.added", subject=name, after=_audited(webhook))
    return webhook, secret


def change_webhook(webhook: Webhook, *, name: str, form: str, events: Sequence[str], url: str = "") -> None:
    """Change a webhook; without an address the old one stays."""
    before = _audited(webhook)
    if url:
        webhook.store(url=url, secret=webhook.read()["secret"])
        webhook.host = _host(url)
    webhook.name, webhook.format, webhook.events = name, form, list(events)
    with transaction.atomic():
        webhook.save()
        record_change("webhook.changed", subject=name, before=before, after=_audited(webhook))


def rotate_secret(webhook: Webhook) -> str:
    """Give a webhook another secret and return it; the old one signs nothing any more."""
    secret = new_secret()
    webhook.store(url=webhook.read()["url"], secret=secret)
    with transaction.atomic():
        webhook.save(update_fields=["sealed"])
        record_change("webhook.secret_changed", subject=webhook.name)
    return secret


def switch(webhook: Webhook, *, is_on: bool) -> None:
    """Switch a webhook on, forgetting its failures, or off."""
    webhook.is_on, webhook.failing_since, webhook.problem = is_on, None, ""
    with transaction.atomic():
        webhook.save(update_fields=["is_on", "failing_since", "problem"])
        record_change("webhook.switched_on" if is_on else "webhook.switched_off", subject=webhook.name)


def remove_webhook(webhook: Webhook) -> None:
    with transaction.atomic():
        record_change("webhook.removed", subject=webhook.name)
        webhook.delete()


def test_webhook(webhook: Webhook, brief: Brief, *, post: Post) -> PostAnswer:
    """Send a test now and return the answer as it came."""
    now = timezone.now()
    return send(webhook, brief, message_id=f"test-{secrets.token_hex(8)}", event=TEST_EVENT, at=now, now=now, post=post)


def send(
    webhook: Webhook, brief: Brief, *, message_id: str, event: str, at: datetime, now: datetime, post: Post
) -> PostAnswer:
    """Sign and send one message."""
    stored = webhook.read()
    body = body_of(webhook.format, brief, message_id=message_id, event=event, at=at, organization=webhook.organization)
    headers = headers_of(stored["secret"], message_id=message_id, timestamp=int(now.timestamp()), body=body)
    return post(stored["url"], body, headers)


def note_answer(webhook: Webhook, answer: PostAnswer, *, now: datetime) -> None:
    """Keep how a webhook does; one that has failed for days is switched off, and its admins are told."""
    if answer.is_taken:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=None, problem="", worked_at=now)
        return
    problem = answer.problem or f"HTTP {answer.status}"
    Webhook.objects.filter(pk=webhook.pk).update(problem=problem)
    Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=now)
    days = settings.ENV.WEBHOOK_OFF_DAYS
    failing = Webhook.objects.filter(pk=webhook.pk, is_on=True, failing_since__lte=now - timedelta(days=days))
    with transaction.atomic():
        if failing.update(is_on=False):
            waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING)
            waiting.update(state=Delivery.State.FAILED, problem="webhook.off")
            record_change("webhook.switched_off", subject=webhook.name)
            notify(WEBHOOK_OFF, params={"name": webhook.name, "days": days, "webhook": str(webhook.pk)})


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "")[:200]


def _audited(webhook: Webhook) -> dict[str, Any]:
    """What the audit trail keeps: never the address itself, which may be a secret."""
    return {
        "name": webhook.name,
        "host": webhook.host,
        "format": webhook.format,
        "events": sorted(webhook.events),
    }
