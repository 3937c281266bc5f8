"""What was read before an interruption, so that a portion which is read again costs only the calls that are missing.

A portion takes many calls: a page of a list, each of its records in full, look-ups in the target. Without this, one
refused call would cost all of them. Only clear answers to reads are kept, for a few minutes and up to a size; a write
through the same client drops them all, as what was looked up before it may no longer hold.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import Answer
from connectors.core import JSONDict
from connectors.payloads import decode

KEPT_FOR = timedelta(minutes=10)
KEPT_CHARACTERS = 8_000_000  # of all answers of one client together; what is beyond that is simply read again
KEPT_HEADERS = ("etag", "location")


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    answer: Answer


def request_key(method: str, url: str, content: bytes) -> str:
    """Return what stands for one request: the same for the same question."""
    return hashlib.sha256(f"{method} {url}\n".encode() + content).hexdigest()[:32]


class Memory:
    """The answers of one client for one portion. `find` and `note` may be called from crew threads."""

    def __init__(self, stored: Mapping[str, Any] | None = None, *, now: datetime) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._earlier = {key: kept for key, row in (stored or {}).items() if (kept := _read(row, now)) is not None}
        self._fresh: dict[str, _Kept] = {}
        self._size = sum(len(kept.answer.text) for kept in self._earlier.values())

    @property
    def has_grown(self) -> bool:
        """Whether anything was read that an earlier attempt had not."""
        return bool(self._fresh)

    def find(self, key: str) -> Answer | None:
        """Return what an earlier attempt was answered. Within one attempt every question is asked as often as put."""
        kept = self._earlier.get(key)
        return kept.answer if kept else None

    def note(self, key: str, answer: Answer) -> None:
        """Keep an answer for the next attempt."""
        with self._lock:
            if self._size + len(answer.text) <= KEPT_CHARACTERS:
                self._size += len(answer.text)
                self._fresh[key] = _Kept(self._now, answer)

    def forget(self) -> None:
        """Something was written: ask anew."""
        with self._lock:
            self._earlier, self._fresh, self._size = {}, {}, 0

    def to_json(self) -> JSONDict:
        """Return everything for `stored` of the next attempt."""
        with self._lock:
            return {key: _written(kept) for key, kept in {**self._earlier, **self._fresh}.items()}


def _written(kept: _Kept) -> list[Any]:
    headers = {name: kept.answer.headers[name] for name in KEPT_HEADERS if name in kept.answer.headers}
    return [kept.at.isoformat(), kept.answer.status, headers, kept.answer.text]


def _read(row: list[Any], now: datetime) -> _Kept | None:
    at, status, headers, text = row
    moment = datetime.fromisoformat(at)
    if not now - KEPT_FOR <= moment <= now:
        return None
    return _Kept(moment, Answer(status, headers, decode(text), text))
