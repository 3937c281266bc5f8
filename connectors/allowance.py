"""How many calls may go out now: an exact ledger of a sliding window, and the server's own word. Pure; times are unix.

The ledger notes when calls were granted. They may be spent up to SLACK later, so an entry counts that much longer
than the window: however they are spent, no window of the server's ever holds more than the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from apicenter.clocks import CLOCKS_DIFFER

SLACK = 1.0
ENTRIES = 600  # the ledger's resolution: a window is divided into this many entries at most
DIFFERENCE = CLOCKS_DIFFER.total_seconds()
RESERVE = 0.15  # of the limit, left by bulk work for people who wait
RESERVE_SECONDS = 600.0  # a reserve nobody used lately would only cost speed

Grant = tuple[float, int]


@dataclass(frozen=True, slots=True)
class LaneState:
    """What is known about one rate limit. None = unknown."""

    limit: int | None
    seconds: float
    is_sliding: bool = True
    grants: tuple[Grant, ...] = ()
    remaining: int | None = None
    reset_at: float | None = None
    heard_at: float | None = None
    blocked_until: float | None = None
    interactive_at: float | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """How many calls may go out; if none, when to ask again."""

    count: int
    retry_at: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What the server said at a moment, and how many granted calls were not spent by then."""

    at: float
    limit: int | None
    remaining: int | None
    reset_at: float | None
    unspent: int = 0


def grant(state: LaneState, wanted: int, now: float, is_interactive: bool) -> tuple[LaneState, Granted]:
    """Grant up to `wanted` calls at once."""
    state = _forget(_believable(state, now), now)
    if is_interactive:
        state = replace(state, interactive_at=now)
    if state.blocked_until is not None:
        return state, Granted(0, state.blocked_until)
    reserve = 0 if is_interactive else _reserve(state, now)
    bounds = _bounds(state, now, reserve)
    count = min([wanted, *(free for free, _ in bounds)])
    if count <= 0:
        return state, Granted(0, max((moment for free, moment in bounds if free <= 0), default=now))
    remaining = None if state.remaining is None else state.remaining - count
    return replace(state, grants=_noted(state, now, count), remaining=remaining), Granted(count, now)


def hear(state: LaneState, heard: Heard) -> LaneState:
    """Take over what the server said, unless something later is known."""
    if state.heard_at is not None and heard.at < state.heard_at <= heard.at + DIFFERENCE:
        return state
    state = replace(state, limit=heard.limit or state.limit)
    if heard.remaining is None:
        return state
    latest = heard.at + state.seconds
    reset_at = latest if heard.reset_at is None else heard.reset_at
    if state.is_sliding:
        reset_at = min(reset_at, latest)  # the server's clock may be ahead of ours
    return replace(state, remaining=heard.remaining - heard.unspent, reset_at=reset_at, heard_at=heard.at)


def give_back(state: LaneState, unspent: Sequence[Grant]) -> LaneState:
    """Take calls that were granted and not made out of the ledger again."""
    counts = {_bucket(state, at): count for at, count in unspent}
    grants = []
    for at, count in state.grants:
        left = count - counts.pop(_bucket(state, at), 0)
        if left > 0:
            grants.append((at, left))
    remaining = None if state.remaining is None else state.remaining + sum(count for _, count in unspent)
    return replace(state, grants=tuple(grants), remaining=remaining)


def _believable(state: LaneState, now: float) -> LaneState:
    """Take what a clock that was ahead has noted as of now: calls still count, what was said of later does not."""
    latest = now + DIFFERENCE
    if state.heard_at is not None and state.heard_at > latest:
        state = replace(state, remaining=None, reset_at=None, heard_at=None)
    if state.interactive_at is not None and state.interactive_at > latest:
        state = replace(state, interactive_at=now)
    early = sum(count for at, count in state.grants if at > latest)
    if not early:
        return state
    return replace(state, grants=(*(row for row in state.grants if row[0] <= latest), (now, early)))


def _forget(state: LaneState, now: float) -> LaneState:
    start = now - state.seconds - SLACK
    state = replace(state, grants=tuple(row for row in state.grants if row[0] > start))
    if state.blocked_until is not None and state.blocked_until <= now:
        state = replace(state, blocked_until=None)
    if state.reset_at is None or state.reset_at > now:
        return state
    if state.is_sliding:  # the oldest call has left the window; how many others did, the ledger knows
        return replace(state, remaining=None, reset_at=None)
    if state.reset_at + SLACK > now:  # told in whole seconds
        return state
    grants = tuple(row for row in state.grants if row[0] >= state.reset_at)
    return replace(state, grants=grants, remaining=None, reset_at=None)


def _reserve(state: LaneState, now: float) -> int:
    is_used = state.interactive_at is not None and now - state.interactive_at < RESERVE_SECONDS
    return int(state.limit * RESERVE) if is_used and state.limit else 0


def _bounds(state: LaneState, now: float, reserve: int) -> list[tuple[int, float]]:
    """What each rule leaves free, and when it will leave more."""
    bounds = []
    if state.remaining is not None:
        reset_at = now if state.reset_at is None else state.reset_at
        bounds.append((state.remaining - reserve, max(reset_at + (0 if state.is_sliding else SLACK), now)))
    if state.limit is not None and (state.is_sliding or state.remaining is None):
        free = state.limit - reserve - sum(count for _, count in state.grants)
        bounds.append((free, _free_at(state, now, needed=1 - free)))
    return bounds


def _free_at(state: LaneState, now: float, *, needed: int) -> float:
    if needed <= 0:
        return now
    freed = accumulate(count for _, count in state.grants)
    ends = (at + state.seconds + SLACK for at, _ in state.grants)
    return next((end for end, count in zip(ends, freed, strict=True) if count >= needed), now + state.seconds)


def _noted(state: LaneState, now: float, count: int) -> tuple[Grant, ...]:
    if state.limit is None:
        return state.grants
    if state.grants and _bucket(state, state.grants[-1][0]) == _bucket(state, now):
        return (*state.grants[:-1], (now, state.grants[-1][1] + count))
    return (*state.grants, (now, count))


def _bucket(state: LaneState, at: float) -> int:
    return int(at * ENTRIES / state.seconds)
