"""Sending the steps of a guide to whoever can do the clicks, without an account here."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from apicenter.audit import record_change
from apicenter.mail import send_letter
from apicenter.organizations.models import Organization, User
from connectors.base import Connector
from dashboard.setup.guides import guide_for

MOST_A_DAY = 20  # letters of one company
DAY = timedelta(days=1)


class TooMany(Exception):
    """The company has sent enough letters for today."""


def send_steps(connector: type[Connector], to: str, *, organization: Organization, sender: User, language: str) -> None:
    """Send the letter. Raises TooMany, OSError when the mail server does not take it."""
    _count(organization)
    context = {"guide": lambda: guide_for(connector), "organization": organization, "sender": sender}
    send_letter("setup_steps", to, {**context, "system": connector.title}, language=language)
    record_change("steps.sent", subject=connector.title, after={"to": to})


def _count(organization: Organization) -> None:
    """Count a letter before it leaves: one that fails counts too."""
    key = f"setup-steps:{organization.pk}"
    cache.add(key, 0, DAY.total_seconds())
    if cache.incr(key) > MOST_A_DAY:
        raise TooMany
