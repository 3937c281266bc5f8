"""What was paid on customer invoices: of payments that changed the invoices they stand for, and invoices that changed.

Whether a payment changes the time of its invoice is not documented, so both lists are read. What an invoice was paid
in all is read for those that turn out to matter (`complete`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError, NotFound, PermissionMissing, RecordError
from connectors.base import (
    FieldInfo,
    FieldType,
    Found,
    Omitted,
    Page,
    ReadRecord,
    SourceRecord,
    Text,
    Unreadable,
    Window,
)
from connectors.core import JSONDict, PaidInvoice
from connectors.parts import is_bad_answer
from connectors.visma_net.api import ErpSource, Stubs, path_key, total_count
from connectors.visma_net.documents import COLLAPSE
from connectors.visma_net.invoices import READ_PATH
from connectors.visma_net.lists import Place
from connectors.visma_net.read_payment import lines_for, orders_of, read_paid_invoice
from connectors.visma_net.read_values import SYSTEM, read_text, read_time

PAYMENT_PATH = "/v1/customerPayment"
STUBS = {"payments": Stubs(("refNbr",)), "invoices": Stubs(("referenceNumber",))}
PATHS = {"payments": PAYMENT_PATH, "invoices": READ_PATH}
KEPT_OF_INVOICE = (
    "referenceNumber", "documentType", "status", "currencyId", "amount", "amountInCurrency", "balance",
    "balanceInCurrency", "customer", "lastModifiedDateTime", "errorInfo",
)  # fmt: skip
KEPT_OF_PAYMENT = (
    "type", "refNbr", "status", "applicationDate", "paymentRef", "paymentMethod", "currency", "paymentLines",
)  # fmt: skip

PAYMENT_FIELDS = (
    FieldInfo("number", _("Invoice number")),
    FieldInfo("status", _("Status of the invoice")),
    FieldInfo("currency", _("Currency")),
    FieldInfo("total", _("Total including VAT"), FieldType.MONEY),
    FieldInfo("balance", _("Still open"), FieldType.MONEY),
    FieldInfo("payments", _("Payments"), FieldType.LIST),
    FieldInfo("payments.key", _("Number of the payment"), group=_("Payments")),
    FieldInfo("payments.reference", _("Payment reference"), group=_("Payments")),
    FieldInfo("payments.amount", _("Amount"), FieldType.MONEY, _("Payments")),
    FieldInfo("payments.currency", _("Currency"), group=_("Payments")),
    FieldInfo("payments.paid_on", _("Paid on"), FieldType.DATE, _("Payments")),
    FieldInfo("payments.method", _("Payment method"), group=_("Payments"), list_name="payment_methods"),
    FieldInfo("payments.is_reversed", _("Taken back"), FieldType.BOOLEAN, _("Payments")),
)


class InvoicePayments(ErpSource):
    """Customer invoices by their number, with what was paid on them."""

    kind: ClassVar[str] = "payments"
    title: ClassVar[Text] = _("Payments of invoices")
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = PAYMENT_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start="payments", size=self.page_size)
        query = self.erp.since(window.since) if window.since else {}
        flags = COLLAPSE if place.part == "invoices" else {}
        rows = self.erp.page(
            PATHS[place.part], {**query, **flags}, number=place.number, size=place.size, stubs=STUBS[place.part]
        )
        if window.since:
            self.erp.ensure_filtered(rows, window.since)
        following = place.after(rows)
        if following is None and place.part == "payments":
            following = Place("invoices", size=self.page_size)
        found = [self._record({"invoice": invoice}) for invoice in _invoices(place.part, rows)]
        records = [record for record in found if window.until is None or _is_before(record, window)]
        times = [record.modified_at for record in found if record.modified_at]
        return Page(tuple(records), following.to_json() if following else None, max(times, default=None))

    def counts(self, window: Window) -> Iterator[int]:
        found = self.count(window)
        yield found.count if found else 0

    def count(self, window: Window) -> Found | None:
        rows = self.erp.page(PAYMENT_PATH, self.erp.since(window.since) if window.since else {}, number=1, size=1)
        return Found(total_count(rows) or len(rows))

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        return self.complete([self.parse({"invoice": {"referenceNumber": key}}) for key in keys])

    def complete(self, records: Sequence[SourceRecord]) -> list[ReadRecord]:
        read = self.api.settle(self._completed, records)
        return [self._answered(record, found) for record, found in zip(records, read, strict=True)]

    def orders_behind(self, records: Sequence[SourceRecord]) -> dict[str, tuple[str, ...]]:
        known = {record.key: record.core.order_keys for record in records if isinstance(record.core, PaidInvoice)}
        unknown = [key for key, orders in known.items() if orders is None]
        answers = self.api.settle(lambda key: orders_of(self.erp.get(f"{READ_PATH}/{path_key(key)}")), unknown)
        read = [self.erp.of_record(one) if isinstance(one, PermissionMissing) else one for one in answers]
        failed = next(
            (one for one in read if isinstance(one, ApicenterError) and not isinstance(one, RecordError)), None
        )
        if failed is not None:
            raise failed
        found = {key: tuple(one) for key, one in zip(unknown, read, strict=True) if isinstance(one, list)}
        return {key: orders for key in known if (orders := found.get(key) or known[key])}

    def parse(self, raw: JSONDict) -> SourceRecord:
        return read_paid_invoice(raw, self.erp.zone)

    def fields(self) -> list[FieldInfo]:
        return list(PAYMENT_FIELDS)

    def _completed(self, record: SourceRecord) -> JSONDict:
        number = record.natural_key
        invoice = self.erp.get(f"{READ_PATH}/{path_key(number)}")
        pages = self.erp.pages(PAYMENT_PATH, {"invoiceRefNbr": number}, size=self.page_size)
        payments = [row for page in pages for row in page if any(lines_for(row, number))]
        return {
            "invoice": _kept_invoice(invoice),
            "payments": [_kept(row, KEPT_OF_PAYMENT) for row in payments],
        }

    def _probe(self) -> None:
        self.erp.page(PAYMENT_PATH, {}, number=1, size=1, stubs=STUBS["payments"])

    def _record(self, raw: JSONDict) -> ReadRecord:
        try:
            return self.parse(raw)
        except RecordError as error:
            number = read_text(raw["invoice"].get("referenceNumber")) or ""
            changed = read_time(raw["invoice"].get("lastModifiedDateTime"), self.erp.zone)
            return Unreadable(number, number, error, raw, changed)

    def _answered(self, record: SourceRecord, found: JSONDict | ApicenterError) -> ReadRecord:
        if is_bad_answer(found):
            found = self.once_more(partial(self._completed, record), self._probe)
        if isinstance(found, PermissionMissing):
            found = self.erp.of_record(found)
        if isinstance(found, NotFound):
            return Omitted(record.key, record.natural_key, "skip.deleted", record.raw, {"system": SYSTEM})
        if isinstance(found, RecordError):
            return Unreadable(record.key, record.natural_key, found, record.raw, record.modified_at)
        if isinstance(found, ApicenterError):
            raise found
        read = self._record(found)
        return replace(read, modified_at=record.modified_at or read.modified_at)  # as it was listed, so as it is known


def _invoices(part: str, rows: list[JSONDict]) -> Iterator[JSONDict]:
    """Yield the invoices that a page is about, each once, with the time of its change."""
    seen: set[str] = set()
    for row in rows:
        if row.get("errorInfo"):
            name = row.get("referenceNumber") if part == "invoices" else f"payment {row.get('refNbr')}"
            yield {**_kept(row, KEPT_OF_INVOICE), "referenceNumber": name}
            continue
        is_invoice = part == "invoices" and row.get("documentType") in (None, "Invoice")
        lines = [row] if is_invoice else [] if part == "invoices" else [
            {"referenceNumber": line["refNbr"], "lastModifiedDateTime": row.get("lastModifiedDateTime")}
            for line in lines_for(row)
        ]  # fmt: skip
        for invoice in lines:
            number = read_text(invoice.get("referenceNumber"))
            if number and number not in seen:
                seen.add(number)
                yield _kept_invoice(invoice)


def _kept_invoice(invoice: JSONDict) -> JSONDict:
    """Keep of its lines only which orders they came from; a payment's line tells of no lines."""
    orders = {"orders": orders_of(invoice)} if invoice.get("invoiceLines") is not None else {}
    return {**_kept(invoice, KEPT_OF_INVOICE), **orders}


def _kept(row: JSONDict, names: Sequence[str]) -> JSONDict:
    return {name: row[name] for name in names if name in row}


def _is_before(record: ReadRecord, window: Window) -> bool:
    return window.until is None or record.modified_at is None or record.modified_at < window.until
