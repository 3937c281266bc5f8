"""The fake Visma.net: sales orders of the order service."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.visma_net import hooks
from tests.connectors.sandbox.company import (
    Company,
    order_v3,
    sellable,
)

pytestmark = pytest.mark.django_db


def make_v3(company: Company, body: dict[str, Any]) -> str:
    answer = company.call("POST", "/api/v3/SalesOrders", body=body)
    assert answer.content == b"", answer.content
    return answer["Location"].partition("/salesorder")[2]


def test_a_v3_order_answers_with_its_place_and_reads_back(company: Company):
    address = {"line1": "Bryggen 5", "postalCode": "5003", "city": "Bergen", "countryId": "NO"}
    body = order_v3(
        {"inventoryId": sellable()[0].number, "quantity": 2, "unitPrice": 50, "discountPercent": 10,
         "externalLink": "TL-1"},
        customer={"refNo": "TL-88", "order": "PO-1"},
        shipping={"address": address},
        note="Ring twice",
        freight={"premiumAmount": 10, "taxCategoryId": "21"},
    )  # fmt: skip
    path = make_v3(company, body)
    order = company.get(path, expand="All")
    line = company.get(f"{path}/lines")["value"][0]

    assert path == "/api/v3/SalesOrders/SO/000001"
    assert (order["totals"]["orderTotal"], order["totals"]["taxTotal"]) == (121.0, 21.0)
    assert (order["customer"]["refNo"], order["note"]) == ("TL-88", "Ring twice")
    assert order["shipping"]["address"]["city"] == "Bergen"
    assert (line["extendedPrice"], line["externalLink"]) == (90, "TL-1")
    assert company.get(f"{path}/lines/1") == line


def test_parts_of_a_v3_order_come_when_asked_for(company: Company):
    assert "note" not in company.get(make_v3(company, order_v3(note="x")))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"orderLines": [{"inventoryId": "NO-SUCH"}]}, "1804-InventoryIdNotFound"),
        ({"date": "2020-01-15T00:00:00Z"}, "1601-FinancialPeriodClosed"),
        ({"orderLines": [{"inventoryId": sellable()[0].number, "taxCategoryId": "9"}]}, "1805-InvalidTaxCategoryId"),
        ({"orderLines": [{"inventoryId": sellable()[0].number, "unitOfMeasure": "T"}]}, "1808-InvalidUnitOfMeasure"),
        ({"type": "WO"}, "1901-MissingOrderId"),
    ],
)
def test_v3_problems_carry_the_vendors_codes(company: Company, change: dict[str, Any], code: str):
    body = order_v3() | change
    if "date" in change:
        hooks.close_period(company.account, f"{timezone.now():%Y%m}")
        body["date"] = f"{timezone.now():%Y-%m-%d}T00:00:00Z"
    answer = company.call("POST", "/api/v3/SalesOrders", body=body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["details"][0]["code"] == code


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"salesPersonId": "NOBODY"}, "Sales person"),
        ({"salesPersonId": "PIET"}, "not active"),
        ({"projectId": "NONE"}, "Project"),
        ({"projectId": "MOVE"}, "Completed"),
        ({"orderLines": [{"inventoryId": sellable()[0].number, "subaccount": {"1": "100", "2": "XX"}}]}, "Subaccount"),
        ({"orderLines": [{"inventoryId": sellable()[0].number, "subaccount": {"1": "900", "2": "BE"}}]}, "Subaccount"),
    ],
)
def test_what_an_order_is_booked_on_is_checked(company: Company, change: dict[str, Any], word: str):
    answer = company.call("POST", "/api/v3/SalesOrders", body=order_v3(**change))

    assert answer.status_code == 400
    assert word in json.dumps(json.loads(answer.content))


def test_an_inactive_customer_gets_no_order(company: Company):
    hooks.touch(company.account, "customer", "10001", status="Inactive")

    problem = json.loads(company.refused("POST", "/api/v3/SalesOrders", order_v3()))

    assert problem["details"][0]["code"] == "1407-InvalidCustomerStatus"


def test_texts_of_v3_have_limits(company: Company):
    answer = company.raw("POST", "/api/v3/SalesOrders", body=order_v3(customer={"refNo": "x" * 41}))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["customer.refNo"])


def test_a_manual_order_number_is_taken_once(company: Company):
    body = order_v3(type="WO", orderId="TL-88")

    assert make_v3(company, body) == "/api/v3/SalesOrders/WO/TL-88"
    assert company.call("POST", "/api/v3/SalesOrders", body=body).status_code == 409
    assert len(company.get("/api/v3/SalesOrders/WO")["value"]) == 1


def test_a_refused_order_leaves_no_gap_in_the_series(company: Company):
    company.refused("POST", "/api/v3/SalesOrders", order_v3({"inventoryId": "NO-SUCH"}))

    assert make_v3(company, order_v3()).endswith("000001")


def test_v3_changes_need_the_current_version(company: Company):
    path = make_v3(company, order_v3())
    version = company.call("GET", path)["ETag"]

    without = company.raw("PATCH", path, body={"description": "x"})
    right = company.call("PATCH", path, body={"description": "x"}, if_match=version)
    wrong = company.call("PATCH", path, body={"description": "y"}, if_match=version)

    assert [answer.status_code for answer in (without, right, wrong)] == [400, 202, 412]
    assert company.get(path)["version"] == right["ETag"].strip('"')


def test_v3_lines_are_added_changed_and_removed(company: Company):
    path = make_v3(company, order_v3())
    version = company.call("GET", path)["ETag"]
    more = {"lines": [{"inventoryId": sellable()[1].number, "quantity": 1, "unitPrice": 1}]}
    version = company.call("POST", f"{path}/lines", body=more, if_match=version)["ETag"]
    version = company.call("PATCH", f"{path}/lines", body={"lines": [{"lineId": 2, "quantity": 5}]}, if_match=version)[
        "ETag"
    ]
    before = company.get(path)["totals"]["orderTotal"]
    answer = company.call("DELETE", f"{path}/lines", query={"ids": "1"}, if_match=version)

    assert (before, company.get(path)["totals"]["orderTotal"]) == (127.05, 6.05)
    assert company.call("DELETE", path, if_match=answer["ETag"]).status_code == 202
    assert company.call("GET", path).status_code == 404


def test_v3_lists_from_page_zero_by_customer_and_time(company: Company):
    for place in range(3):
        make_v3(company, order_v3(customer={"id": "10002" if place else "10001", "refNo": f"TL-{place}"}))
    page = company.get("/api/v3/SalesOrders", customerId="10002", pageSize=1, pageIndex=1)
    since = company.get("/api/v3/SalesOrders", modifiedSince=page["value"][0]["lastModified"])
    later = company.get(
        "/api/v3/SalesOrders", modifiedSince=f"{timezone.now() + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    )

    assert ([row["customerRefNo"] for row in page["value"]], page["totalCount"]) == (["TL-2"], 2)
    assert "TL-2" in {row["customerRefNo"] for row in since["value"]}
    assert later["value"] == []


def test_shipments_of_an_order_name_the_invoice(company: Company):
    path = make_v3(company, order_v3())
    hooks.ship_order(company.account, "SO", "000001", invoice="100001")

    assert company.get(f"{path}/shipment")[0]["invoiceId"] == "100001"
    assert company.get(path)["status"]["description"] == "Invoiced"


def test_another_currency_is_converted_for_the_books(company: Company):
    path = make_v3(company, order_v3(currencyId="NOK", branchId="2"))
    totals = company.get(path)["totals"]

    assert (totals["orderTotal"], totals["orderTotalInBaseCurrency"]) == (121.0, 10.31)
