"""Flows that are unusually quiet: usually forty records a day, today none, and nobody has said a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Sum
from django.utils import timezone

from apicenter.notifications.incidents import Fact
from apicenter.notifications.models import Incident
from flows.models import Flow, Tally

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKS = 4
FEWEST = 5  # a flow that brings less than that on such a day may well bring nothing for once


def usual_count(now: int, earlier: Sequence[int]) -> int | None:
    """Return how many records such a day usually brings, if none today is a surprise; `earlier` are the same hours of
    the weeks before. Pure."""
    if now or len(earlier) < WEEKS or min(earlier) < FEWEST:
        return None
    return round(median(earlier))


def quiet_flows(now: datetime | None = None) -> Iterator[Fact]:
    """Yield active flows of the organization in context that read nothing in the last 24 hours, though on the same day
    of each of the last weeks they did."""
    at = now or timezone.now()
    old_enough = Flow.objects.filter(state=Flow.State.ACTIVE, created_at__lte=at - WEEK * WEEKS - DAY)
    for flow in old_enough.exclude(every_minutes=None, daily_at=None, cron=""):
        if _read_between(flow, at - DAY, at):
            continue
        earlier = [_read_between(flow, at - DAY - WEEK * weeks, at - WEEK * weeks) for weeks in range(1, WEEKS + 1)]
        usual = usual_count(0, earlier)
        if usual is not None:
            yield Fact(Incident.Kind.QUIET, f"quiet:{flow.pk}", "flow.quiet", {"usual": str(usual)}, flow_id=flow.pk)


def _read_between(flow: Flow, since: datetime, until: datetime) -> int:
    tallies = Tally.objects.filter(run__flow=flow, run__created_at__gte=since, run__created_at__lt=until)
    return tallies.aggregate(read=Sum("read"))["read"] or 0
