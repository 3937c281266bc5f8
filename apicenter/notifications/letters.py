"""What a message says is written by the pages, which know the words and addresses; this is what they promise.

The dashboard hands in its composer when it starts. Everything here is called in the reader's language and time zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apicenter.notifications.models import Delivery
from apicenter.notifications.readers import Reader


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail: the name of its templates, what they need, and headers."""

    template: str
    context: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brief:
    """One message to a system: two sentences and where to go on."""

    title: str
    text: str
    url: str
    button: str
    flow_id: str = ""
    flow_name: str = ""
    count: int = 0


class Composer(Protocol):
    """Writes messages."""

    def letter(self, deliveries: Sequence[Delivery], reader: Reader) -> Letter:
        """Write one message, or several as one."""

    def brief(self, delivery: Delivery) -> Brief:
        """Write one for a system."""


_composers: list[Composer] = []


def use(composer: Composer) -> None:
    """Have messages written by this from now on."""
    _composers[:] = [composer]


def composer() -> Composer:
    """Return who writes. Raises LookupError when nobody does."""
    if not _composers:
        raise LookupError("Nobody writes the messages: no app handed in a composer.")
    return _composers[0]
