"""What every page says about the trial: the card at the side, and the banner above the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from flows.models import Flow
from flows.plans.charging import PAUSED_FOR_MONEY, find_subscription, is_charging


@dataclass(frozen=True, slots=True)
class Notice:
    """The state of the free days, or that flows are paused for want of a plan."""

    is_over: bool
    has_plan: bool
    day: int
    days: int
    days_left: int
    ends_at: datetime
    paused: int = 0
    keep_days: int = 90


def notice_of(*, now: datetime | None = None) -> Notice | None:
    """Return what to say, or None: nothing is charged, no day has begun, or a plan covers all that ran."""
    moment = now or timezone.now()
    subscription = find_subscription() if is_charging() else None
    trial = subscription.trial if subscription else None
    if subscription is None or trial is None:
        return None
    is_over, has_plan = trial.is_over(moment), subscription.has_plan(moment)
    paused = Flow.objects.filter(pause_code__in=PAUSED_FOR_MONEY).count() if is_over else 0
    if has_plan or (is_over and not paused):
        return None
    return Notice(
        is_over,
        has_plan,
        trial.day(moment),
        trial.days,
        trial.days_left(moment),
        trial.ends_at,
        paused,
        settings.ENV.KEEP_DAYS,
    )
