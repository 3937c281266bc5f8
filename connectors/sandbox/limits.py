"""The rate limits of the two systems: a sliding window for Teamleader Focus, a fixed one for Visma.net ERP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Min

from connectors.sandbox.models import Account, Call
from connectors.sandbox.options import Options

KEEP_CALLS = timedelta(minutes=10)
_WINDOW = "rate_window"
_UNCOUNTED = (401, 429)


@dataclass(frozen=True)
class Budget:
    """What the limit leaves after this call."""

    limit: int
    remaining: int
    reset_at: datetime
    is_spent: bool = False  # this call is one too many


def take(account: Account, options: Options, *, now: datetime) -> Budget:
    """Count this call against the account's limit. The caller holds the account's row."""
    if options.limit_window == "fixed":
        return _take_fixed(account, options, now=now)
    window = timedelta(seconds=options.limit_seconds)
    seen = account.calls.filter(at__gt=now - window).exclude(status__in=_UNCOUNTED).exclude(path__startswith="/oauth2/")
    counted = seen.aggregate(used=Count("pk"), oldest=Min("at"))
    used = counted["used"]
    reset_at = (counted["oldest"] or now) + window
    return Budget(options.limit_calls, max(options.limit_calls - used - 1, 0), reset_at, used >= options.limit_calls)


def _take_fixed(account: Account, options: Options, *, now: datetime) -> Budget:
    # 15,000 rows would be slow to count for each call, so the window is a counter on the account.
    start = int(now.timestamp()) // options.limit_seconds * options.limit_seconds
    window, used = account.counters.get(_WINDOW, (start, 0))
    if window != start:
        used = 0
    reset_at = datetime.fromtimestamp(start + options.limit_seconds, tz=UTC)
    if used >= options.limit_calls:
        return Budget(options.limit_calls, 0, reset_at, is_spent=True)
    account.counters = {**account.counters, _WINDOW: [start, used + 1]}
    account.save(update_fields=["counters"])
    return Budget(options.limit_calls, options.limit_calls - used - 1, reset_at)


def record(account: Account, options: Options, *, method: str, path: str, status: int, now: datetime) -> None:
    """Keep the call for the window and for whoever looks; old ones go now and then."""
    call = Call.objects.create(account=account, at=now, method=method[:10], path=path[:300], status=status)
    if call.pk % 200 == 0:
        keep = max(KEEP_CALLS, timedelta(seconds=options.limit_seconds if options.limit_window == "sliding" else 0))
        account.calls.filter(at__lt=now - keep).delete()
