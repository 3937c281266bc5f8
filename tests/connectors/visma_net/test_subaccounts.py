"""Subaccounts: chosen by number, sent by their segments, in the form each service takes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apicenter.errors import MappingError
from connectors.base import Period
from connectors.revising import LineRevision, LineWork, Revision, Standing
from connectors.visma_net.journal_standing import reversal_of
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, ORDERS, company, counted, reply, sent_json

SEGMENTS = [{"segmentId": 1, "segmentValue": "100"}, {"segmentId": 2, "segmentValue": "BE"}]
SHOWROOM = {"subaccountNumber": "100BE ", "description": "Showroom", "active": True, "segments": SEGMENTS}
OLD = {"subaccountNumber": "900BE", "active": False, "segments": SEGMENTS}
V3 = f"{ORDERS}/api/v3/SalesOrders"
ORDER = {
    "customer": {"id": "10012"},
    "orderLines": [{"inventoryId": "A-100", "quantity": Decimal(1), "subaccount": "100be"}],
}
DOCUMENT = {"customerNumber": "10012", "documentDate": "2026-11-20", "release": False}
LINE = {"inventoryNumber": "A-100", "quantity": Decimal(1), "subaccount": "100BE"}


def test_an_order_of_v3_names_it_by_segment():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/subaccount").mock(return_value=reply(counted([SHOWROOM, OLD])))
        made = routes.post(V3).mock(return_value=reply(None, 201, Location=f"{V3}/SO/000417"))

        connector.target("sales_orders").create(ORDER, reference="R")

    assert sent_json(made.calls.last)["orderLines"][0]["subaccount"] == {"1": "100", "2": "BE"}


def test_an_order_of_v2_names_its_segments():
    with company(order_api="v2") as (connector, routes):
        routes.get(f"{API}/v1/subaccount").mock(return_value=reply(counted([SHOWROOM])))
        made = routes.post(f"{API}/v2/salesorder").mock(
            return_value=reply(None, 201, Location=f"{API}/v1/salesorder/000417")
        )

        connector.target("sales_orders").create(ORDER, reference="R")

    assert unwrap(sent_json(made.calls.last))["lines"][0]["subaccount"] == SEGMENTS


@pytest.mark.parametrize(
    ("kind", "path", "lines"),
    [
        ("customer_invoices", "/v2/customerinvoice", "invoiceLines"),
        ("credit_notes", "/v2/customerCreditNote", "lines"),
    ],
)
def test_a_document_names_its_segments(kind: str, path: str, lines: str):
    with company() as (connector, routes):
        read = routes.get(f"{API}/v1/subaccount").mock(return_value=reply(counted([SHOWROOM])))
        made = routes.post(f"{API}{path}").mock(return_value=reply(None, 201, Location=f"{API}{path}/000012"))

        connector.target(kind).create({**DOCUMENT, lines: [LINE, LINE]}, reference="R")

    assert read.call_count == 1
    assert [line["subaccount"] for line in unwrap(sent_json(made.calls.last))[lines]] == [SEGMENTS, SEGMENTS]


def test_a_line_that_is_added_later_names_it_too():
    added = LineRevision(LineWork.INSERT, "", "A-100", {"inventoryId": "A-100", "quantity": 1, "subaccount": "100BE"})
    standing = Standing("SO/000417", "Hold", may_change=True, may_cancel=True, version='"1"')
    with company() as (connector, routes):
        routes.get(f"{API}/v1/subaccount").mock(return_value=reply(counted([SHOWROOM])))
        posted = routes.post(f"{V3}/SO/000417/lines").mock(return_value=reply(None, 202, ETag='"2"'))

        connector.target("sales_orders").revise(standing, Revision({}, (added,)))

    assert sent_json(posted.calls.last)["lines"][0]["subaccount"] == {"1": "100", "2": "BE"}


def test_one_that_is_not_there_or_not_used_any_more_holds_its_record():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/subaccount").mock(return_value=reply(counted([OLD])))

        with pytest.raises(MappingError, match="900BE"):
            connector.target("customer_invoices").create(
                {**DOCUMENT, "invoiceLines": [{**LINE, "subaccount": "900BE"}]}, reference="R"
            )


def test_the_reversal_of_an_entry_keeps_its_subaccounts():
    line = {"accountNumber": "700000", "creditAmountInCurrency": 100, "referenceNumber": "R", "subaccount": SHOWROOM}
    batch = {"batchNumber": "000012", "transactionDate": "2026-11-20", "journalTransactionLines": [line]}

    (undone,) = reversal_of(batch, Period("202611", is_open=True))["journalTransactionLines"]

    assert (undone["debitAmountInCurrency"], undone["subaccount"]) == (100, SEGMENTS)
