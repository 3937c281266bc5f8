"""Pages and records too large to be taken in: one is parked by its key, everything else goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from apicenter.errors import RecordError, RemoteUnavailable
from connectors import transport
from connectors.base import ReadRecord, SourceRecord, Unreadable, Window
from connectors.visma_net.connector import VismaNet
from connectors.visma_net.products import find_item
from tests.connectors.visma_net.calling import API, ORDERS, company, make_client, recorded, reply

CAP = 20_000
HUGE = "x" * 2 * CAP
SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SIZE_CAP", CAP)


def make_items(count: int, *huge: int, **changes: Any) -> list[Row]:
    return [
        recorded("item", inventoryId=n, inventoryNumber=f"A-{n}", attributes=[], **changes)
        | ({"body": HUGE} if n in huge else {"body": None})
        for n in range(1, count + 1)
    ]


def paged(rows: list[Row], *, cap: int = 5000) -> Any:
    """Answer a list as the ERP does: in pages, less of each row where everything is collapsed."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        size = min(int(query["pageSize"]), cap)
        start = (int(query["pageNumber"]) - 1) * size
        found = [
            row | {"metadata": {"totalCount": len(rows), "maxPageSize": cap}} for row in rows[start : start + size]
        ]
        if query.get("expandWarehouseDetail") == "false":
            found = [{name: value for name, value in row.items() if name != "body"} for row in found]
        return reply(found)

    return answer


def read_all(source: Any, window: Window | None = None) -> list[ReadRecord]:
    records, position = [], None
    while True:
        page = source.page(window or Window(), position)
        records += page.records
        position = page.position
        if position is None:
            return records


def parked(records: list[ReadRecord]) -> list[str]:
    return [one.key for one in records if isinstance(one, Unreadable)]


def readable(records: list[ReadRecord]) -> list[str]:
    return [one.key for one in records if isinstance(one, SourceRecord)]


@pytest.mark.parametrize("kind", ["products", "stock"])
@pytest.mark.parametrize(("huge", "cap"), [(1, 5000), (38, 5000), (60, 5000), (38, 40)])
def test_a_page_that_is_too_large_is_read_in_smaller_ones_and_one_item_is_parked(kind: str, huge: int, cap: int):
    rows = make_items(60, huge, warehouseDetails=[], stockItem=True)
    with company() as (connector, routes):
        routes.get(f"{API}/v1/inventory").mock(side_effect=paged(rows, cap=cap))

        records = read_all(connector.source(kind))

    assert parked(records) == [str(huge)]
    assert [one.natural_key for one in records if isinstance(one, Unreadable)] == [f"A-{huge}"]
    assert sorted(readable(records), key=int) == [str(n) for n in range(1, 61) if n != huge]
    with pytest.raises(RecordError):
        connector.source(kind).parse(next(one.raw for one in records if isinstance(one, Unreadable)))


def test_a_single_item_that_is_too_large_is_parked_and_the_others_go_on():
    rows = {row["inventoryId"]: row for row in make_items(3, 2)}
    with company() as (connector, routes):
        routes.get(url__startswith=f"{API}/v1/inventory/internal/").mock(
            side_effect=lambda request: reply(rows[int(request.url.path.rsplit("/", 1)[1])])
        )
        routes.get(f"{API}/v1/inventory").mock(side_effect=paged(list(rows.values())))

        records = connector.source("products").fetch(["1", "2", "3"])

    assert (parked(records), readable(records)) == (["2"], ["1", "3"])


def test_a_payment_and_an_order_that_are_too_large_are_parked():
    payments = [{"type": "Payment", "refNbr": f"{n:06}", "paymentRef": HUGE if n == 2 else ""} for n in range(1, 4)]
    invoices = [{"referenceNumber": f"9{n}", "documentType": "Invoice", "invoiceText": HUGE * (n == 1)} for n in (1, 2)]
    orders = [
        {"orderType": "SO", "orderNo": str(n), "description": HUGE if n == 2 else "", "status": "Open"} for n in (1, 2)
    ]
    with company(order_api="v2") as (connector, routes):
        routes.get(f"{API}/v1/customerPayment").mock(side_effect=paged(payments))
        routes.get(f"{API}/v1/customerinvoice").mock(side_effect=paged(invoices))
        routes.get(f"{API}/v2/salesorder").mock(side_effect=paged(orders))

        paid = read_all(connector.source("payments"))
        standing = read_all(connector.source("order_status"))

    assert (parked(paid), readable(paid)) == (["payment 000002", "91"], ["92"])
    assert (parked(standing), readable(standing)) == (["SO/2"], ["SO/1"])


def paged_v3(rows: list[Row]) -> Any:
    """Answer the list of the sales order service: zero-based pages under a name."""

    def answer(request: httpx.Request) -> httpx.Response:
        index, size = int(request.url.params["pageIndex"]), int(request.url.params["pageSize"])
        found = rows[index * size : (index + 1) * size]
        is_more = (index + 1) * size < len(rows)
        return reply({"totalCount": len(rows), "nextPage": "there" if is_more else None, "value": found})

    return answer


@pytest.mark.parametrize("huge", [1, 38, 100, 130])
def test_an_order_of_the_v3_list_that_is_too_large_is_parked_and_the_others_go_on(huge: int):
    orders = [
        {"type": "SO", "orderId": str(n), "status": "Open", "description": HUGE if n == huge else ""}
        for n in range(1, 131)
    ]
    with company() as (connector, routes):
        routes.get(f"{ORDERS}/api/v3/SalesOrders").mock(side_effect=paged_v3(orders))

        records = read_all(connector.source("order_status"))

    assert parked(records) == [f"SO/{huge}"]
    assert readable(records) == [f"SO/{n}" for n in range(1, 131) if n != huge]


def test_what_a_look_up_did_not_see_is_not_taken_for_absent():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/inventory").mock(return_value=reply([{"inventoryNumber": "A-1", "body": HUGE}]))

        with pytest.raises(RemoteUnavailable):
            find_item(connector.target("sales_orders").erp, "A-1")


@pytest.mark.parametrize(
    ("kind", "url"), [("products", f"{API}/v1/inventory"), ("order_status", f"{ORDERS}/api/v3/SalesOrders")]
)
def test_a_system_that_answers_nothing_readable_is_no_fault_of_its_records(kind: str, url: str):
    with make_client() as api, respx.mock() as routes:
        route = routes.get(url).respond(200, text="<html>maintenance</html>")

        with pytest.raises(RemoteUnavailable):
            VismaNet(api, {"currency": "NOK"}).source(kind).page(Window(), None)

    assert route.call_count < 15
