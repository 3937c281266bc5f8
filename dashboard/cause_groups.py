"""What needs a person, as tasks: one group per cause, so that one decision sends all of its records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.fixes import NO_PAIR, FixLink, cause_sentence, fix_link, reason_of
from dashboard.masking import mask_emails
from dashboard.words import table_title
from flows.models import Flow, RunRecord, ValueRow, ValueTable

SHOWN = 10

# The parameters that make two failures of one code the same task. A code that is not here is one task per flow.
TASK_PARAMS: dict[str, tuple[str, ...]] = {
    "value.no_pair": ("table", "key"),
    "vat.no_pair": ("table", "key"),
    "product.missing": ("sku", "system"),
    "match.ambiguous": ("key", "system", "candidates"),
    "refused.by_target": ("answer", "system"),
    "permission.missing": ("what", "system"),
    "setting.missing": ("setting",),
    "mapping.failed": ("field", "why"),
    "mapping.required": ("field",),
    "currency.unknown": ("currency", "system"),
    "period.closed": ("date", "system"),
}
# What a task is called when its records differ in the details.
HEADLINES: dict[str, Promise] = {
    "totals.differ": _("The totals of these records differ between the two systems. Nothing was sent."),
    "record.unreadable": _("These records cannot be read."),
    "line.without_product": _("These orders have lines that name no product."),
    "key.duplicate": _("The same key stands more than once. Only the first record was sent."),
    "dependency.failed": _("Something these records need could not be made first, so they were not sent."),
    "outcome.unresolved": _("These records were never confirmed. Look for them before they are sent again."),
    "remote.not_found": _("These records no longer exist where they were read."),
}
ICONS = {
    "value.no_pair": "table",
    "vat.no_pair": "receipt-tax",
    "product.missing": "package-off",
    "match.ambiguous": "users",
    "totals.differ": "receipt-tax",
    "internal": "alert-triangle",
}


@dataclass(slots=True)
class CauseGroup:
    """One task: a cause with all records it holds back."""

    key: str
    flow: Flow
    code: str
    params: dict[str, Any]
    records: list[RunRecord] = field(default_factory=list)
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
    def since(self) -> datetime:
        return min(record.created_at for record in self.records)

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
        return self.params.get("choices", []) if self.code == "match.ambiguous" and self.count == 1 else []

    @property
    def table_title(self) -> str:
        return table_title(self.flow.kind, self.params.get("table", ""))


def open_records() -> list[RunRecord]:
    """Return everything that needs a person, newest first, without its contents."""
    rows = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).select_related("flow__source", "flow__target")
    return list(rows.defer("source", "exchange").order_by("-created_at", "-pk"))


def groups_of(records: Iterable[RunRecord]) -> list[CauseGroup]:
    """Return the tasks in these records, the largest first, each with the value table that would solve it."""
    groups: dict[str, CauseGroup] = {}
    for record in records:
        key = _key_of(record)
        group = groups.setdefault(key, CauseGroup(key, record.flow, record.code, record.params))
        group.records.append(record)
    ordered = sorted(groups.values(), key=lambda group: (-group.count, group.since))
    _add_tables([group for group in ordered if group.code in NO_PAIR])
    return ordered


def _key_of(record: RunRecord) -> str:
    parts = [str(record.flow_id), record.code]
    parts += [str(record.params.get(name, "")) for name in TASK_PARAMS.get(record.code, ())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


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
