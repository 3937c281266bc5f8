"""What the page of one record shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.registry import UnknownConnector, connector_class
from dashboard.marks import Mark, mark_of_record
from dashboard.needs.answers import Reply, replies_to
from dashboard.needs.cause_groups import known_values
from dashboard.needs.fixes import NO_PAIR, FixLink, cause_sentence, fix_link, reason_of
from dashboard.record.difference_lines import DifferenceLine, difference_lines
from dashboard.record.entry_table import EntryTable, entry_table
from dashboard.record.field_lines import CHANGED, FAILED, KEPT, SAME, SENT, FieldLine, field_lines
from dashboard.record.field_names import FieldNames, plain_path
from dashboard.record.marked_lines import changed_marks, differing, fault_marks
from dashboard.record.panes import Pane, open_sealed, pane_of, safe_link
from dashboard.record.part_lines import PartLine, part_lines
from dashboard.record.record_verdict import verdict_of, why_not_again
from dashboard.record.tries_list import Step, steps_of
from dashboard.tables.choices import Choice
from dashboard.tables.choices import labels_of as labels_of_options
from dashboard.words import table_title
from flows.documents.confirming import DIFFERS, RATES_DIFFER
from flows.engine.work import labels_of
from flows.maps.checks import reason
from flows.models import Flow, RunRecord, ValueRow, ValueTable
from flows.needs.cause_keys import cause_key
from flows.needs.replays import can_take_back
from flows.needs.would_send import would_send
from flows.tables.option_lists import kept_list
from flows.tables.value_tables import spec_of

EARLIER = 10
BEFORE = (CHANGED, SAME, SENT, KEPT)  # states of a field of a record that stood there already
LINK_NAMES = ("web_url", "url")  # under these a system gives the address of a record in its own pages
SENT_STATES = (RunRecord.State.CREATED, RunRecord.State.UPDATED)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record with everything that is known about it."""

    record: RunRecord
    mark: Mark
    verdict: str
    reason: str
    why_not: str
    fix: FixLink | None
    received: Pane
    sent: Pane
    planned: Pane
    planned_note: str
    answer: Pane
    entry: EntryTable | None
    lines: list[FieldLine]
    parts: list[PartLine]
    steps: list[Step]
    source_url: str
    target_url: str
    found_by: str
    earlier: list[RunRecord]
    table: ValueTable | None
    known: list[ValueRow]
    choices: list[Choice]
    field: str
    differences: list[DifferenceLine]

    @property
    def needs_you(self) -> bool:
        return self.record.state == RunRecord.State.NEEDS_YOU

    @property
    def is_new(self) -> bool:
        """Whether nothing stood in the target before, so that no field has a value from before."""
        return all(line.state not in BEFORE for line in self.lines)

    @property
    def can_take_back(self) -> bool:
        return can_take_back(self.record)

    @property
    def is_booked(self) -> bool:
        """Whether it stands in the target and only its totals are in question: sending it again compares them again."""
        return self.needs_you and self.record.code in (DIFFERS, RATES_DIFFER)

    @property
    def replies(self) -> list[Reply]:
        """What may be answered to its cause, where that is left to a person."""
        return replies_to(self.record.code) if self.needs_you else []

    @property
    def waits_for_pair(self) -> bool:
        """Whether sending it again cannot help before a counterpart is chosen."""
        return self.needs_you and self.table is not None

    @property
    def url_list(self) -> str:
        """Where the counterpart can be chosen from the list of the other system."""
        key = cause_key(self.record.flow_id, self.record.code, self.record.params)
        return f"{reverse('dashboard:needs_you')}?lists=1#cause-{key}"

    @property
    def table_title(self) -> str:
        return table_title(self.record.flow.kind, self.table.name) if self.table else ""

    @property
    def was_sent(self) -> bool:
        return not self.sent.is_empty

    @property
    def shown_lines(self) -> list[FieldLine]:
        return [line for line in self.lines if not line.is_quiet]

    @property
    def has_failed_field(self) -> bool:
        return any(line.state == FAILED for line in self.lines)


