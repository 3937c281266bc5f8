"""Reading raw JSON into core records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from apicenter.errors import RecordError
from connectors.core import Address, CustomerKind
from connectors.teamleader.deal_choice import names
from connectors.teamleader.read_customer import read_customer
from connectors.teamleader.read_invoice import are_paid, read_credit_note, read_invoice
from connectors.teamleader.read_order import accepted_ids, read_order
from connectors.teamleader.read_product import read_product
from connectors.teamleader.read_values import read_moment, read_payment_term, write_moment
from tests.connectors.teamleader.focus_fake import recorded, uid


def make_order_raw(**changes):
    return {
        "deal": recorded("deal"),
        "quotation": recorded("quotation"),
        "company": recorded("company"),
        "contact_person": {"id": uid(4), "last_name": "Claes", "emails": [{"type": "primary", "email": "c@x.example"}]},
        "products": {uid(30): {"id": uid(30), "code": "LAMP-1"}},
        "tax_rates": {uid(70): {"rate": Decimal("0.21")}, uid(71): {"rate": "0.06"}},
        "reference": "2026/12",
        "time_zone": "Europe/Brussels",
        **changes,
    }


def test_reads_a_company_as_it_was_typed():
    customer = read_customer({"company": recorded("company")})

    assert (customer.kind, customer.name) == (CustomerKind.COMPANY, "Atelier Lumière bv")
    assert customer.vat_number == "BE 0899.623.035"
    assert (customer.email, customer.invoice_email) == ("info@lumiere.example", "facturen@lumiere.example")
    assert customer.phone == "+32 9 222 22 22"
    assert customer.payment_term == "after_invoice_date:30"
    assert customer.custom_fields == {uid(901): "Gold", uid(902): uid(77)}


def test_addresses_go_by_their_type_and_a_missing_one_is_none():
    customer = read_customer({"company": recorded("company")})

    assert customer.delivery_address == Address(
        addressee="Magazijn", line_1=None, postal_code="2000", city="Antwerpen", country="BE"
    )
    assert customer.invoice_address is None
    assert customer.primary_address is not None
    assert customer.primary_address.addressee is None


def test_reads_a_contact_as_a_person_with_joined_names():
    customer = read_customer({"contact": recorded("contact")})

    assert (customer.kind, customer.name) == (CustomerKind.PERSON, "Anna Peeters")
    assert customer.key == f"contact:{uid(2)}"
    assert (customer.email, customer.phone) == (None, "+32 470 00 00 00")
    assert (customer.payment_term, customer.is_active) == ("cash", False)


def test_a_contact_without_first_name_is_called_by_the_last():
    assert read_customer({"contact": recorded("contact", first_name=None)}).name == "Peeters"


@pytest.mark.parametrize(
    ("raw", "term"),
    [
        ({"type": "cash"}, "cash"),
        ({"type": "after_invoice_date", "days": Decimal(30)}, "after_invoice_date:30"),
        ({"type": "end_of_month", "days": 60}, "end_of_month:60"),
        (None, None),
    ],
)
def test_payment_terms(raw, term):
    assert read_payment_term(raw) == term


def test_reads_an_order_from_its_parts():
    order = read_order(make_order_raw())

    assert (order.key, order.number, order.title) == (uid(20), "2026/12", "Verlichting kantoor")
    assert order.purchase_order_number == "PO-77"
    assert order.payment_term == "after_invoice_date:30"
    assert order.discounts == (Decimal(5),)
    assert order.totals.including == Decimal("119.49")
    assert [tax.rate for tax in order.totals.taxes] == [Decimal("0.21"), Decimal("0.06")]
    assert order.customer is not None
    assert order.customer.contact_person is not None
    assert order.customer.contact_person.email == "c@x.example"


def test_the_day_of_an_order_is_counted_where_the_seller_is():
    order = read_order(make_order_raw())

    assert order.ordered_at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert order.order_date == date(2026, 3, 1)


def test_lines_keep_every_digit_their_section_and_their_product_code():
    lamp, service = read_order(make_order_raw()).lines

    assert (lamp.sku, lamp.unit_price, lamp.discount_percent) == ("LAMP-1", Decimal("49.995"), Decimal(10))
    assert (lamp.section, lamp.vat_rate, lamp.extended_text) == ("Gelijkvloers", Decimal("0.21"), "*messing*")
    assert (service.sku, service.product_key, service.section) == (None, None, None)
    assert (service.position, service.is_recurring, service.vat_rate) == (2, True, Decimal("0.06"))


def test_an_order_of_a_vanished_customer_has_none():
    assert read_order(make_order_raw(company=None)).customer is None


@pytest.mark.parametrize(
    "quotation",
    [
        {"total": None},
        {"grouped_lines": [{"line_items": [{"quantity": 1}]}]},
        {"discounts": [{"type": "amount", "value": 3}]},
        {"currency": ["EUR"]},
    ],
)
def test_a_malformed_quotation_is_unreadable_and_says_nothing_of_its_content(quotation):
    with pytest.raises(RecordError) as caught:
        read_order(make_order_raw(quotation=recorded("quotation", **quotation)))

    assert caught.value.code == "record.unreadable"
    assert "EUR" not in caught.value.detail


def test_accepted_quotations_stand_in_the_order_they_were_made_the_undated_first():
    rows = [
        {"id": "b", "status": "accepted", "created_at": "2026-02-02T09:00:00+00:00"},
        {"id": "c", "status": "refused", "created_at": None},
        {"id": "a", "status": "accepted", "created_at": None},
    ]

    assert accepted_ids(rows) == ["a", "b"]
    assert names({"id": "d", "reference": "2026/12"}, 2) == ["2026/12", "2026/12/2"]


def test_reads_a_product():
    product = read_product({"product": recorded("product")})

    assert (product.sku, product.vat_code, product.unit) == ("LAMP-1", uid(70), uid(40))
    assert product.price is not None
    assert (product.price.amount, product.stock) == (Decimal("49.99"), Decimal("12.5"))
    assert product.attributes == {uid(904): "rood, blauw", uid(905): "true"}


@pytest.mark.parametrize("code", [None, "", "  "])
def test_a_product_without_code_is_unreadable(code):
    with pytest.raises(RecordError, match="it has no code"):
        read_product({"product": recorded("product", code=code)})


def test_reads_an_invoice_with_what_was_paid():
    invoice = read_invoice(recorded("invoice"), tax_rates={uid(70): {"rate": Decimal("0.21")}})

    assert (invoice.number, invoice.status, invoice.is_paid) == ("2026 / 5", "outstanding", False)
    assert (invoice.customer_key, invoice.deal_key) == (f"company:{uid(1)}", uid(10))
    assert (invoice.due, invoice.payments[0].payment.amount) == (Decimal(71), Decimal(50))
    assert invoice.lines[0].vat_rate == Decimal("0.21")


def test_reads_a_credit_note_with_the_invoice_it_corrects():
    note = read_credit_note(recorded("credit_note"))

    assert (note.is_credit_note, note.number, note.credited_key) == (True, "2026/1", uid(80))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], False),
        ([("draft", False)], False),
        ([("matched", True), ("draft", False)], True),
        ([("matched", True), ("outstanding", False)], False),
        ([("matched", False)], False),
    ],
)
def test_a_deal_is_paid_when_all_booked_invoices_are(states, expected):
    invoices = [read_invoice(recorded("invoice", status=status, paid=paid)) for status, paid in states]

    assert are_paid(invoices) is expected


def test_moments_are_written_with_an_offset_and_read_without_one():
    moment = datetime(2026, 3, 1, 1, 2, 3, 999, tzinfo=timezone(timedelta(hours=1)))

    assert write_moment(moment) == "2026-03-01T00:02:03+00:00"
    assert read_moment("2026-02-28 23:30:00") == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
