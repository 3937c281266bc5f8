"""Everything an organization has here as one ZIP file of CSV and JSON lines, made while it is being sent.

No secrets: connections come without credentials, and nothing that opens a door (tokens, hashes) is in it. Log rows are
opened with the organization's own key. It is a stream: a log of any size takes a page of rows in memory.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from apicenter.api.models import ApiToken
from apicenter.billing.models import Coverage, Order, OrderLine, Subscription
from apicenter.crypto import redact
from apicenter.notifications.models import Preferences, Webhook
from apicenter.organizations.models import AuditEntry, Invitation, Membership, Organization
from apicenter.tenancy import TenantModel, organization_context
from connectors.models import Connection, Sheet, SheetRow
from flows.models import (
    Binding,
    CauseNote,
    CauseTask,
    Flow,
    FlowHook,
    KeptApart,
    MapDraft,
    MapVersion,
    Reconciliation,
    RecordNote,
    Ruling,
    Run,
    RunRecord,
    Tally,
    ValueRow,
    ValueTable,
)

PAGE = 500
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
ABOUT = ("name", "time_zone", "language", "log_days", "require_mfa", "masks_mail", "created_at")
LEFT_OUT = {  # what an organization owns and does not get: the reason beside it; a test keeps this list complete
    "connectors.credential": "tokens",
    "connectors.webhookaddress": "an address with a secret",
    "flows.keytoread": "work under way",
    "flows.leftout": "keys that a comparison need not read again",
    "api.idempotentrequest": "answers that are kept for a day",
    "billing.letter": "copies of letters that were sent",
    "flows.candidate": "work under way",
    "flows.intent": "work under way",
    "flows.job": "work under way",
    "flows.portionmemory": "work under way",
    "flows.recordmark": "keyed hashes that find a record by an e-mail address",
    "notifications.delivery": "copies of messages that were sent",
    "notifications.incident": "what is wrong now, as the log tells it",
    "notifications.notification": "messages about records that the log has",
    "notifications.watch": "work under way",
    "sandbox.account": "a fake system",
    "setup.inquiry": "links to questions of the set-up; their answers stand in the tables",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One file: which rows, which of their columns ("user.email" follows a relation), and what else is worked out."""

    name: str
    model: type[TenantModel]
    fields: tuple[str, ...]
    joins: tuple[str, ...] = ()
    more: Callable[[Any], Row] | None = None

    @property
    def is_table(self) -> bool:
        return self.name.endswith(".csv")


def _payloads(record: RunRecord) -> Row:
    return {"received": record.read_source(), "exchange": record.read_exchange()}


def _sheet_row(row: SheetRow) -> Row:
    vault = row.organization.vault
    return {"content": vault.open(row.content, place=SheetRow.CONTENT_PLACE, row_id=row.pk)}


