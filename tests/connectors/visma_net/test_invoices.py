"""Customer invoices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import FlowError, MappingError
from connectors.base import Sent
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, company, counted, reply, sent_json

CREATE = f"{API}/v2/customerinvoice"
INVOICES = f"{API}/v1/customerinvoice"
REFERENCE = "a1b2c3d4e5f60718"
PAYLOAD: dict[str, Any] = {
    "customerNumber": "10012",
    "documentDate": date(2026, 11, 20),
    "invoiceText": "Teamleader 2026/15",
    "billingAddress": {"addressLine1": "Bryggen 5", "countryId": "NO"},
    "invoiceLines": [
        {"inventoryNumber": "A-100", "quantity": Decimal(2), "unitPriceInCurrency": Decimal("249.99")},
        {"inventoryNumber": "", "description": "Consulting", "quantity": Decimal(1), "accountNumber": "3000"},
    ],
}
SENT = Sent(REFERENCE, REFERENCE, PAYLOAD, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))


def row(number: str, **changes: Any) -> dict[str, Any]:
    return {"referenceNumber": number, "customerRefNumber": REFERENCE, "externalReference": REFERENCE} | changes


def test_an_invoice_carries_our_reference_twice_and_inserts_its_lines():
    with company() as (connector, routes):
        route = routes.post(CREATE).mock(return_value=reply(None, 201, Location=f"{INVOICES}/003547"))

        written = connector.target("customer_invoices").create(PAYLOAD, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert written.id == "003547"
    assert (body["customerRefNumber"], body["externalReference"]) == (REFERENCE, REFERENCE)
    assert body["documentDate"] == "2026-11-20"
    assert body["billingAddress"]["overrideAddress"] is True
    assert body["invoiceLines"] == [
        {"operation": "Insert", "inventoryNumber": "A-100", "quantity": 2, "unitPriceInCurrency": 249.99},
        {"operation": "Insert", "description": "Consulting", "quantity": 1, "accountNumber": "3000"},
    ]


def test_a_line_with_neither_item_nor_text_is_not_sent():
    with company() as (connector, _), pytest.raises(MappingError) as held:
        connector.target("customer_invoices").create(PAYLOAD | {"invoiceLines": [{"quantity": 1}]}, reference=REFERENCE)

    assert held.value.field == "invoiceLines.0.inventoryNumber"


def test_an_invoice_without_an_answer_is_found_by_either_field():
    with company() as (connector, routes):
        first, second = [], counted([row("003547", customerRefNumber="changed")])
        route = routes.get(INVOICES).mock(side_effect=[reply(first), reply(second)])

        found = connector.target("customer_invoices").find_created(SENT)

    assert [written.id for written in found] == ["003547"]
    assert route.calls[0].request.url.params["customerRefNumber"] == REFERENCE
    assert route.calls[1].request.url.params["externalReference"] == REFERENCE


def test_an_invoice_that_both_fields_find_is_one():
    with company() as (connector, routes):
        routes.get(INVOICES).mock(return_value=reply(counted([row("003547")])))

        assert [written.id for written in connector.target("customer_invoices").find_created(SENT)] == ["003547"]


def test_rows_of_a_filter_that_was_not_obeyed_are_no_proof_of_absence():
    others = counted([row("1", customerRefNumber="x", externalReference="y")] * 50, total=900, cap=1000)
    with company() as (connector, routes):
        routes.get(INVOICES).mock(return_value=reply(others))

        with pytest.raises(FlowError) as stopped:
            connector.target("customer_invoices").find_created(SENT)

    assert stopped.value.code == "remote.filter_ignored"
