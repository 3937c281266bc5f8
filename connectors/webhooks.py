"""Posting a message to an address that a customer gave: checked, pinned, never redirected, short in time and size."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.conf import settings

from apicenter.notifications.webhooks import PostAnswer
from connectors.public_addresses import Refused, Resolve, check_form, find_place, resolve
from connectors.wire import NoAnswer, post_pinned

AGENT = "APIcenter"
SECONDS = 8.0
SIZE_CAP = 16_000


def post_webhook(url: str, body: bytes, headers: Mapping[str, str], *, lookup: Resolve = resolve) -> PostAnswer:
    """Send one message and return what came back, whatever it is; why nothing did is its `problem`."""
    started = time.monotonic()
    try:
        place = find_place(url, allows_http=allows_http(), lookup=lookup)
        status, text = post_pinned(
            url, body, {"user-agent": AGENT, **headers}, address=place.address, seconds=SECONDS, cap=SIZE_CAP
        )
    except Refused as refused:
        return PostAnswer(problem=refused.code, seconds=time.monotonic() - started)
    except NoAnswer as failure:
        return PostAnswer(problem=failure.code, seconds=time.monotonic() - started)
    return PostAnswer(status=status, text=text, seconds=time.monotonic() - started)


def check_address(url: str, *, lookup: Resolve = resolve) -> None:
    """Say no to an address that no message could go to. Raises Refused."""
    find_place(url, allows_http=allows_http(), lookup=lookup)


def check_spelling(url: str) -> None:
    """The same without looking the host up. Raises Refused."""
    check_form(url, allows_http=allows_http())


def allows_http() -> bool:
    return settings.DEBUG or settings.ENV.WEBHOOK_HTTP_ALLOWED