PARTS = (
    Part("members.csv", Membership, ("user.email", "user.name", "role", "joined_at"), ("user",)),
    Part("invitations.csv", Invitation, ("email", "role", "created_at", "expires_at", "accepted_at")),
    Part(
        "connections.jsonl",
        Connection,
        ("id", "connector", "name", "environment", "settings", "state", "account_id", "account_name", "created_at"),
    ),
    Part(
        "sheets.jsonl",
        Sheet,
        ("id", "connection_id", "kind", "side", "name", "choices", "columns", "row_count", "uploaded_at"),
    ),
    Part(
        "sheet_rows.jsonl",
        SheetRow,
        ("sheet_id", "key", "line", "reference", "changed_at"),
        ("organization",),
        _sheet_row,
    ),
    Part(
        "flows.jsonl",
        Flow,
        ("id", "kind", "name", "source_id", "target_id", "state", "settings", "filters", "every_minutes", "daily_at",
         "cron", "hours_from", "hours_until", "most_per_run", "most_errors", "reacts_at_once", "is_checked_nightly",
         "start_from", "cursor", "map_version_id", "created_at"),
    ),
    Part(
        "maps.jsonl", MapVersion, ("id", "flow_id", "number", "maps", "note", "author.email", "created_at"), ("author",)
    ),
    Part("tables.csv", ValueTable, ("id", "flow_id", "name", "no_pair", "default")),
    Part("pairs.csv", ValueRow, ("table_id", "key", "key_label", "value", "value_label", "is_confirmed")),
    Part(
        "bindings.csv",
        Binding,
        ("kind", "from_connection_id", "source_key", "to_connection_id", "target_id", "natural_key", "number",
         "created_at", "updated_at"),
    ),
    Part("runs.csv", Run, ("id", "flow_id", "trigger", "state", "created_at", "started_at", "finished_at")),
    Part("tallies.csv", Tally, ("run_id", "kind", "read", *Tally.BUCKETS)),
    Part(
        "log.jsonl",
        RunRecord,
        ("id", "flow_id", "run_id", "kind", "source_key", "natural_key", "label", "state", "code", "params", "field",
         "attempts", "target_id", "target_number", "created_at", "finished_at", "expires_at"),
        ("organization",),
        _payloads,
    ),
    Part(
        "checks.csv",
        Reconciliation,
        ("flow_id", "run_id", "started_at", "finished_at", "compared", "missing", "changed", "vanished",
         "target_compared", "target_gone", "left_over"),
    ),
    Part("drafts.jsonl", MapDraft, ("flow_id", "maps")),
    Part(
        "causes.jsonl",
        CauseTask,
        ("id", "flow_id", "code", "params", "state", "record_count", "opened_at", "solved_at"),
    ),
    Part("notes.csv", CauseNote, ("task_id", "who", "text", "created_at")),
    Part("record_notes.csv", RecordNote, ("record_id", "who", "text", "created_at")),
    Part("kept_apart.csv", KeptApart, ("kind", "from_connection_id", "to_connection_id", "source_key", "created_at")),
    Part(
        "rulings.csv",
        Ruling,
        ("kind", "from_connection_id", "to_connection_id", "source_key", "code", "answer", "mark", "created_at"),
    ),
    Part("api_tokens.csv", ApiToken, ("name", "start", "scopes", "created_at", "expires_at", "revoked_at")),
    Part("api_addresses.csv", FlowHook, ("flow_id", "start", "calls", "created_at", "last_called_at")),
    Part("subscription.jsonl", Subscription, ("trial_started_at", "trial_ends_at", "period", "ends_at", "details")),
    Part(
        "orders.jsonl",
        Order,
        ("id", "kind", "state", "period", "currency", "recurring_amount", "once_amount", "vat_percent", "details",
         "wishes", "starts_at", "who", "created_at", "handled_at"),
    ),
    Part("order_lines.csv", OrderLine, ("order_id", "position", "flow_id", "kind", "text", "amount", "is_once")),
    Part("coverage.csv", Coverage, ("flow_id", "order_id", "until_at")),
    Part(
        "notifications.jsonl",
        Preferences,
        ("user.email", "choices", "muted_flows", "quiet_from", "quiet_until"),
        ("user",),
    ),
    Part("webhooks.csv", Webhook, ("name", "format", "host", "events", "language", "is_on", "created_at")),
    Part("audit.jsonl", AuditEntry, ("created_at", "who", "via", "address", "action", "subject", "before", "after")),
)  # fmt: skip


def stream(organization: Organization) -> Iterator[bytes]:
    """Yield the ZIP file piece by piece. Each piece is made inside the organization's context, none outside of it."""
    pieces = _pieces(organization)
    while True:
        with organization_context(organization.pk):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


class _Outbox(io.RawIOBase):
    """What the ZIP writer has written and nobody has taken yet; it cannot go back, as a sent byte is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def _pieces(organization: Organization) -> Iterator[bytes]:
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {name: getattr(organization, name) for name in ABOUT}
        archive.writestr("organization.json", _json(about, indent=2))
        yield outbox.take()
        for part in PARTS:
            with archive.open(part.name, "w", force_zip64=True) as file:
                if part.is_table:
                    file.write(_csv_lines([part.fields]))
                for rows in _pages(part):
                    lines = _csv_lines([row.values() for row in rows]) if part.is_table else _json_lines(rows)
                    file.write(lines)
                    yield outbox.take()
    yield outbox.take()


def _pages(part: Part) -> Iterator[list[Row]]:
    rows = part.model.objects.select_related(*part.joins).order_by("pk")
    last = None
    while True:
        page: Sequence[Model] = list((rows if last is None else rows.filter(pk__gt=last))[:PAGE])
        if not page:
            return
        yield [_row(part, one) for one in page]
        last = page[-1].pk


def _row(part: Part, one: Any) -> Row:
    row = {name: _value(one, name) for name in part.fields}
    return redact({**row, **(part.more(one) if part.more else {})})


def _value(one: Any, path: str) -> Any:
    for name in path.split("."):
        one = getattr(one, name, None)
    return one


def _json(value: Any, **options: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, **options)


def _json_lines(rows: list[Row]) -> bytes:
    return "".join(f"{_json(row)}\n" for row in rows).encode()


def _csv_lines(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
