"""How far orders have come and what was paid, as the two versions of the order API and the ledger tell it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from apicenter.errors import RemoteUnavailable
from connectors.base import Omitted, Window
from connectors.visma_net.connector import VismaNet
from tests.connectors.visma_net.calling import API, ORDERS, company, counted, reply

V3 = f"{ORDERS}/api/v3/SalesOrders"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = Window(since=NOON)
STAMP = "2026-11-20T12:30:00.000"


def order_row(number: str, **changes: Any) -> dict[str, Any]:
    row = {"type": "SO", "orderId": number, "status": "Open", "lastModified": f"{STAMP}Z", "customerId": "10012"}
    return row | changes


def shipment(number: str, *orders: str, tracking: str = "JD01") -> dict[str, Any]:
    return {
        "shipmentNumber": number, "shipmentDate": "2026-11-21T00:00:00", "status": "Confirmed",
        "shipVia": {"id": "DHL", "description": "DHL"}, "lastModifiedDateTime": STAMP,
        "shipmentOrderLines": [{"orderType": "SO", "orderNbr": order} for order in orders],
        "shipmentPackageLines": [{"lineNumber": 1, "trackingNumber": tracking}],
    }  # fmt: skip


def payment(number: str, *lines: tuple[str, float], status: str = "Closed", **changes: Any) -> dict[str, Any]:
    rows = [{"documentType": "Invoice", "refNbr": invoice, "amountPaid": amount} for invoice, amount in lines]
    row = {
        "type": "Payment", "refNbr": number, "status": status, "applicationDate": "2026-11-20T00:00:00",
        "paymentRef": f"STMT-{number}", "paymentMethod": {"id": "1", "description": "Bank"}, "currency": "NOK",
        "lastModifiedDateTime": STAMP, "paymentLines": rows,
    }  # fmt: skip
    return row | changes


def read(connector: VismaNet, kind: str, window: Window) -> list[Any]:
    source = connector.source(kind)
    page = source.page(window, None)
    found = list(page.records)
    while page.position is not None:
        page = source.page(window, page.position)
        found += page.records
    return found


def v3_order(routes: respx.MockRouter, number: str, *, status: str, rows: list[dict[str, Any]]) -> None:
    body = {"type": "SO", "orderId": number, "status": {"description": status, "hold": False, "cancelled": False}}
    routes.get(f"{V3}/SO/{number}").mock(return_value=reply(body | {"lastModified": f"{STAMP}Z"}))
    routes.get(f"{V3}/SO/{number}/shipment").mock(return_value=reply(rows))


def test_orders_that_changed_come_first_then_those_whose_shipments_did():
    with company() as (connector, routes):
        orders = routes.get(V3).mock(
            return_value=reply({"value": [order_row("000001")], "totalCount": 1, "nextPage": None})
        )
        routes.get(f"{API}/v1/shipment").mock(return_value=reply(counted([shipment("S1", "000002", "000003")])))

        found = read(connector, "order_status", SINCE)

    assert [(one.key, one.core.status) for one in found] == [
        ("SO/000001", "Open"), ("SO/000002", None), ("SO/000003", None)
    ]  # fmt: skip
    query = dict(orders.calls.last.request.url.params)
    assert (query["modifiedSince"], query["orderBy"]) == ("2026-11-20T12:00:00Z", "created")


def test_an_order_that_matters_is_read_with_its_shipments_and_invoices():
    with company() as (connector, routes):
        v3_order(routes, "000001", status="Invoiced", rows=[{"id": "S1", "invoiceId": "003547"}, {"id": "S2"}])
        routes.get(f"{API}/v1/shipment/S1").mock(return_value=reply(shipment("S1", "000001")))
        routes.get(f"{API}/v1/shipment/S2").mock(return_value=reply(shipment("S2", "000001", tracking="JD02")))
        routes.get(f"{API}/v1/customerinvoice/003547").mock(
            return_value=reply({"referenceNumber": "003547", "status": "Open", "balance": 100})
        )

        (record,) = connector.source("order_status").fetch(["SO/000001"])

    status = record.core
    assert (status.number, status.status, status.shipped_on) == ("000001", "Invoiced", date(2026, 11, 21))
    assert (status.tracking_number, status.invoice_number, status.invoice_status) == ("JD01, JD02", "003547", "Open")


def test_an_order_on_hold_costs_no_further_call_and_a_deleted_one_is_told():
    with company() as (connector, routes):
        routes.get(V3).mock(
            return_value=reply({"value": [order_row("000001", status="Hold")], "totalCount": 1, "nextPage": None})
        )
        routes.get(f"{V3}/SO/000009").mock(return_value=reply({"title": "Not Found", "status": 404}, 404))
        source = connector.source("order_status")

        held = source.complete(source.page(Window(), None).records)
        gone = source.fetch(["SO/000009"])

    assert held[0].core.status == "Hold"
    assert isinstance(gone[0], Omitted)


def test_the_older_version_brings_its_shipments_along():
    row = {"orderType": "SO", "orderNo": "000001", "status": "Completed", "lastModifiedDateTime": STAMP,
           "shipments": [{"shipmentNo": "S1", "invoiceNo": None}], "lines": []}  # fmt: skip
    with company(order_api="v2") as (connector, routes):
        routes.get(f"{API}/v2/salesorder").mock(return_value=reply(counted([row])))
        routes.get(f"{API}/v1/shipment").mock(return_value=reply([]))
        routes.get(f"{API}/v1/shipment/S1").mock(return_value=reply(shipment("S1", "000001")))

        (record,) = connector.source("order_status").complete(read(connector, "order_status", SINCE))

    assert (record.core.status, record.core.tracking_number) == ("Completed", "JD01")


def test_a_payment_names_its_invoices_and_an_invoice_that_changed_itself():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerPayment").mock(
            return_value=reply(counted([payment("500001", ("003547", 60.0), ("003548", 40.0))]))
        )
        changed = {"referenceNumber": "003549", "documentType": "Invoice", "lastModifiedDateTime": STAMP}
        note = changed | {"referenceNumber": "000007", "documentType": "CreditNote"}
        routes.get(f"{API}/v1/customerinvoice").mock(return_value=reply(counted([changed, note])))

        found = read(connector, "payments", SINCE)

    assert [one.key for one in found] == ["003547", "003548", "003549"]


def test_only_money_that_is_booked_counts_and_what_was_taken_back_says_so():
    rows = [
        payment("500001", ("003547", 60.0), ("003548", 40.0)),
        payment("500002", ("003547", 20.0), status="Voided"),
        payment("500003", ("003547", 5.0), status="Balanced"),
        payment("000011", ("003547", 15.0), type="CreditNote"),
        payment("500004", ("003599", 1.0)),  # a filter the API does not know is ignored
    ]
    with company() as (connector, routes):
        route = routes.get(f"{API}/v1/customerPayment").mock(return_value=reply(counted(rows)))
        routes.get(f"{API}/v1/customerinvoice/003547").mock(
            return_value=reply({"referenceNumber": "003547", "status": "Open", "currencyId": "NOK", "balance": 25})
        )

        (record,) = connector.source("payments").fetch(["003547"])

    assert [(one.key, one.amount, one.method, one.is_reversed) for one in record.core.payments] == [
        ("Payment/500001", Decimal(60), "1", False),
        ("Payment/500002", Decimal(20), "1", True),
    ]
    assert record.core.balance == 25
    assert dict(route.calls.last.request.url.params)["invoiceRefNbr"] == "003547"


def test_the_orders_behind_an_invoice_are_read_only_where_the_list_does_not_tell():
    lines = [{"soOrderType": "SO", "soOrderNbr": "000001"}, {"soOrderType": "SO", "soOrderNbr": "000001"}, {}]
    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerPayment").mock(return_value=reply(counted([payment("500001", ("003547", 60.0))])))
        listed = {"referenceNumber": "003549", "documentType": "Invoice", "invoiceLines": lines}
        routes.get(f"{API}/v1/customerinvoice").mock(return_value=reply(counted([listed])))
        single = routes.get(f"{API}/v1/customerinvoice/003547").mock(
            return_value=reply(
                {"referenceNumber": "003547", "invoiceLines": [*lines, {"soOrderType": "SO", "soOrderNbr": "2"}]}
            )
        )
        source = connector.source("payments")

        behind = source.orders_behind(read(connector, "payments", Window()))

    assert behind == {"003547": ("SO/000001", "SO/2"), "003549": ("SO/000001",)}
    assert single.call_count == 1


def test_a_list_that_ends_too_early_is_not_taken_for_all():
    def short(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["pageNumber"])
        return reply(counted([payment("500001", ("003547", 1.0))] if number == 1 else [], total=300, cap=1))

    with company() as (connector, routes):
        routes.get(f"{API}/v1/customerPayment").mock(side_effect=short)
        with pytest.raises(RemoteUnavailable):
            read(connector, "payments", SINCE)
