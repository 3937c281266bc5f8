"""Webhooks of the fakes: noted with the change they tell of, delivered a moment later, to this platform only.

Deliveries carry a subject and an account and are not signed; they may come doubled or never (`webhook_copies`).
"""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from connectors.public_addresses import Refused, resolve
from connectors.sandbox.models import Account, Announcement, Thing
from connectors.sandbox.options import Options
from connectors.wire import NoAnswer, post_pinned

TRIES = 3
PAUSE = timedelta(seconds=30)
MOST_AT_ONCE = 100
SECONDS = 5.0
ANSWER_CAP = 2_000
OWN_PATH = "/api/deliveries/"


def announce(account: Account, subject: str, verb: str, key: str) -> None:
    """Note a delivery for everybody who asked for this event."""
    event = f"{subject}.{verb}"
    hooks = Thing.objects.filter(account=account, kind="webhook").values_list("body", flat=True)
    urls = [hook["url"] for hook in hooks if event in hook["types"]]
    if not urls:
        return
    body = {
        "type": event,
        "subject": {"type": subject, "id": key},
        "account": {"type": "account", "id": str(account.remote_id)},
    }
    copies = Options.of(account).webhook_copies
    Announcement.objects.bulk_create(
        [Announcement(account=account, url=url, body=body) for url in urls for _copy in range(copies)]
    )


def deliver_announcements() -> int:
    """Deliver what is due. Returns how many were taken."""
    if not settings.ENV.SANDBOX_ENABLED:
        return 0
    taken = 0
    for row in Announcement.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "id")[:MOST_AT_ONCE]:
        claimed = Announcement.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=timezone.now() + PAUSE)
        if claimed and _deliver(row):
            taken += 1
    return taken


def _deliver(row: Announcement) -> bool:
    is_taken = is_own(row.url) and _post(row)
    if is_taken or row.tries + 1 >= TRIES or not is_own(row.url):
        row.delete()
    else:
        Announcement.objects.filter(pk=row.pk).update(tries=row.tries + 1)
    return is_taken


def is_own(url: str) -> bool:
    """Whether an address is one of this platform's own: a fake calls nobody else, whoever registered what."""
    own = {settings.ENV.SITE_URL, settings.ENV.SANDBOX_URL.rstrip("/").removesuffix("/sandbox")} - {""}
    return any(url.startswith(f"{base}{OWN_PATH}") for base in own)


def _post(row: Announcement) -> bool:
    parts = urlsplit(row.url)
    body = json.dumps(row.body).encode()
    headers = {"content-type": "application/json"}
    try:
        address = resolve(parts.hostname or "", parts.port or 443)[0]
        status, _text = post_pinned(row.url, body, headers, address=address, seconds=SECONDS, cap=ANSWER_CAP)
    except (Refused, NoAnswer):
        return False
    return 200 <= status < 300
