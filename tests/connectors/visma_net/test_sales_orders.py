"""Sales orders at both generations of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import MappingError, OutcomeUnknown, Rejected
from connectors.base import Sent
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, ORDERS, company, counted, reply, sent_json

V3 = f"{ORDERS}/api/v3/SalesOrders"
V2 = f"{API}/v2/salesorder"
REFERENCE = "a1b2c3d4e5f6071"
PAYLOAD: dict[str, Any] = {
    "customer": {"id": "10012", "refNo": REFERENCE, "order": None},
    "date": date(2026, 11, 20),
    "currencyId": "NOK",
    "shipping": {"address": {"line1": None}},
    "orderLines": [
        {
            "inventoryId": "A-100",
            "quantity": Decimal("2"),
            "unitPrice": Decimal("249.99"),
            "hasManualPrice": True,
            "discountPercent": Decimal("10"),
            "hasManualDiscount": True,
        }
    ],
}
SENT = Sent(REFERENCE, REFERENCE, PAYLOAD, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))
EXISTS = {"type": "about:blank", "title": "The order exists already.", "status": 409}


def row(number: str, **changes: Any) -> dict[str, Any]:
    return {"type": "SO", "orderId": number, "customerId": "10012", "customerRefNo": REFERENCE} | changes


def test_an_order_goes_to_v3_with_moments_for_dates_and_without_empty_parts():
    with company() as (connector, routes):
        route = routes.post(V3).mock(return_value=reply(None, 201, Location=f"{V3}/SO/000417"))

        written = connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)

    body = sent_json(route.calls.last)
    assert (written.id, written.number) == ("SO/000417", "000417")
    assert (body["type"], body["date"]) == ("SO", "2026-11-20T00:00:00Z")
    assert body["customer"] == {"id": "10012", "refNo": REFERENCE}
    assert body["orderLines"][0]["unitPrice"] == 249.99
    assert "shipping" not in body
    assert "orderId" not in body


def test_a_connection_may_still_use_v2():
    with company(order_api="v2", order_type="SL") as (connector, routes):
        route = routes.post(V2).mock(return_value=reply(None, 201, Location=f"{API}/v1/salesorder/000417"))

        written = connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert written.id == "SL/000417"
    assert (body["orderType"], body["customerRefNo"], body["date"]) == ("SL", REFERENCE, "2026-11-20")
    assert body["lines"][0]["operation"] == "Insert"


def test_an_order_type_with_own_numbers_gets_our_reference_as_number():
    with company(order_type="WB", order_type_is_manual=True) as (connector, routes):
        route = routes.post(V3).mock(return_value=reply(None, 201, Location=f"{V3}/WB/{REFERENCE}"))

        written = connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)

    assert sent_json(route.calls.last)["orderId"] == REFERENCE
    assert written.id == f"WB/{REFERENCE}"


def test_an_order_that_exists_under_our_number_is_taken_as_made():
    with company(order_type_is_manual=True) as (connector, routes):
        routes.post(V3).mock(return_value=reply(EXISTS, 409))
        ours = {"type": "SO", "orderId": REFERENCE, "customer": {"id": "10012", "refNo": REFERENCE}}
        routes.get(f"{V3}/SO/{REFERENCE}").mock(return_value=reply(ours, ETag='"A"'))

        written = connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)

    assert written.id == f"SO/{REFERENCE}"


def test_somebody_elses_order_under_our_number_is_not_ours():
    with company(order_type_is_manual=True) as (connector, routes):
        routes.post(V3).mock(return_value=reply(EXISTS, 409))
        theirs = {"type": "SO", "orderId": REFERENCE, "customer": {"id": "10012", "refNo": "other"}}
        routes.get(f"{V3}/SO/{REFERENCE}").mock(return_value=reply(theirs, ETag='"A"'))

        with pytest.raises(Rejected):
            connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)


def test_a_missing_item_is_named():
    details = [{"code": "1804-InventoryIdNotFound", "message": "Not found", "parameters": {"inventoryId": "A-100"}}]
    problem = {"type": "about:blank", "title": "Validation", "status": 400, "details": details}
    with company() as (connector, routes):
        routes.post(V3).mock(return_value=reply(problem, 400))

        with pytest.raises(Rejected) as refused:
            connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)

    assert (refused.value.code, refused.value.params["sku"]) == ("product.missing", "A-100")


def test_a_line_without_item_is_not_sent():
    lines = [{"inventoryId": "", "description": "Delivery on Monday"}]
    with company() as (connector, _), pytest.raises(MappingError) as held:
        connector.target("sales_orders").create(PAYLOAD | {"orderLines": lines}, reference=REFERENCE)

    assert (held.value.code, held.value.params["text"]) == ("line.without_product", "Delivery on Monday")


def test_a_create_that_names_no_record_is_unknown():
    with company() as (connector, routes):
        routes.post(V3).mock(return_value=reply(None, 201, Location="/"))

        with pytest.raises(OutcomeUnknown):
            connector.target("sales_orders").create(PAYLOAD, reference=REFERENCE)


def test_an_order_without_an_answer_is_found_among_the_customers_orders():
    pages = [
        {"value": [row(str(n), customerRefNo="other") for n in range(100)], "totalCount": 102, "nextPage": "x"},
        {"value": [row("000417"), row("000418", customerRefNo=None)], "totalCount": 102, "nextPage": None},
    ]
    with company() as (connector, routes):
        route = routes.get(V3).mock(side_effect=[reply(page) for page in pages])

        found = connector.target("sales_orders").find_created(SENT)

    query = route.calls[0].request.url.params
    assert [(written.id, written.number) for written in found] == [("SO/000417", "000417")]
    assert (query["customerId"], query["modifiedSince"]) == ("10012", "2026-11-19T08:15:00Z")
    assert [call.request.url.params["pageIndex"] for call in route.calls] == ["0", "1"]


def test_two_orders_with_our_reference_are_both_told():
    with company() as (connector, routes):
        routes.get(V3).mock(return_value=reply({"value": [row("1"), row("2")], "totalCount": 2, "nextPage": None}))

        assert [written.id for written in connector.target("sales_orders").find_created(SENT)] == ["SO/1", "SO/2"]


def test_v2_looks_below_the_customer():
    rows = counted([{"orderType": "SO", "orderNo": "000417", "customerRefNo": REFERENCE}])
    with company(order_api="v2") as (connector, routes):
        route = routes.get(f"{API}/v1/customer/10012/salesorder").mock(return_value=reply(rows))

        found = connector.target("sales_orders").find_created(SENT)

    assert [written.id for written in found] == ["SO/000417"]
    assert route.calls.last.request.url.params["lastModifiedDateTime"] == "2026-11-19T08:15:00.000"


def test_an_own_number_is_asked_for_first():
    with company(order_api="v2", order_type_is_manual=True) as (connector, routes):
        found = {"orderType": "SO", "orderNo": REFERENCE, "customerRefNo": REFERENCE}
        routes.get(f"{API}/v1/salesorder/SO/{REFERENCE}").mock(return_value=reply(found))

        assert [row.id for row in connector.target("sales_orders").find_created(SENT)] == [f"SO/{REFERENCE}"]
