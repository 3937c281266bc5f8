"""What came back from an API: the answer itself, what a refusal says, and what the headers tell about limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

EXCERPT = 300
EPOCH = 10**9  # a smaller number is seconds from now, a larger one a moment
DEFAULT_WAIT = timedelta(seconds=60)
REFUSALS = frozenset({400, 409, 412, 422})
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. Header names are lower-case; numbers with a point are Decimal; no body is None."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a refusal says. `code` is a cause of apicenter/causes/ if the connector knows one."""

    text: str
    field: str = ""
    code: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)  # `field` is taken by the line above


class Dialect:
    """How an API words its failures. A connector overrides what only its API does."""

    def explain(self, answer: Answer) -> Explanation:
        """Return the API's own words: `errors[].title`, `message`, `title` and `detail`, or the start of the text."""
        body = answer.body if isinstance(answer.body, dict) else {}
        errors = body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        if isinstance(first, dict) and first.get("title"):
            return Explanation(_cut(first["title"]))
        if body.get("message"):
            return Explanation(_cut(body["message"]))
        if body.get("title"):
            return Explanation(_cut(": ".join(str(body[name]) for name in ("title", "detail") if body.get(name))))
        return Explanation(_cut(answer.text))

    def is_refusal(self, answer: Answer) -> bool:
        """Return whether the API understood the request and will not do it: nothing was changed there."""
        return answer.status in REFUSALS

    def is_auth_failure(self, answer: Answer) -> bool:
        """Return whether the token was not accepted: nothing was changed there."""
        return answer.status == UNAUTHORIZED


def _cut(text: object) -> str:
    return " ".join(str(text).split())[:EXCERPT]


@dataclass(frozen=True, slots=True)
class RateWord:
    """What the headers of an answer say about the limit; None where they say nothing."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


def read_rate_word(headers: Mapping[str, str], *, now: datetime) -> RateWord | None:
    """Return what X-RateLimit-* says, or None if it says nothing."""
    limit = _read_count(headers.get("x-ratelimit-limit"))
    remaining = _read_count(headers.get("x-ratelimit-remaining"))
    reset_at = _read_moment(headers.get("x-ratelimit-reset"), now=now)
    if limit is None and remaining is None and reset_at is None:
        return None
    return RateWord(limit, remaining, reset_at)


def read_retry_at(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return the moment Retry-After names, as seconds or as a date."""
    word = headers.get("retry-after", "").strip()
    if not word:
        return None
    try:
        return now + timedelta(seconds=max(0.0, float(word)))
    except (ValueError, OverflowError):
        pass
    try:
        moment = parsedate_to_datetime(word)
    except ValueError:
        return None
    return max(now, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_wait(headers: Mapping[str, str], *, now: datetime) -> datetime:
    """Return when to come back after a 429."""
    told = read_retry_at(headers, now=now) or _read_moment(headers.get("x-ratelimit-reset"), now=now)
    return max(now, told) if told else now + DEFAULT_WAIT


def _read_count(word: str | None) -> int | None:
    return int(word) if word and word.strip().isdecimal() else None


def _read_moment(word: str | None, *, now: datetime) -> datetime | None:
    if not word:
        return None
    try:
        number = float(word)
    except ValueError:
        return _read_iso(word.strip())
    try:
        return now + timedelta(seconds=number) if number < EPOCH else datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_iso(word: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
