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
from connectors.pkce import new_verifier

SESSION_KEY = "consent"
LIFETIME = timedelta(minutes=10)  # a code lives no longer either


class ConsentRefused(Exception):
    """The way back does not belong to a consent that this session began; the text says so to a person."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Which connection is to be authorised, which page began it, and the verifier that goes with the code."""

    connection: uuid.UUID
    page: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What the consent page is told: the state that must come back, and the verifier, as a hash."""

    state: str
    verifier: str


def begin(session: SessionBase, connection: Connection, *, page: str, now: datetime) -> Begun:
    """Remember in the session what was begun. One at a time."""
    begun = Begun(secrets.token_urlsafe(32), new_verifier())
    session[SESSION_KEY] = {
        "state": begun.state,
        "verifier": begun.verifier,
        "organization": str(connection.organization_id),
        "connection": str(connection.pk),
        "page": page,
        "at": now.timestamp(),
    }
    return begun


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
    return Consent(uuid.UUID(begun["connection"]), begun["page"], begun.get("verifier", ""))
