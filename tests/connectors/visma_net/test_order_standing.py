"""Sales orders looked at again at both generations of the API; every call and answer is held against the contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import ChangedMeanwhile, OutcomeUnknown, Rejected
from connectors.revising import LineRevision, LineWork, Revision, Standing
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, ORDERS, company, reply, sent_json

ORDER = f"{ORDERS}/api/v3/SalesOrders/SO/000417"
V1 = f"{API}/v1/salesorder/000417"
ETAG = '"AAAAAE0YIiI="'
LINES = [
    {
        "lineId": 1,
        "inventory": {"id": "A-100", "description": "Lamp"},
        "description": "Lamp",
        "quantity": 2,
        "unitPrice": 250,
        "discountPercent": 0,
        "taxCategoryId": "21",
    }
]
REVISION = Revision(
    head={"customer": {"order": "PO-2"}},
    lines=(
        LineRevision(LineWork.UPDATE, "A-100", "1", {"quantity": Decimal(3), "unitPrice": Decimal("249.5")}),
        LineRevision(LineWork.DELETE, "B-200", "2"),
        LineRevision(LineWork.INSERT, "C-300", values={"inventoryId": "C-300", "quantity": Decimal(1)}),
    ),
)
SEEN = Standing("SO/000417", "Hold", may_change=True, may_cancel=True, version=ETAG)


def head(status: str = "Hold", **changes: Any) -> dict[str, Any]:
    state = {"description": status, "hold": status == "Hold", "cancelled": status == "Cancelled"}
    return {
        "type": "SO",
        "orderId": "000417",
        "status": state,
        "isRotRutDeductable": False,
        "currencyId": "EUR",
        "customer": {"id": "10012", "internalId": 7, "order": "PO-1"},
    } | changes


@pytest.mark.parametrize(
    ("status", "shipped", "expected"),
    [
        ("Hold", 0, (True, True, False)),
        ("Hold", 1, (True, False, False)),
        ("Open", 0, (False, False, False)),
        ("Cancelled", 0, (False, False, True)),
    ],
)
def test_how_an_order_of_v3_stands(status: str, shipped: int, expected: tuple[bool, bool, bool]):
    with company() as (connector, routes):
        routes.get(ORDER).mock(return_value=reply(head(status), ETag=ETAG))
        page = {"value": [LINES[0] | {"quantityOnShipments": shipped}], "totalCount": 1}
        routes.get(f"{ORDER}/lines").mock(return_value=reply(page))

        found = connector.target("sales_orders").standing("SO/000417")

    assert (found.may_change, found.may_cancel, found.is_gone) == expected
    assert (found.version, found.head["customer.order"]) == (ETAG, "PO-1")
    assert (found.lines[0].id, found.lines[0].values["inventoryId"]) == ("1", "A-100")


@pytest.mark.parametrize(("settings", "path"), [({}, ORDER), ({"order_api": "v2"}, f"{API}/v1/salesorder/SO/000417")])
def test_an_order_that_is_not_there_any_more_is_gone(settings: dict[str, Any], path: str):
    with company(**settings) as (connector, routes):
        routes.get(path).mock(return_value=reply({"title": "Not Found", "status": 404}, 404))

        assert connector.target("sales_orders").standing("SO/000417").is_gone


def test_a_revision_goes_to_v3_step_by_step_each_on_the_version_before():
    with company() as (connector, routes):
        first = routes.patch(ORDER).mock(return_value=reply(None, 202, ETag='"B="'))
        changed = routes.patch(f"{ORDER}/lines").mock(return_value=reply(None, 202, ETag='"C="'))
        added = routes.post(f"{ORDER}/lines").mock(return_value=reply(None, 202, ETag='"D="'))
        removed = routes.delete(f"{ORDER}/lines").mock(return_value=reply(None, 202, ETag='"E="'))

        connector.target("sales_orders").revise(SEEN, REVISION)

    calls = [route.calls.last.request for route in (first, changed, added, removed)]
    assert [call.headers["If-Match"] for call in calls] == [ETAG, '"B="', '"C="', '"D="']
    assert sent_json(changed.calls.last)["lines"] == [
        {"lineId": 1, "quantity": 3, "unitPrice": 249.5, "hasManualPrice": True}
    ]
    assert sent_json(added.calls.last)["lines"] == [{"inventoryId": "C-300", "quantity": 1}]
    assert calls[-1].url.params["ids"] == "2"


def test_a_revision_goes_to_the_older_version_in_one_call_with_an_operation_per_line():
    with company(order_api="v2") as (connector, routes):
        route = routes.put(V1).mock(return_value=reply(None, 204))

        connector.target("sales_orders").revise(SEEN, REVISION)

    body = unwrap(sent_json(route.calls.last))
    assert (body["orderType"], body["customerOrder"]) == ("SO", "PO-2")
    assert body["lines"] == [
        {"operation": "Update", "inventoryNumber": "A-100", "lineNbr": 1, "quantity": 3, "unitPrice": 249.5},
        {"operation": "Delete", "inventoryNumber": "B-200", "lineNbr": 2},
        {"operation": "Insert", "inventoryNumber": "C-300", "quantity": 1},
    ]


def test_an_order_that_somebody_changed_meanwhile_is_not_overwritten():
    with company() as (connector, routes):
        routes.patch(ORDER).mock(return_value=reply({"title": "Precondition Failed", "status": 412}, 412))

        with pytest.raises(ChangedMeanwhile):
            connector.target("sales_orders").revise(SEEN, REVISION)


def test_a_change_without_an_answer_leaves_open_whether_it_was_done():
    with company(order_api="v2") as (connector, routes):
        routes.put(V1).mock(return_value=reply({"message": "An error has occurred."}, 500))

        with pytest.raises(OutcomeUnknown):
            connector.target("sales_orders").revise(SEEN, REVISION)


def test_the_older_version_cancels_and_the_newer_deletes():
    with company(order_api="v2") as (connector, routes):
        action = f"{API}/v2/salesorder/000417/action/cancelSalesOrder"
        done = {"actionId": "0b6f3a52-6f5f-4f7e-9a53-0b1c7a3b9a11", "actionResult": "Done", "errorInfo": None}
        route = routes.post(action).mock(return_value=reply(done))
        assert connector.target("sales_orders").cancel(SEEN).note == "order.cancelled_there"
        assert sent_json(route.calls.last) == {"orderType": "SO"}
        routes.post(action).mock(return_value=reply(done | {"actionResult": "Failed", "errorInfo": "It is shipped."}))
        with pytest.raises(Rejected):
            connector.target("sales_orders").cancel(SEEN)

    with company() as (connector, routes):
        route = routes.delete(ORDER).mock(return_value=reply(None, 202))
        assert connector.target("sales_orders").cancel(SEEN).note == "order.deleted_there"
        assert route.calls.last.request.headers["If-Match"] == ETAG


ADDRESS = {"line1": "Kaai 3", "postalCode": "8000", "city": "Brugge", "countryId": "BE"}
MOVED = Revision(head={"note": "Ring twice", "shipping": {"address": ADDRESS, "contact": {"name": "An Maes"}}})


def test_addresses_and_texts_of_an_order_are_read_in_the_same_names_from_both_versions():
    with company() as (connector, routes):
        place = {"address": {**ADDRESS, "countryId": None, "country": "BE"}, "contact": {"name": "An Maes"}}
        whole = head(note="Ring", description="Lamps", requestOn="2026-12-01T00:00:00Z", shipping=place)
        route = routes.get(ORDER).mock(return_value=reply(whole, ETag=ETAG))
        routes.get(f"{ORDER}/lines").mock(return_value=reply({"value": LINES, "totalCount": 1}))
        newer = connector.target("sales_orders").standing("SO/000417").head
    with company(order_api="v2") as (connector, routes):
        address = {"addressLine1": "Kaai 3", "postalCode": "8000", "city": "Brugge", "country": {"id": "BE"}}
        texts = {"note": "Ring", "description": "Lamps", "requestOn": "2026-12-01T00:00:00"}
        order = {"orderType": "SO", "orderNo": "000417", "status": "Hold", "soShippingAddress": address, **texts,
                 "soShippingContact": {"name": "An Maes"}, "lines": []}  # fmt: skip
        routes.get(f"{API}/v1/salesorder/SO/000417").mock(return_value=reply(order))
        older = connector.target("sales_orders").standing("SO/000417").head

    expected = {f"shipping.address.{name}": value for name, value in ADDRESS.items()}
    expected |= {"shipping.contact.name": "An Maes", "note": "Ring", "requestOn": "2026-12-01"}
    assert expected.items() <= newer.items()
    assert expected.items() <= older.items()
    assert route.calls.last.request.url.params.get_list("expand") == ["Customer", "Billing", "Shipping", "Note"]


def test_a_changed_address_stands_in_place_of_the_customers_at_both_versions():
    with company() as (connector, routes):
        route = routes.patch(ORDER).mock(return_value=reply(None, 202, ETag='"B="'))
        connector.target("sales_orders").revise(SEEN, MOVED)
        newer = sent_json(route.calls.last)
    with company(order_api="v2") as (connector, routes):
        route = routes.put(V1).mock(return_value=reply(None, 204))
        connector.target("sales_orders").revise(SEEN, MOVED)
        older = unwrap(sent_json(route.calls.last))

    assert newer["shipping"]["address"] == {**ADDRESS, "overridesDefault": True}
    assert newer["shipping"]["contact"] == {"name": "An Maes", "overridesDefault": True}
    assert older["soShippingAddress"] == {
        "overrideAddress": True, "addressLine1": "Kaai 3", "postalCode": "8000", "city": "Brugge", "countryId": "BE",
    }  # fmt: skip
    assert (older["soShippingContact"]["name"], older["note"]) == ("An Maes", "Ring twice")
