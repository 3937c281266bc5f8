"""Credit notes, cash sales and released invoices: what is sent, how it is found again, and the steps afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from apicenter.errors import FlowError, MappingError, NotFinished, OutcomeUnknown
from connectors.base import Sent
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, company, counted, reply, sent_json

REFERENCE = "A1B2C3D4E5F6G7H"
LINE = {"inventoryNumber": "A-100", "quantity": Decimal(2), "unitPriceInCurrency": Decimal("249.99")}
HEAD: dict[str, Any] = {"customerNumber": "10012", "documentDate": date(2026, 11, 20), "hold": False}
NOTE = HEAD | {"lines": [LINE], "invoiceAddress": {"addressLine1": "Bryggen 5"}}
SALE = HEAD | {"cashSaleLines": [LINE], "paymentMethodId": "2", "cashAccount": "1920", "currencyId": "NOK"}
INVOICE = HEAD | {"invoiceLines": [LINE], "release": True}
PATHS = {"credit_notes": "customerCreditNote", "cash_sales": "cashsale", "customer_invoices": "customerinvoice"}
DONE = {"actionId": "1", "actionResult": "Done", "errorInfo": None}


def created(kind: str, number: str) -> httpx.Response:
    return reply(None, 201, Location=f"{API}/v1/{PATHS[kind]}/{number}")


def sent(payload: dict[str, Any]) -> Sent:
    return Sent(REFERENCE, "", payload, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))


def test_a_credit_note_is_applied_to_the_open_invoice_it_credits():
    invoice = {"referenceNumber": "003547", "status": "Open", "balanceInCurrency": 300.5}
    asked = NOTE | {"appliesTo": {"number": "003547", "amount": Decimal("604.98")}}
    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerinvoice/003547").mock(return_value=reply(invoice))
        route = routes.post(f"{API}/v2/customerCreditNote").mock(return_value=created("credit_notes", "700001"))

        written = connector.target("credit_notes").create(asked, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert body["applicationLines"] == [
        {"operation": "Insert", "documentType": "Invoice", "refNbr": "003547", "amountPaid": 300.5}
    ]
    assert (body["customerRefNumber"], body["externalReference"]) == (REFERENCE, REFERENCE)
    assert body["invoiceAddress"]["overrideAddress"] is True
    assert "appliesTo" not in body
    assert written.answer["application"] == "applied to invoice 003547: 300.5"


@pytest.mark.parametrize(("status", "balance"), [("Hold", 604.98), ("Closed", 0), ("Open", 0)])
def test_a_credit_note_is_booked_without_application_where_that_would_be_refused(status: str, balance: float):
    invoice = {"referenceNumber": "003547", "status": status, "balanceInCurrency": balance}
    asked = NOTE | {"appliesTo": {"number": "003547", "amount": Decimal("604.98")}}
    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerinvoice/003547").mock(return_value=reply(invoice))
        route = routes.post(f"{API}/v2/customerCreditNote").mock(return_value=created("credit_notes", "700001"))

        written = connector.target("credit_notes").create(asked, reference=REFERENCE)

    assert "applicationLines" not in sent_json(route.calls.last)
    assert written.answer["application"].startswith(f"not applied: invoice 003547 is {status}")


def test_a_cash_sale_says_how_and_where_it_was_paid_and_carries_our_reference():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/cashaccount").mock(return_value=reply([{"number": "1920", "currency": "NOK"}]))
        route = routes.post(f"{API}/v1/cashsale").mock(return_value=created("cash_sales", "500001"))

        written = connector.target("cash_sales").create(SALE, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert (body["paymentReference"], body["paymentMethodId"], body["cashAccount"]) == (REFERENCE, "2", "1920")
    assert "currencyId" not in body
    assert (written.id, written.number) == ("CashSale/500001", "500001")


def test_a_cash_sale_in_another_currency_than_its_account_is_not_sent():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/cashaccount").mock(return_value=reply([{"number": "1920", "currency": "USD"}]))

        with pytest.raises(MappingError) as held:
            connector.target("cash_sales").create(SALE, reference=REFERENCE)

    assert held.value.code == "cash.other_currency"


@pytest.mark.parametrize(
    ("kind", "field", "found"),
    [
        ("credit_notes", "customerRefNumber", "700001"),
        ("credit_notes", "externalReference", "700001"),
        ("cash_sales", "paymentReference", "CashSale/700001"),
    ],
)
def test_a_document_without_an_answer_is_found_by_our_reference(kind: str, field: str, found: str):
    rows = counted([{"referenceNumber": "700001", field: REFERENCE}, {"referenceNumber": "9", field: "else"}])
    with company() as (connector, routes):
        route = routes.get(f"{API}/v1/{PATHS[kind]}").mock(return_value=reply(rows))

        assert [one.id for one in connector.target(kind).find_created(sent(NOTE))] == [found]

    assert any(call.request.url.params.get(field) == REFERENCE for call in route.calls)


def test_rows_of_a_filter_that_was_not_obeyed_are_no_proof_that_there_is_no_cash_sale():
    others = counted([{"referenceNumber": "1", "paymentReference": "x"}] * 50, total=900, cap=1000)
    with company() as (connector, routes):
        routes.get(f"{API}/v1/cashsale").mock(return_value=reply(others))

        with pytest.raises(FlowError):
            connector.target("cash_sales").find_created(sent(SALE))


def test_an_invoice_with_our_number_is_released_under_it():
    asked = INVOICE | {"referenceNumber": "2026/5"}
    with company() as (connector, routes):
        route = routes.post(f"{API}/v2/customerinvoice").mock(return_value=created("customer_invoices", "2026/5"))
        release = routes.post(url__regex=r".*/action/release").mock(return_value=reply(DONE))

        written = connector.target("customer_invoices").create(asked, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert (body["referenceNumber"], body["overrideNumberSeries"]) == ("2026/5", True)
    assert "release" not in body
    assert written.id == "2026/5"
    assert "2026/5" not in str(release.calls.last.request.url)  # a slash would be another path


def test_a_number_that_is_too_long_is_not_cut():
    with company() as (connector, _), pytest.raises(MappingError) as held:
        connector.target("customer_invoices").create(INVOICE | {"referenceNumber": "2026/00000012345"}, reference="R")

    assert held.value.field == "referenceNumber"


def test_a_number_that_is_taken_by_our_own_invoice_is_that_invoice():
    ours = {"referenceNumber": "F5", "customerRefNumber": REFERENCE}
    with company() as (connector, routes):
        refused = reply({"message": "A document with the reference number 'F5' already exists."}, 400)
        routes.post(f"{API}/v2/customerinvoice").mock(return_value=refused)
        routes.get(f"{API}/v1/customerinvoice/F5").mock(return_value=reply(ours))

        written = connector.target("customer_invoices").create(INVOICE | {"referenceNumber": "F5"}, reference=REFERENCE)

    assert written.id == "F5"


@pytest.mark.parametrize(
    ("answer", "status", "raised"),
    [
        (reply({"message": "The period is closed."}, 400), "Balanced", NotFinished),
        (reply(DONE | {"actionResult": "Failed", "errorInfo": "No."}), "Balanced", NotFinished),
        (reply({}, 503), "Balanced", OutcomeUnknown),
        (reply(DONE | {"actionResult": "Queued"}), "Balanced", OutcomeUnknown),
    ],
    ids=["refused", "failed", "down", "not done yet"],
)
def test_a_release_that_fails_never_looks_as_if_nothing_was_made(answer: Any, status: str, raised: type[Exception]):
    with company() as (connector, routes):
        routes.post(f"{API}/v2/customerinvoice").mock(return_value=created("customer_invoices", "003547"))
        routes.post(f"{API}/v1/customerinvoice/003547/action/release").mock(return_value=answer)
        routes.get(f"{API}/v1/customerinvoice/003547").mock(return_value=reply({"status": status}))
        routes._assert_all_called = False

        with pytest.raises(raised):
            connector.target("customer_invoices").create(INVOICE, reference=REFERENCE)


def test_an_invoice_that_is_found_unreleased_is_released_then():
    row = {"referenceNumber": "003547", "customerRefNumber": REFERENCE, "status": "Balanced"}
    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerinvoice").mock(return_value=reply(counted([row])))
        release = routes.post(f"{API}/v1/customerinvoice/003547/action/release").mock(return_value=reply(DONE))

        assert [one.id for one in connector.target("customer_invoices").find_created(sent(INVOICE))] == ["003547"]

    assert release.call_count == 1
