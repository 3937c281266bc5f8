"""How much of a vendor's allowance of calls is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import ngettext

from connectors.models import Lane

SCARCE = 0.25


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls of the present window."""

    limit: int | None
    used: int
    seconds: int
    reset_at: datetime | None
    blocked_until: datetime | None

    @property
    def is_scarce(self) -> bool:
        return self.limit is not None and self.limit - self.used < SCARCE * self.limit

    @property
    def words(self) -> str:
        """What is counted: "calls this minute", "calls in 60 minutes"."""
        count = self.minutes
        return ngettext("calls this minute", "calls in %(count)s minutes", count) % {"count": count}

    @property
    def minutes(self) -> int:
        return max(1, round(self.seconds / 60))


def budget_of(lane: Lane | None) -> Budget | None:
    """Return the budget of a lane: by the server's own word while it holds, by what we gave out otherwise."""
    if lane is None:
        return None
    now = timezone.now()
    told = lane.remaining is not None and lane.reset_at is not None and lane.reset_at > now
    given = sum(calls for at, calls in lane.grants if at > now.timestamp() - lane.limit_seconds)
    used = given
    if told and lane.limit_calls is not None and lane.remaining is not None:
        used = max(0, lane.limit_calls - lane.remaining)
    return Budget(
        limit=lane.limit_calls,
        used=used,
        seconds=round(lane.limit_seconds),
        reset_at=lane.reset_at if told else None,
        blocked_until=lane.blocked_until if lane.blocked_until and lane.blocked_until > now else None,
    )
