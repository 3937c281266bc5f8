"""What needs a person, as tasks: one group per cause, so that one decision sends all of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.log.masking import mask_emails
from dashboard.needs.fixes import NO_PAIR, FixLink, cause_parts, cause_sentence, fix_link, reason_of
from dashboard.words import table_title
from flows.models import IS_OPEN, Flow, RunRecord, ValueRow, ValueTable
from flows.needs.behind import HeldRow, waits_for
from flows.needs.cause_keys import CHOOSING, cause_key

SHOWN = 25
SHOWN_BEHIND = 5

# What a task is called when its records differ in the details.
HEADLINES: dict[str, Promise] = {
    "product.retired": _("These items are no longer sold, but stand in the other system as products."),
    "totals.differ": _("The totals of these records differ between the two systems. Nothing was sent."),
    "totals.rates_differ": _("What is at each VAT rate differs between the two systems. Nothing was sent."),
    "totals.rates_differ_after": _("These documents were booked with other amounts per VAT rate than in the source."),
    "totals.differ_after": _("These documents were booked, and came to something else than in the source."),
    "record.unreadable": _("These records cannot be read."),
    "line.without_product": _("These orders have lines that name no product."),
    "key.duplicate": _("The same key stands more than once. Only the first record was sent."),
    "dependency.failed": _("Something these records need could not be made first, so they were not sent."),
    "outcome.unresolved": _("These records were never confirmed. Look for them before they are sent again."),
    "stock.short": _("There is not enough in stock for these orders."),
    "order.several": _("These deals have more than one accepted quotation."),
    "order.changed": _("These orders have changed since they were sent."),
    "order.changed_there": _("These orders have changed on both sides since they were sent."),
    "order.changed_late": _("These orders have changed since they were sent, and cannot be changed there any more."),
    "order.gone_there": _("These orders were cancelled or deleted there, and are orders again."),
    "order.lost": _("The deals of these orders were lost after they were sent."),
    "order.reopened": _("The deals of these orders were reopened after they were sent."),
    "order.withdrawn": _("The quotations of these orders were withdrawn after they were sent."),
    "order.lost_late": _("These are no orders any more, and cannot be cancelled from here."),
    "entry.changed": _("These journal entries are booked, and what they were made from has changed since."),
    "entry.ended": _("These journal entries are booked, and what they were made from is no order any more."),
    "entry.undone": _("These journal entries were reversed, and what they were made from is still an order."),
    "remote.not_found": _("These records no longer exist where they were read."),
    "drift.target_gone": _("These records no longer exist where they were sent."),
}
ICONS = {
    "value.no_pair": "table",
    "vat.no_pair": "receipt-tax",
    "product.missing": "package-off",
    "item.inactive": "package-off",
    "customer.inactive": "user",
    "product.retired": "archive",
    "match.ambiguous": "users",
    "match.suggested": "users",
    "totals.differ": "receipt-tax",
    "totals.rates_differ": "receipt-tax",
    "totals.differ_after": "receipt-tax",
    "totals.rates_differ_after": "receipt-tax",
    "internal": "alert-triangle",
    "stock.short": "package-off",
    "order.changed": "pencil",
    "order.changed_there": "pencil",
    "order.changed_late": "pencil",
    "entry.changed": "pencil",
}


@dataclass
class CauseGroup:
    """One task: a cause with all records it holds back."""

    key: str
    flow: Flow
    code: str
    params: dict[str, Any]
    records: list[RunRecord] = field(default_factory=list)
    behind: list[RunRecord] = field(default_factory=list)  # sent with them: orders of a customer that is unclear
    table: ValueTable | None = None
    known: list[ValueRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.records)

    @property
    def shown(self) -> list[RunRecord]:
        return self.records[:SHOWN]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.records) - SHOWN)

    @property
    def shown_behind(self) -> list[RunRecord]:
        return self.behind[:SHOWN_BEHIND]

    @property
    def hidden_behind(self) -> int:
        return max(0, len(self.behind) - SHOWN_BEHIND)

    @property
    def since(self) -> datetime:
        return min(record.created_at for record in self.records)

    @property
    def amounts(self) -> list[tuple[Decimal, str]]:
        """What waits, per currency, as far as the source says what its records come to."""
        sums: Counter[str] = Counter()
        for record in (*self.records, *self.behind):
            if record.amount is not None:
                sums[record.currency] += record.amount  # type: ignore[assignment]
        return [(Decimal(total), currency) for currency, total in sums.items()]

    @property
    def icon(self) -> str:
        return ICONS.get(self.code, "alert-circle")

    @property
    def title(self) -> str:
        """The sentence all records share, or the headline of what they have in common."""
        reasons = {reason_of(record) for record in self.records}
        if len(reasons) == 1:
            return mask_emails(reasons.pop())
        return str(HEADLINES.get(self.code) or mask_emails(cause_sentence(self.flow, self.code, self.params)))

    @property
    def headline(self) -> str:
        """What is wrong with all of them, without what to do about it."""
        return self._parts[0]

    @property
    def advice(self) -> str:
        """The rest of the sentence that they share: what it means and asks for."""
        return self._parts[1]

    @cached_property
    def _parts(self) -> tuple[str, str]:
        if not self.has_one_reason and self.code in HEADLINES:
            headline, stop, advice = str(HEADLINES[self.code]).partition(". ")
            return (headline if stop else headline.removesuffix(".")), advice
        params = self.records[0].params if self.records and self.has_one_reason else self.params
        wrong, advice = cause_parts(self.flow, self.code, params)
        return mask_emails(wrong), mask_emails(advice)

    @cached_property
    def has_one_reason(self) -> bool:
        return len({reason_of(record) for record in self.records}) == 1

    @property
    def fix(self) -> FixLink:
        return fix_link(self.flow, self.code)

    @property
    def is_missing_pair(self) -> bool:
        return self.code in NO_PAIR and self.table is not None

    @property
    def choices(self) -> list[dict[str, str]]:
        """The records that fit, when there is one to pick for: several records are decided one by one."""
        return self.params.get("choices", []) if self.code in CHOOSING and self.count == 1 else []

    @property
    def table_title(self) -> str:
        return table_title(self.flow.kind, self.params.get("table", ""))


def open_records() -> list[RunRecord]:
    """Return everything that needs a person, newest first, without its contents. Records of a flow share the flow."""
    rows = RunRecord.objects.filter(IS_OPEN, state=RunRecord.State.NEEDS_YOU).defer("source", "exchange")
    records = list(rows.order_by("-created_at", "-pk"))
    flows = Flow.objects.select_related("source", "target").in_bulk({record.flow_id for record in records})
    kept = [record for record in records if record.flow_id in flows]  # a flow may be deleted in between
    for record in kept:
        record.flow = flows[record.flow_id]
    return kept


def groups_of(records: Iterable[RunRecord]) -> list[CauseGroup]:
    """Return the tasks in these records, the largest first, each with the value table that would solve it.

    A record that only waits for another one of them stands behind that one's task, and makes none of its own.
    """
    rows = list(records)
    by_pk = {row.pk: row for row in rows}
    waiting = waits_for(HeldRow(row.pk, row.flow_id, row.source_key, row.code, row.params) for row in rows)
    groups: dict[str, CauseGroup] = {}
    for record in rows:
        first = by_pk[waiting.get(record.pk, record.pk)]
        key = cause_key(first.flow_id, first.code, first.params)
        group = groups.setdefault(key, CauseGroup(key, first.flow, first.code, first.params))
        (group.behind if record.pk in waiting else group.records).append(record)
    ordered = sorted(groups.values(), key=lambda group: (-group.count - len(group.behind), group.since))
    _add_tables([group for group in ordered if group.code in NO_PAIR])
    return ordered


def _add_tables(groups: list[CauseGroup]) -> None:
    tables = ValueTable.objects.filter(flow__in={group.flow.pk for group in groups}).prefetch_related("rows")
    by_name = {(table.flow_id, table.name): table for table in tables}
    for group in groups:
        group.table = by_name.get((group.flow.pk, group.params.get("table", "")))
        group.known = known_values(group.table) if group.table else []


def known_values(table: ValueTable) -> list[ValueRow]:
    """Return one row per value that the table already uses, to choose from."""
    rows = {row.value: row for row in table.rows.all() if row.value}
    return sorted(rows.values(), key=lambda row: (row.value_label or row.value).casefold())
