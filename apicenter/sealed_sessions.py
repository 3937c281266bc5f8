"""Sessions as Django keeps them, with their contents sealed.

A session holds what a person typed before they were asked again who they are (the address of a webhook, say), and the
secret of an app that is being set up: Django only signs these, so they would stand in the database readable.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore as Stored
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apicenter.crypto import Undecryptable, open_personal, seal_personal

PLACE = "session"


class SessionStore(Stored):
    """One session. One that was sealed with a key that is gone is an empty one: the person signs in again."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal_personal(super().encode(session_dict), PLACE)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        text = session_data.decode() if isinstance(session_data, bytes) else session_data
        try:
            return super().decode(open_personal(text, PLACE))
        except Undecryptable:
            return {}


def seal_again() -> int:
    """Seal what running sessions hold with the active key. Returns how many.

    One that a request writes meanwhile is left as it wrote it: that was with the active key.
    """
    sessions, count = SessionStore.get_model_class().objects, 0
    for key in list(sessions.filter(expire_date__gt=timezone.now()).values_list("pk", flat=True)):
        stored = sessions.filter(pk=key).values_list("session_data", flat=True).first()
        try:
            sealed = seal_personal(open_personal(stored or "", PLACE), PLACE)
        except Undecryptable:  # of a key that went before: it is an empty one already
            continue
        count += sessions.filter(pk=key, session_data=stored).update(session_data=sealed)
    return count


def forget_ended() -> None:
    """Delete sessions whose time is over, and what is known of them: browser and address."""
    SessionStore.clear_expired()
    running = SessionStore.get_model_class().objects.filter(pk=OuterRef("session_key"))
    a_while_ago = timezone.now() - timedelta(hours=1)  # one that begins is not stored at once
    UserSession.objects.filter(~Exists(running), last_seen_at__lt=a_while_ago).delete()
