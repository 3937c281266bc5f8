"""Somebody who is away at a vendor's consent page: what makes sure that it is they who come back, and only once."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from connectors.models import Connection

SESSION_KEY = "consent"
LIFETIME = timedelta(minutes=10)  # a code lives no longer either


class ConsentRefused(Exception):
    """The way back does not belong to a consent that this session began; the text says so to a person."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Which connection was to be authorised, and which page began it."""

    connection: uuid.UUID
    page: str


def begin(session: SessionBase, connection: Connection, *, page: str, now: datetime) -> str:
    """Remember in the session what was begun and return the state that must come back. One at a time."""
    state = secrets.token_urlsafe(32)
    session[SESSION_KEY] = {
        "state": state,
        "organization": str(connection.organization_id),
        "connection": str(connection.pk),
        "page": page,
        "at": now.timestamp(),
    }
    return state


def redeem(session: SessionBase, state: str, *, organization: uuid.UUID, now: datetime) -> Consent:
    """Use up the state. Raises ConsentRefused for one that is unknown, used, too old or of another organization."""
    begun = session.get(SESSION_KEY)
    if not begun or not constant_time_compare(begun["state"], state):
        raise ConsentRefused(_("This authorisation was not begun here, or was finished already. Begin it again."))
    del session[SESSION_KEY]
    session.save()  # before anything else: a second request with the same state finds nothing
    if begun["organization"] != str(organization):
        raise ConsentRefused(_("This authorisation was begun for another company. Change to it and begin again."))
    if now.timestamp() - begun["at"] > LIFETIME.total_seconds():
        raise ConsentRefused(_("This took longer than ten minutes, so it counts no more. Begin it again."))
    return Consent(uuid.UUID(begun["connection"]), begun["page"])
