"""Sessions as Django keeps them, with their contents sealed.

A session holds what a person typed before they were asked again who they are (the address of a webhook, say), and the
secret of an app that is being set up: Django only signs these, so they would stand in the database readable.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Stored

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
