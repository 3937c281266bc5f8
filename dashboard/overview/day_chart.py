"""Records per day: a bar and a row of the table for each of the last days, in the organization's time zone.

A record counts for the day on which its run started.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.marks import Sums
from dashboard.overview.today import NAMES
from flows.models import Flow, Tally

LENGTHS = (7, 14, 30)
MOST_LINKS = 4  # flows; more of them are a list to choose from


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """How many days, and of which flow ("" = all). Values that make no sense are left out: a link may be old."""

    days: int = LENGTHS[0]
    flow: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> ChartChoice:
        days = query.get("days", "")
        try:
            flow = str(uuid.UUID(query.get("flow", ""))) if query.get("flow") else ""
        except ValueError:
            flow = ""
        return cls(int(days) if days in map(str, LENGTHS) else LENGTHS[0], flow)

    def query(self, **changes: object) -> str:
        """Return the choice as a query string, with something changed."""
        values = {"days": self.days, "flow": self.flow, **changes}
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class Day:
    """One bar."""

    date: date
    sums: Sums
    is_today: bool

    @property
    def label(self) -> str:
        return _("today") if self.is_today else date_format(self.date, "D j")

    @property
    def title(self) -> str:
        return date_format(self.date, "l j F")


@dataclass(frozen=True, slots=True)
class Link:
    """One choice above the chart."""

    text: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class DayChart:
    """The chart with its table."""

    choice: ChartChoice
    days: list[Day]
    flows: list[Flow]

    @property
    def is_empty(self) -> bool:
        return not any(day.sums.read for day in self.days)

    @property
    def has_many_flows(self) -> bool:
        return len(self.flows) > MOST_LINKS

    @property
    def flow_links(self) -> list[Link]:
        every = Link(_("All"), self.choice.query(flow=""), not self.choice.flow)
        return [every, *(self._flow_link(flow) for flow in self.flows)]

    def _flow_link(self, flow: Flow) -> Link:
        return Link(flow.title, self.choice.query(flow=flow.pk), str(flow.pk) == self.choice.flow)

    @property
    def length_links(self) -> list[Link]:
        return [
            Link(
                ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
                self.choice.query(days=days),
                days == self.choice.days,
            )
            for days in LENGTHS
        ]

    @property
    def sentence(self) -> str:
        """What somebody sees who looks at the chart."""
        count = self.choice.days
        if self.is_empty:
            return ngettext(
                "Records per day: nothing was read on the last day.",
                "Records per day: nothing was read in the last %(count)s days.",
                count,
            ) % {"count": count}
        most = max(self.days, key=lambda day: day.sums.read)
        return _(
            "Records per day, last %(days)s days: %(today)s read today, most on %(day)s with %(most)s. "
            "The same numbers are in the table below."
        ) % {
            "days": count,
            "today": number_format(self.days[-1].sums.read),
            "day": most.title,
            "most": number_format(most.sums.read),
        }


def build_chart(choice: ChartChoice, flows: list[Flow], *, today: date | None = None) -> DayChart:
    """Add up the last days: one query, however many runs there were."""
    last = today or timezone.localdate()
    days = [last - timedelta(days=back) for back in reversed(range(choice.days))]
    found = _sums_by_day(choice, first=days[0], last=last)
    return DayChart(choice, [Day(day, found.get(day, Sums()), day == last) for day in days], flows)


def _sums_by_day(choice: ChartChoice, *, first: date, last: date) -> dict[date, Sums]:
    zone = timezone.get_current_timezone()
    since = datetime.combine(first, time.min, tzinfo=zone)
    until = datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    rows = Tally.objects.filter(run__created_at__gte=since, run__created_at__lt=until).order_by()
    if choice.flow:
        rows = rows.filter(run__flow_id=choice.flow)
    by_day = rows.annotate(day=TruncDate("run__created_at", tzinfo=zone)).values("day")
    sums = {f"sum_{name}": Sum(name) for name in NAMES}
    totals: Iterable[dict[str, Any]] = by_day.annotate(**sums)  # type: ignore[assignment]
    return {row["day"]: Sums(**{name: row[f"sum_{name}"] for name in NAMES}) for row in totals}
