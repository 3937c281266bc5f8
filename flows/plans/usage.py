"""How many records each flow moved per month. It is shown, never charged."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from flows.models import Tally


@dataclass(frozen=True, slots=True)
class Use:
    """What one flow did in one month: records sent, and records read."""

    sent: int = 0
    read: int = 0


def use_by_month() -> dict[datetime, dict[UUID, Use]]:
    """Return the use of the organization in context by month (its own time zone), newest first, and by flow."""
    rows = (
        Tally.objects.annotate(month=TruncMonth("run__created_at"), flow=F("run__flow_id"))
        .values("month", "flow")
        .annotate(sent=Sum("created") + Sum("updated"), seen=Sum("read"))
        .order_by("-month")
    )
    found: dict[datetime, dict[UUID, Use]] = defaultdict(dict)
    for row in rows:
        found[row["month"]][row["flow"]] = Use(row["sent"], row["seen"])
    return dict(found)


def use_since(begin: datetime | None) -> dict[UUID, Use]:
    """Return what each flow did in runs since a moment, or ever."""
    tallies = Tally.objects.all() if begin is None else Tally.objects.filter(run__created_at__gte=begin)
    rows = tallies.values(flow=F("run__flow_id")).annotate(sent=Sum("created") + Sum("updated"), seen=Sum("read"))
    return {row["flow"]: Use(row["sent"], row["seen"]) for row in rows}
