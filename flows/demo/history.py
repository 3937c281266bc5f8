"""A believable past of the demo organization: the runs of the last two weeks and their sums, so that charts show some.

Only runs and tallies, each in balance, and only for the demo organization. It ends with yesterday, by the
organization's calendar: today is for what really happens. Log rows are never made up: those there
are come from runs that really happened between the two sandboxes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from apicenter.organizations.zones import zone_of
from flows.models import Flow, Run, Tally

DAYS = 14
OPENS, CLOSES = 7, 20  # hours of the day in which people work
SECONDS = (4, 40)


def seed_demo_history(flows: list[Flow], *, now: datetime) -> int:
    """Store a past for flows of the demo organization that have none older than a day. Returns how many runs."""
    runs: list[Run] = []
    tallies: list[Tally] = []
    for flow in flows:
        if Run.objects.filter(flow=flow, created_at__lt=now - timedelta(days=1)).exists():
            continue
        for run, tally in _past_of(flow, now=now):
            runs.append(run)
            tallies.append(tally)
    Run.objects.bulk_create(runs, batch_size=200)
    Tally.objects.bulk_create(tallies, batch_size=200)
    return len(runs)


def _past_of(flow: Flow, *, now: datetime) -> list[tuple[Run, Tally]]:
    draw = Random(f"history {flow.kind}")  # noqa: S311 - a made-up past, no secret
    zone = zone_of(flow.organization)
    today = now.astimezone(zone).date()
    past: list[tuple[Run, Tally]] = []
    for day in (today - timedelta(days=back) for back in range(DAYS, 0, -1)):
        hours = range(OPENS, CLOSES) if day.weekday() < 5 else range(OPENS, CLOSES, 5)
        times = [datetime.combine(day, time(hour, draw.randint(0, 50)), tzinfo=zone) for hour in hours]
        past += [_one(flow, at, draw) for at in times]
    return past


def _one(flow: Flow, at: datetime, draw: Random) -> tuple[Run, Tally]:
    run = Run(
        flow=flow,
        trigger=Run.Trigger.SCHEDULE,
        state=Run.State.DONE,
        phase=Run.Phase.END,
        map_version=flow.map_version,
        created_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=draw.randint(*SECONDS)),
        calls_source=draw.randint(1, 6),
        calls_target=draw.randint(0, 30),
    )
    buckets = _buckets(flow.kind, draw)
    return run, Tally(run=run, kind=flow.kind, read=sum(buckets.values()), **buckets)


def _buckets(kind: str, draw: Random) -> dict[str, int]:
    if kind == "orders":
        return {
            "created": draw.choice((0, 1, 1, 2, 3, 5)),
            "unchanged": draw.randint(0, 2),
            "skipped": draw.choice((0, 0, 1)),
        }
    if kind == "stock":
        return {"updated": draw.choice((0, 1, 1, 2, 4)), "skipped": draw.choice((0, 0, 1))}
    if kind in ("order_status", "payments"):
        return {"updated": draw.choice((0, 0, 1, 2)), "skipped": draw.choice((0, 0, 1))}
    if kind == "invoices":
        return {"created": draw.choice((0, 0, 1, 2)), "unchanged": draw.choice((0, 0, 1))}
    if kind == "customers":
        return {"created": draw.choice((0, 0, 1)), "updated": draw.randint(0, 2), "unchanged": draw.randint(0, 4)}
    return {
        "created": draw.choice((0, 0, 0, 1, 2)),
        "updated": draw.randint(1, 14),
        "unchanged": draw.randint(0, 9),
        "skipped": draw.choice((0, 0, 1)),
    }
