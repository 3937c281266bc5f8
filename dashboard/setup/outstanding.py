"""What is left to answer before a set-up may be activated, and how much was answered already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import ngettext

from apicenter.audit import record_change
from connectors.maps import NoPair
from flows.models import Flow, ValueRow


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The answers of some flows: `is_open` would hold a record back, `suggested` is filled in but not looked at."""

    open: int
    suggested: int
    total: int

    @property
    def count(self) -> int:
        return self.open + self.suggested

    @property
    def answered(self) -> int:
        return self.total - self.count

    @property
    def words(self) -> str:
        """Say what is left, or ""."""
        is_open = ngettext("%(count)s answer is open", "%(count)s answers are open", self.open)
        suggested = ngettext(
            "%(count)s suggestion is to be looked at", "%(count)s suggestions are to be looked at", self.suggested
        )
        counted = ((is_open, self.open), (suggested, self.suggested))
        return ", ".join(text % {"count": count} for text, count in counted if count)


def outstanding(flows: Iterable[Flow]) -> Outstanding:
    """Count what is left for these flows."""
    rows = _rows(flows)
    needed = rows.filter(table__no_pair=NoPair.BLOCK)
    is_open = needed.filter(is_confirmed=False, value="", is_left_open=False).count()
    suggested = _suggested(rows).count()
    optional = rows.exclude(table__no_pair=NoPair.BLOCK).exclude(value="").count()
    return Outstanding(is_open, suggested, needed.count() + optional)


def _rows(flows: Iterable[Flow]) -> QuerySet[ValueRow]:
    return ValueRow.objects.filter(table__flow__in=[flow.pk for flow in flows])


def _suggested(rows: QuerySet[ValueRow]) -> QuerySet[ValueRow]:
    return rows.filter(~Q(value=""), is_confirmed=False)


@transaction.atomic
def confirm_all(flows: Iterable[Flow]) -> int:
    """Take every suggestion of these flows as it stands: a person has looked at them. Returns how many."""
    rows = list(_suggested(_rows(flows)).annotate(table_name=F("table__name")))
    for row in rows:
        record_change(
            "table.confirmed", subject=f"{row.table_name}: {row.key_label or row.key}", after={"value": row.value}
        )
    ValueRow.objects.filter(pk__in=[row.pk for row in rows]).update(is_confirmed=True)
    return len(rows)
