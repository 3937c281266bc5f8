"""What an `ApiClient` asks for before it calls: a token, and a place within the rate limit."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from connectors.answers import RateWord


class Auth(Protocol):
    """Gives tokens. Called from crew threads: what needs the database goes through `on_owner`."""

    def token(self, host: str) -> str:
        """Return the present token for a host, from memory; "" sends none."""

    def renew(self, host: str, seen: str) -> str:
        """Return another token than the one seen, which was refused. Raises AuthError, RemoteUnavailable."""

    def refused(self, host: str) -> datetime | None:
        """Note that a renewed token was refused as well. Returns when to try again, or None when that is pointless."""

    def accepted(self, host: str) -> None:
        """Note that a token was taken."""


class Budget(Protocol):
    """Says whether a call may go out. Called from crew threads, like `Auth`."""

    def take(self) -> None:
        """Spend one call. Raises RateLimited."""

    def heard(self, word: RateWord) -> None:
        """Note what the server says about its limit."""

    def block(self, until: datetime) -> None:
        """No calls before this moment: the server said so."""

    def close(self) -> None:
        """Give back what was not spent."""


class StaticAuth:
    """One token that never changes, or none."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    def token(self, host: str) -> str:
        return self._token

    def renew(self, host: str, seen: str) -> str:
        return self._token

    def refused(self, host: str) -> datetime | None:
        return None

    def accepted(self, host: str) -> None:
        """Nothing to note."""


class Unlimited:
    """A budget that never says no."""

    def take(self) -> None:
        """Nothing to count."""

    def heard(self, word: RateWord) -> None:
        """Nothing to note."""

    def block(self, until: datetime) -> None:
        """Nothing to stop."""

    def close(self) -> None:
        """Nothing to give back."""
