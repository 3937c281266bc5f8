"""Invoices: the ones a flow reads, with their credit notes, and as they are listed for other purposes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from connectors.base import Found, KeyPage, Omitted, Page, ReadRecord, Window
from connectors.core import JSONDict, Money
from connectors.teamleader.api import FocusApi, readable
from connectors.teamleader.credit_notes import CreditNoteSource
from connectors.teamleader.documents import DocumentSource
from connectors.teamleader.paging import Place, count_listed, list_keys
from connectors.teamleader.read_invoice import BOOKED, INVOICE, Document, are_paid, read_invoice
from connectors.teamleader.read_values import write_moment

CREDIT_NOTE_PREFIX = "credit_note:"
LOWEST_NUMBER_FIRST = ({"field": "invoice_number", "order": "asc"},)


class InvoiceSource(DocumentSource):
    """Booked invoices, and after them the credit notes: those may correct one of these invoices.

    Only the last invoice can be deleted, and a booked one stays booked, so a list by number misses none.
    """

    kind = "invoices"
    title = gettext_lazy("Invoices and credit notes")
    resource = "invoices"
    part = INVOICE
    statuses = BOOKED
    sort = LOWEST_NUMBER_FIRST

    def page(self, window: Window, position: Any | None) -> Page:
        if position is not None and position["resource"] == CreditNoteSource.resource:
            return self._credit_notes.page(window, position)
        page = super().page(window, position)
        following = page.position or Place(CreditNoteSource.resource).to_json()
        return Page(page.records, following, page.seen_until)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read invoices by their ids, and credit notes by "credit_note:<id>"."""
        notes = [key.removeprefix(CREDIT_NOTE_PREFIX) for key in keys if key.startswith(CREDIT_NOTE_PREFIX)]
        invoices = [key for key in keys if not key.startswith(CREDIT_NOTE_PREFIX)]
        return [*super().fetch(invoices), *self._credit_notes.fetch(notes)]

    def reread(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read them again by the keys that their pairs have too, which do not tell invoices from credit notes."""
        read = self.fetch(keys)
        gone = [one.key for one in read if isinstance(one, Omitted) and one.code == "skip.deleted" and one.key in keys]
        notes = {one.key: one for one in self._credit_notes.fetch(gone)} if gone else {}
        return [notes.get(one.key, one) for one in read]

    def keys(self, position: Any | None) -> KeyPage:
        start = self.resource
        where = {} if position and position["resource"] != start else {"status": list(self.statuses)}
        rows, place = list_keys(self.focus, position, start=start, where=where)
        if place.is_end and place.resource == start:
            place = Place(CreditNoteSource.resource)
        return KeyPage(rows, None if place.is_end else place.to_json())

    def counts(self, window: Window) -> Iterator[int]:
        yield from count_listed(self.focus, self.resource, window, is_wanted=lambda row: row.get("status") in BOOKED)
        yield from self._credit_notes.counts(window)

    def count(self, window: Window) -> Found | None:
        found = [self.focus.count(one.resource, where=one.where(window)) for one in (self, self._credit_notes)]
        return Found(sum(one.count for one in found), is_more=any(one.is_more for one in found))

    def addresses(self, documents: Iterable[JSONDict]) -> dict[str, JSONDict]:
        rows = self.focus.parts(self.resource, [one["id"] for one in documents])
        return {row["id"]: {"web_url": row.get("web_url")} for row in readable(rows.values())}

    @property
    def _credit_notes(self) -> CreditNoteSource:
        found = self.connector.source(CreditNoteSource.kind)
        assert isinstance(found, CreditNoteSource)
        return found


def list_invoices(
    focus: FocusApi,
    *,
    updated_since: datetime | None = None,
    statuses: Sequence[str] = BOOKED,
    deal_id: str = "",
    ids: Sequence[str] = (),
) -> Iterator[list[JSONDict]]:
    """Yield pages of invoices, the oldest number first. Lines and payments stand on `invoice_info` only."""
    where: dict[str, Any] = {"status": list(statuses)} if statuses else {}
    if updated_since:
        where["updated_since"] = write_moment(updated_since)
    if deal_id:
        where["deal_id"] = deal_id
    if ids:
        where["ids"] = list(ids)
    return focus.pages("invoices", where=where, sort=LOWEST_NUMBER_FIRST)


def invoice_info(focus: FocusApi, invoice_id: str) -> JSONDict:
    """Return one invoice in full. Raises NotFound."""
    return focus.info("invoices", invoice_id)


def invoices_of_deal(focus: FocusApi, deal_id: str) -> list[Document]:
    """Return the booked invoices of a deal."""
    return [read_invoice(row) for rows in list_invoices(focus, deal_id=deal_id) for row in rows]


def is_deal_paid(focus: FocusApi, deal_id: str) -> bool:
    """Return whether the deal was invoiced and everything invoiced is paid."""
    return are_paid(invoices_of_deal(focus, deal_id))


def register_payment(
    focus: FocusApi, invoice_id: str, payment: Money, *, paid_at: datetime, method_id: str = ""
) -> None:
    """Register money on an invoice. There is no payment id and no update: look at `payments` before doing it again."""
    body: JSONDict = {
        "id": invoice_id,
        "payment": {"amount": payment.amount, "currency": payment.currency},
        "paid_at": write_moment(paid_at),
    }
    if method_id:
        body["payment_method_id"] = method_id
    focus.post("invoices.registerPayment", body, is_create=True)
