"""Invoices and credit notes as a flow reads them: in one go, with their customer, a draft only once it is booked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.base import Omitted, ReadRecord, SourceRecord, Window
from connectors.core import Invoice
from tests.connectors.teamleader.focus_fake import FakeFocus, make_connector, recorded, refusal, uid

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def fill(focus: FakeFocus, *invoices: dict[str, Any], notes: int = 1) -> None:
    focus.things = {
        "invoices": list(invoices or [recorded("invoice")]),
        "creditNotes": [recorded("credit_note")][:notes],
        "companies": [recorded("company")],
        "contacts": [recorded("contact", id=uid(4), last_name="Claes")],
        "products": [recorded("product")],
        "taxRates": [
            {"id": uid(70), "rate": 0.21, "description": "21%", "department": {"type": "department", "id": uid(50)}}
        ],
    }


def read_all(connector: Any, window: Window) -> list[ReadRecord]:
    source = connector.source("invoices")
    page = source.page(window, None)
    records = list(page.records)
    while page.position is not None:
        page = source.page(window, page.position)
        records += page.records
    return records


def test_credit_notes_come_after_the_invoices_and_say_so(focus: FakeFocus):
    fill(focus)

    invoice, note = read_all(make_connector(), Window(since=SINCE))

    assert isinstance(invoice, SourceRecord)
    assert isinstance(note, SourceRecord)
    assert (invoice.kind, note.kind) == ("invoices", "credit_notes")
    assert isinstance(invoice.core, Invoice)
    assert (invoice.natural_key, invoice.core.is_credit_note, invoice.core.due) == ("2026 / 5", False, Decimal(71))
    assert invoice.core.customer is not None
    assert invoice.core.invoice_address == invoice.core.customer.invoice_address
    assert isinstance(note.core, Invoice)
    assert (note.natural_key, note.core.credited_key) == ("2026/1", uid(80))
    (asked,) = focus.bodies("invoices.list")[:1]
    assert asked["filter"] == {"status": ["outstanding", "matched"], "updated_since": "2026-03-01T00:00:00+00:00"}


def test_a_stored_document_is_parsed_again_and_gives_its_customer_without_a_call(focus: FakeFocus):
    """With everybody who belongs to it, as the source of customers reads it."""
    fill(focus)
    people = [{"type": "contact", "id": uid(number)} for number in (4, 5)]
    focus.things["companies"] = [recorded("company", related_contacts=people)]
    focus.things["contacts"].append(recorded("contact", id=uid(5), last_name="Peeters"))
    connector = make_connector()
    records = read_all(connector, Window())
    (known,) = connector.source("customers").fetch([f"company:{uid(1)}"])
    focus.calls.clear()

    for record in records:
        assert isinstance(record, SourceRecord)
        again = connector.source(record.kind).parse(record.raw)
        assert (again.core, again.kind) == (record.core, record.kind)
        customer = connector.source(record.kind).carried(again, "customers")
        assert customer is not None
        assert customer.core == known.core
    assert focus.calls == []


def test_a_draft_and_a_deleted_invoice_are_left_out_with_the_reason(focus: FakeFocus):
    fill(focus, recorded("invoice", status="draft", invoice_number=None))

    draft, gone = make_connector().source("invoices").fetch([recorded("invoice")["id"], uid(999)])

    assert isinstance(draft, Omitted)
    assert isinstance(gone, Omitted)
    assert (draft.code, gone.code) == ("skip.filtered", "skip.deleted")


def test_a_customer_that_was_deleted_does_not_hide_the_invoice(focus: FakeFocus):
    fill(focus, notes=0)
    focus.answers["companies.info"] = lambda body: refusal(404, "not found")

    (record,) = read_all(make_connector(), Window())

    assert isinstance(record, SourceRecord)
    assert isinstance(record.core, Invoice)
    assert record.core.customer is None


def test_what_is_paid_later_is_no_other_invoice():
    paid = {"status", "is_paid", "paid_at", "due"}

    assert Invoice.passing == paid
    assert paid <= set(Invoice.model_fields)
