"""The sum of today: every record read is accounted for, and of which kind it was."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from dashboard.marks import Sums
from dashboard.words import kind_count
from flows.models import Tally

NAMES = ("read", *Tally.BUCKETS)
KINDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Today:
    """What the runs that started today have read, and what became of it."""

    sums: Sums
    sent: dict[uuid.UUID, int]  # by flow
    by_kind: dict[str, dict[str, int]]  # bucket -> kind of record -> how many

    @property
    def created(self) -> str:
        return self._kinds("created")

    @property
    def updated(self) -> str:
        return self._kinds("updated")

    def _kinds(self, name: str) -> str:
        """Say of which kinds they are, the most frequent first: "22 orders, 14 customers"."""
        found = sorted(self.by_kind.get(name, {}).items(), key=lambda pair: (-pair[1], pair[0]))
        return ", ".join(kind_count(kind, count) for kind, count in found[:KINDS_NAMED])


def today() -> Today:
    """Add up the tallies of the runs that started today, in the organization's time zone: one query."""
    rows = Tally.objects.filter(run__created_at__gte=start_of_today()).order_by()
    sums = dict.fromkeys(NAMES, 0)
    sent: dict[uuid.UUID, int] = {}
    by_kind: dict[str, dict[str, int]] = {}
    totals = {f"sum_{name}": Sum(name) for name in NAMES}
    found: Iterable[dict[str, Any]] = rows.values("run__flow_id", "kind").annotate(**totals)  # type: ignore[assignment]
    for row in found:
        flow = row["run__flow_id"]
        sent[flow] = sent.get(flow, 0) + row["sum_created"] + row["sum_updated"]
        for name, count in _counted(row):
            sums[name] += count
            kinds = by_kind.setdefault(name, {})
            kinds[row["kind"]] = kinds.get(row["kind"], 0) + count
    return Today(Sums(**sums), sent, by_kind)


def _counted(row: dict[str, Any]) -> Iterator[tuple[str, int]]:
    return ((name, row[f"sum_{name}"]) for name in NAMES if row[f"sum_{name}"])


def start_of_today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
