"""Invoices and credit notes of a CRM become customer invoices, credit notes or cash sales of an ERP.

They are legal documents: nothing is booked that is dated before the flow's first day, and a credit note waits for the
invoice it credits. A credit note of an invoice that was sent by us is applied to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.organizations.zones import zone_of
from connectors.base import SourceRecord
from connectors.core import Invoice, SalesDocument
from flows.catalog.base import Resolved
from flows.catalog.mutation_settings import JOURNAL, MUTATION_TABLES
from flows.catalog.mutations import Sale
from flows.catalog.sales_lines import Held
from flows.catalog.selling import SALES_TABLES, SalesFlow, SalesSettings, cash_settings_missing, document_of
from flows.models import Binding, RunRecord

if TYPE_CHECKING:
    from flows.engine.work import Work

CREDIT_NOTES = "credit_notes"


class InvoiceAs(StrEnum):
    """What an invoice becomes; a credit note becomes a credit note, or a financial mutation the other way round."""

    CUSTOMER_INVOICE = "customer_invoice"
    CASH_SALE = "cash_sale"
    FINANCIAL_MUTATION = "financial_mutation"


class Arrival(StrEnum):
    """How documents arrive."""

    ON_HOLD = "on_hold"
    BALANCED = "balanced"  # ready for somebody to release
    RELEASED = "released"


class NumberFrom(StrEnum):
    """Who numbers the documents."""

    SERIES = "series"  # the series of the target
    DOCUMENT = "document_number"


TARGETS = {
    InvoiceAs.CUSTOMER_INVOICE: "customer_invoices",
    InvoiceAs.CASH_SALE: "cash_sales",
    InvoiceAs.FINANCIAL_MUTATION: JOURNAL,
}


class InvoiceSettings(SalesSettings):
    """Settings of an invoices flow."""

    send_as: InvoiceAs = InvoiceAs.CUSTOMER_INVOICE
    only_paid: bool = False
    credit_notes: bool = True
    arrival: Arrival = Arrival.ON_HOLD
    number_from: NumberFrom = NumberFrom.SERIES

    @property
    def sends_only_paid(self) -> bool:
        """A cash sale is an invoice with its payment: without one there is nothing to book."""
        return self.only_paid or self.send_as is InvoiceAs.CASH_SALE

    @property
    def arrives_on_hold(self) -> bool:
        return self.arrival is Arrival.ON_HOLD

    def problem(self) -> str:
        if self.send_as is InvoiceAs.CASH_SALE and not self.can_sell_for_cash:
            return _("A cash sale needs a payment method and a cash account.")
        return super().problem()


class InvoicesFlow(SalesFlow):
    key = "invoices"
    title = gettext_lazy("Invoices and credit notes")
    source_kind = "invoices"
    resources = ("invoices", CREDIT_NOTES, "customers")
    own_kinds = ("invoices", CREDIT_NOTES)
    settings_model = InvoiceSettings
    tables = (*SALES_TABLES, *MUTATION_TABLES)

    def target_kind(self, kind: str, settings: Any) -> str:
        if kind == CREDIT_NOTES and settings.send_as is InvoiceAs.FINANCIAL_MUTATION:
            return JOURNAL
        return TARGETS[settings.send_as] if kind == self.key else kind

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        invoice = record.core
        assert isinstance(invoice, Invoice)
        if invoice.is_credit_note:
            return None if settings.credit_notes else ("skip.no_credit_notes", {})
        return ("skip.unpaid", {}) if settings.sends_only_paid and not invoice.is_paid else None

    def looks_since(self, document: SalesDocument) -> datetime | None:
        assert isinstance(document, Invoice)
        return datetime.combine(document.document_date, time.min, UTC) if document.document_date else None

    def sale_of(self, document: SalesDocument) -> Sale:
        assert isinstance(document, Invoice)
        return Sale(document, document.document_date, is_credit=document.is_credit_note)

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        if kind not in self.own_kinds:
            return super().resolve(work, kind, records)
        left_out = {record.key: found for record in records if (found := _left_out(work, record))}
        wanted = [record for record in records if record.key not in left_out]
        resolved = {one.record.key: one for one in super().resolve(work, kind, wanted)} if wanted else {}
        return [left_out.get(record.key) or resolved[record.key] for record in records]

    def resolved_values(self, work: Work, kind: str, document: SalesDocument) -> dict[str, Any] | Held:
        settings = work.settings
        assert isinstance(settings, InvoiceSettings)
        assert isinstance(document, Invoice)
        credited = _credited(work, document) if document.is_credit_note else None
        if isinstance(credited, Held):
            return credited
        is_cash_sale = settings.send_as is InvoiceAs.CASH_SALE and kind == self.key
        if is_cash_sale and (held := cash_settings_missing(settings)):
            return held
        is_numbered = settings.number_from is NumberFrom.DOCUMENT
        return {
            "hold": settings.arrival is Arrival.ON_HOLD,
            "release": settings.arrival is Arrival.RELEASED,
            "document_number": "".join(document.number.split()) if is_numbered else None,
            "applies_to": credited,
        }


def _left_out(work: Work, record: SourceRecord) -> Resolved | None:
    """Return why a document is not booked though it is of the right sort, or None."""
    invoice = document_of(record)
    assert isinstance(invoice, Invoice)
    start = _first_day(work)
    if start and invoice.document_date and invoice.document_date < start:
        params = {"date": _day(invoice.document_date), "start": _day(start)}
        return Resolved(record, code="skip.before_start", params=params, is_skip=True)
    settings = work.settings
    assert isinstance(settings, InvoiceSettings)
    if not (settings.sends_only_paid and invoice.credited_key):
        return None
    if _bound(work, invoice.credited_key) or _open_row(work, invoice.credited_key):
        return None
    params = {"dependency": invoice.credited_key}
    return Resolved(record, code="skip.invoice_not_sent", params=params, is_skip=True)


def _first_day(work: Work) -> date | None:
    """Return from which day on documents are booked: a period that a person reads again may begin before the flow."""
    run = work.run
    start = run.since if run is not None and run.is_backfill else work.flow.start_from
    return start.astimezone(zone_of(work.flow.organization)).date() if start else None


def _day(day: date) -> str:
    return str(formats.date_format(day, "SHORT_DATE_FORMAT"))


def _credited(work: Work, note: Invoice) -> str | Held | None:
    """Return the id, in the target, of the invoice that a credit note is applied to; None where it is applied to none:
    it credits none, or one that was not sent by us."""
    if note.credited_key is None:
        return None
    bound = _bound(work, note.credited_key)
    if bound is not None:
        return bound.target_id
    row = _open_row(work, note.credited_key)
    if row is None:
        return None
    params = {"what": row.natural_key, "dependency": note.credited_key}
    if row.state == RunRecord.State.WAITING and row.next_at is not None:
        return Held("dependency.missing", params, retry_at=row.next_at)
    return Held("dependency.failed", params)


def _bound(work: Work, key: str) -> Binding | None:
    return Binding.objects.filter(
        from_connection=work.flow.source_id,
        to_connection=work.flow.target_id,
        kind=InvoicesFlow.key,
        source_key=key,
    ).first()


def _open_row(work: Work, key: str) -> RunRecord | None:
    rows = RunRecord.objects.filter(flow=work.flow, kind=InvoicesFlow.key, source_key=key, state__in=RunRecord.OPEN)
    return rows.defer("source", "exchange").order_by("-created_at").first()
