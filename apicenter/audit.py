"""Who changed what: an entry with before and after for every change of configuration.

`record_change` is called by the service that makes the change, inside its transaction. Who acts is known from the
request or the API token (`acting_as`); without one it is the platform itself. Entries go after AUDIT_DAYS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apicenter.organizations.models import AuditEntry, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, possibly through an API token, from an address."""

    user: User | None = None
    via: str = ""  # the name of an API token, or of a command
    address: str = ""


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Everything that is recorded inside is this actor's doing."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Actor:
    return _actor.get() or Actor()


def record_change(
    action: str,
    *,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry | None:
    """Write one entry for the organization in context; `action` is a code of dashboard/audit_words.py.

    Only the keys that differ are kept. Returns None when nothing differs. Never give it a secret.
    """
    old, new = dict(before or {}), dict(after or {})
    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    if (old or new) and not differing:
        return None
    actor = current_actor()
    return AuditEntry.objects.create(
        user=actor.user,
        who=str(actor.user) if actor.user else actor.via,
        via=actor.via,
        address=actor.address or None,
        action=action,
        subject=subject[:200],
        before={key: value for key, value in old.items() if key in differing},
        after={key: value for key, value in new.items() if key in differing},
    )


def forget_entries() -> None:
    """Delete the entries of the organization in context that have had their time."""
    oldest = timezone.now() - timedelta(days=settings.ENV.AUDIT_DAYS)
    AuditEntry.objects.filter(created_at__lt=oldest).delete()
