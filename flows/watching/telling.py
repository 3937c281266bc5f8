"""Telling people, by the clock: look at what changed, then send what is due."""

from __future__ import annotations

from apicenter.notifications.look import look_everywhere
from apicenter.notifications.outbox import send_due
from connectors.webhooks import post_webhook
from flows.watching.facts import aftermath, came_in, facts


def tell() -> None:
    """Look at every organization that is due, and send what is to be sent. May run late, or twice at once."""
    look_everywhere(facts=facts, ask=aftermath, came_in=came_in)
    send_due(post=post_webhook)