def build_record_page(record: RunRecord) -> RecordPage:
    """Open the stored contents of a record and gather what explains it."""
    source, source_opens = open_sealed(record.read_source)
    exchange, exchange_opens = open_sealed(record.read_exchange)
    exchange = exchange if isinstance(exchange, dict) else {}
    source_before, exchange_before = _contents_before(record)
    lines = field_lines(record, exchange, exchange_before)
    entry = entry_table(record.flow, exchange.get("fields") or exchange.get("sent"))
    if entry is not None:  # its lines stand in a table of their own
        lines = [line for line in lines if "[" not in line.path]
    planned, planned_note = _planned(record, exchange)
    table = _missing_table(record)
    is_open = record.state in RunRecord.OPEN
    received_marks = changed_marks(differing(source, source_before))
    changed = {line.path for line in lines if line.state == "changed"}
    return RecordPage(
        record=record,
        mark=mark_of_record(record.state),
        verdict=verdict_of(record, lines, was_sent=bool(exchange.get("sent"))),
        reason=reason_of(record),
        why_not=why_not_again(record, waits_for_pair=table is not None),
        fix=fix_link(record.flow, record.code) if is_open and record.code else None,
        received=pane_of(
            source,
            is_readable=source_opens,
            marks=fault_marks(record.params, received_marks) if is_open else received_marks,
        ),
        sent=pane_of(exchange.get("sent"), is_readable=exchange_opens, marks=changed_marks(changed)),
        planned=planned,
        planned_note=planned_note,
        answer=pane_of(exchange.get("answer"), is_readable=exchange_opens),
        entry=entry,
        lines=lines,
        parts=part_lines(exchange.get("parts")),
        steps=steps_of(record),
        source_url=_source_url(record, source),
        target_url=safe_link(exchange.get("url")),
        found_by=str(exchange.get("found_by") or ""),
        earlier=_earlier(record),
        table=table,
        known=known_values(table) if table else [],
        choices=_choices(table) if table else [],
        field=FieldNames.of(record.flow, record.kind).target(record.field) if record.field else "",
        differences=difference_lines(record),
    )


def _planned(record: RunRecord, exchange: dict[str, Any]) -> tuple[Pane, str]:
    """Return what a held record would be sent as, with what is still missing in it; nothing once it was sent."""
    draft = would_send(record) if record.state == RunRecord.State.NEEDS_YOU and not exchange.get("sent") else None
    if draft is None or not draft.payload:
        return Pane(), ""
    names = FieldNames.of(record.flow, record.kind)
    labels = labels_of(record.flow)
    told = dict.fromkeys(
        (names.target(plain_path(path)), _why(record.flow, error, labels)) for path, error in draft.failed.items()
    )
    said = [_("%(field)s cannot be made: %(why)s") % {"field": field, "why": why} for field, why in told]
    if draft.later:
        fields = ", ".join(dict.fromkeys(names.target(plain_path(path)) for path in draft.later))
        said.append(_("Looked up when it is sent: %(fields)s.") % {"fields": fields})
    return pane_of(draft.payload), " ".join(said)


def _why(flow: Flow, error: MappingError, labels: Mapping[tuple[str, str], str]) -> str:
    """Return why a field cannot be made; a value goes by what the source calls it."""
    if error.code == "mapping.failed":
        return reason(error)
    table, value = error.params.get("table", ""), error.params.get("value", "")
    return cause_sentence(flow, error.code, {**error.params, "value": labels.get((table, value), value)})


def _missing_table(record: RunRecord) -> ValueTable | None:
    if record.code not in NO_PAIR:
        return None
    tables = ValueTable.objects.filter(flow=record.flow, name=record.params.get("table", ""))
    return tables.prefetch_related("rows").first()


def _choices(table: ValueTable) -> list[Choice]:
    """Return what the table may give, as far as it was read lately."""
    spec = spec_of(table)
    kept = kept_list(table.flow.target, spec.target_list) if spec else None
    return [Choice(value, label) for value, label in labels_of_options(kept.options).items()] if kept else []


def _source_url(record: RunRecord, source: Any) -> str:
    """Return where the record stands in the system it came from, if its connector or the record itself says."""
    if not isinstance(source, dict):
        return ""
    try:
        resource = connector_class(record.flow.source.connector).sources.get(record.kind)
    except UnknownConnector:
        resource = None
    told = safe_link(resource.url(source)) if resource else ""
    return told or next((safe_link(source.get(name)) for name in LINK_NAMES if safe_link(source.get(name))), "")


def _of_the_same(record: RunRecord) -> Any:
    rows = RunRecord.objects.filter(flow=record.flow, kind=record.kind, source_key=record.source_key)
    return rows.exclude(pk=record.pk).select_related("flow").order_by("-created_at")


def _earlier(record: RunRecord) -> list[RunRecord]:
    return list(_of_the_same(record).defer("source", "exchange")[:EARLIER])


def _contents_before(record: RunRecord) -> tuple[Any, dict[str, Any]]:
    """Return what came and what was sent the last time this record was sent, as far as it is still kept."""
    sent = _of_the_same(record).filter(created_at__lt=record.created_at, state__in=SENT_STATES)
    before = sent.filter(exchange__isnull=False).select_related("organization").first()
    if before is None:
        return None, {}
    source, _opens = open_sealed(before.read_source)
    exchange, _opens = open_sealed(before.read_exchange)
    return source, exchange if isinstance(exchange, dict) else {}
