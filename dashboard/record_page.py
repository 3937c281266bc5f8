"""What the page of one record shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.cause_groups import known_values
from dashboard.fixes import NO_PAIR, FixLink, fix_link, reason_of
from dashboard.marks import Mark, mark_of_record
from dashboard.panes import Pane, open_sealed, pane_of, safe_link
from dashboard.words import table_title
from flows.models import RunRecord, ValueRow, ValueTable

EARLIER = 10
LINK_NAMES = ("web_url", "url")  # under these a system gives the address of a record in its own pages


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record with everything that is known about it."""

    record: RunRecord
    mark: Mark
    reason: str
    fix: FixLink | None
    received: Pane
    sent: Pane
    answer: Pane
    source_url: str
    target_url: str
    found_by: str
    earlier: list[RunRecord]
    table: ValueTable | None
    known: list[ValueRow]

    @property
    def needs_you(self) -> bool:
        return self.record.state == RunRecord.State.NEEDS_YOU

    @property
    def waits_for_pair(self) -> bool:
        """Whether sending it again cannot help before a counterpart is chosen."""
        return self.needs_you and self.table is not None

    @property
    def table_title(self) -> str:
        return table_title(self.record.flow.kind, self.table.name) if self.table else ""

    @property
    def was_sent(self) -> bool:
        return not self.sent.is_empty


def build_record_page(record: RunRecord) -> RecordPage:
    """Open the stored contents of a record and gather what explains it."""
    source, source_opens = open_sealed(record.read_source)
    exchange, exchange_opens = open_sealed(record.read_exchange)
    exchange = exchange if isinstance(exchange, dict) else {}
    table = _missing_table(record)
    return RecordPage(
        record=record,
        mark=mark_of_record(record.state),
        reason=reason_of(record),
        fix=fix_link(record.flow, record.code) if record.state in RunRecord.OPEN and record.code else None,
        received=pane_of(source, is_readable=source_opens),
        sent=pane_of(exchange.get("sent"), is_readable=exchange_opens),
        answer=pane_of(exchange.get("answer"), is_readable=exchange_opens),
        source_url=_link_in(source),
        target_url=safe_link(exchange.get("url")),
        found_by=str(exchange.get("found_by") or ""),
        earlier=_earlier(record),
        table=table,
        known=known_values(table) if table else [],
    )


def _missing_table(record: RunRecord) -> ValueTable | None:
    if record.code not in NO_PAIR:
        return None
    tables = ValueTable.objects.filter(flow=record.flow, name=record.params.get("table", ""))
    return tables.prefetch_related("rows").first()


def _link_in(source: Any) -> str:
    if not isinstance(source, dict):
        return ""
    return next((safe_link(source.get(name)) for name in LINK_NAMES if safe_link(source.get(name))), "")


def _earlier(record: RunRecord) -> list[RunRecord]:
    rows = RunRecord.objects.filter(flow=record.flow, kind=record.kind, source_key=record.source_key)
    rows = rows.exclude(pk=record.pk).select_related("flow").defer("source", "exchange")
    return list(rows.order_by("-created_at")[:EARLIER])
