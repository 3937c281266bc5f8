"""The rate limit of a lane, shared by every process: calls are taken from the lane's row in small blocks.

A worker never waits here. When nothing is left, `take` says when to come back and the slot goes to other work.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import F

from apicenter.errors import RateLimited
from connectors.allowance import Grant, Granted, Heard, LaneState, give_back, grant, hear
from connectors.answers import RateWord
from connectors.models import Lane
from connectors.threads import on_owner

__all__ = ["Granted", "LaneBudget", "LaneState", "block_lane", "grant", "reserve"]

BLOCK, LARGEST_BLOCK = 10, 100
BLOCKS = 20  # a window is worth at least so many, so that several processes get their share
SHELF_SECONDS = 0.8  # a granted call is spent within this, or given back; below the ledger's slack
ATTEMPTS = 50
LONGEST_BLOCK = 3600.0
JITTER = 0.1
MOMENTS = ("reset_at", "heard_at", "blocked_until", "interactive_at")
COLUMNS = ("version", "limit_calls", "limit_seconds", "is_sliding", "grants", "remaining", *MOMENTS)


def reserve(
    lane_id: int,
    wanted: int,
    *,
    is_interactive: bool,
    now: float,
    heard: Heard | None = None,
    unspent: Sequence[Grant] = (),
) -> Granted:
    """Take up to `wanted` calls from the lane, note what was heard, and give back what was not spent: one UPDATE."""

    def change(state: LaneState) -> tuple[LaneState, Granted]:
        state = hear(state, heard) if heard else state
        state = give_back(state, unspent) if unspent else state
        return grant(state, wanted, now, is_interactive) if wanted else (state, Granted(0, now))

    return _change(lane_id, change) or Granted(0, now + 1)


def block_lane(lane_id: int, *, until: float, now: float) -> float:
    """Stop every call of the lane until then, at most an hour and a little spread; returns the moment."""
    wait = min(max(0.0, until - now) * (1 + random.uniform(0, JITTER)), LONGEST_BLOCK)  # noqa: S311
    earlier = Lane.objects.filter(pk=lane_id).exclude(blocked_until__gte=_moment(now + wait))
    earlier.update(blocked_until=_moment(now + wait), version=F("version") + 1)
    return now + wait


def _change(lane_id: int, change: Callable[[LaneState], tuple[LaneState, Granted]]) -> Granted | None:
    for _ in range(ATTEMPTS):
        row = Lane.objects.values(*COLUMNS).get(pk=lane_id)
        before = _state(row)
        after, granted = change(before)
        if after == before:
            return granted
        version = row["version"]
        if Lane.objects.filter(pk=lane_id, version=version).update(version=version + 1, **_columns(after)):
            return granted
    return None  # the lane is very busy


def _state(row: dict[str, Any]) -> LaneState:
    return LaneState(
        limit=row["limit_calls"],
        seconds=row["limit_seconds"],
        is_sliding=row["is_sliding"],
        grants=tuple((at, count) for at, count in row["grants"]),
        remaining=row["remaining"],
        **{name: row[name] and row[name].timestamp() for name in MOMENTS},
    )


def _columns(state: LaneState) -> dict[str, Any]:
    moments = {name: _moment(getattr(state, name)) for name in MOMENTS}
    return {"grants": state.grants, "remaining": state.remaining, "limit_calls": state.limit, **moments}


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


class LaneBudget:
    """The calls one slice of work may make on a lane; a few are held in memory."""

    def __init__(
        self, lane_id: int, *, system: str, is_interactive: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._lane_id = lane_id
        self._system = system
        self._is_interactive = is_interactive
        self._clock = clock
        self._lock = threading.Lock()
        self._left = 0
        self._granted_at = 0.0
        self._is_stale = False
        self._stopped_until = 0.0
        self._heard: Heard | None = None

    def take(self) -> None:
        """Spend one call. Raises RateLimited with the moment to come back."""
        with self._lock:  # held while the block is fetched, so that waiting threads do not fetch another
            now = self._clock()
            if self._stopped_until > now:
                raise self._limited()
            if not self._left or self._is_stale or now - self._granted_at > SHELF_SECONDS:
                self._refill(now)
            self._left -= 1

    def heard(self, word: RateWord) -> None:
        """Keep the server's word in memory; the next block writes it."""
        reset_at = word.reset_at.timestamp() if word.reset_at else None
        with self._lock:
            self._heard = Heard(self._clock(), word.limit, word.remaining, reset_at, self._left)
            self._is_stale = word.remaining == 0  # ask again before the next call

    def block(self, until: datetime) -> None:
        """Stop the whole lane: the server said 429."""
        now = self._clock()
        stopped_until = on_owner(lambda: block_lane(self._lane_id, until=until.timestamp(), now=now))
        with self._lock:
            self._stopped_until = max(self._stopped_until, stopped_until)

    def close(self) -> None:
        """Give back what was not spent and write what was heard."""
        with self._lock:
            if self._left or self._heard:
                self._exchange(0, self._clock())

    def _refill(self, now: float) -> None:
        limit = (self._heard.limit if self._heard else None) or 0
        granted = self._exchange(min(max(BLOCK, limit // BLOCKS), LARGEST_BLOCK), now)
        if not granted.count:
            self._stopped_until = granted.retry_at
            raise self._limited()

    def _exchange(self, wanted: int, now: float) -> Granted:
        """Give back what is left, tell what was heard, and get `wanted` calls."""
        unspent = [(self._granted_at, self._left)] if self._left else []
        heard, self._heard = self._heard, None
        self._left, self._is_stale = 0, False
        granted = on_owner(
            lambda: reserve(
                self._lane_id, wanted, is_interactive=self._is_interactive, now=now, heard=heard, unspent=unspent
            )
        )
        self._left, self._granted_at = granted.count, now
        return granted

    def _limited(self) -> RateLimited:
        return RateLimited(retry_at=_moment(self._stopped_until), system=self._system)
