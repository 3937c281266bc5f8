"""The fake Visma.net: sales orders of the ERP gateway."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.seed.catalog import items
from tests.connectors.sandbox.company import (
    Company,
    number_of,
    sellable,
    wrap,
)

pytestmark = pytest.mark.django_db


def order_v1(*lines: dict[str, Any], **head: Any) -> dict[str, Any]:
    rows = lines or ({"inventoryNumber": sellable()[0].number, "quantity": 1},)
    return {
        **wrap(**{"orderType": "SO", "customer": "10001", **head}),
        "lines": [{"operation": "Insert", **wrap(**line)} for line in rows],
    }


def test_an_order_is_added_up_to_the_cent_with_vat_per_rate(company: Company):
    lamp, book = sellable()[0], sellable("6")[0]
    body = order_v1(
        {"inventoryNumber": lamp.number, "quantity": 3, "unitPrice": 19.995, "discountPercent": 10},
        {"inventoryNumber": book.number, "quantity": 0.5, "unitPrice": 9.99},
        customerRefNo="TL-88",
    )
    number = number_of(company.call("POST", "/v2/salesorder", body=body))
    order = company.get(f"/v1/salesorder/SO/{number}")

    assert [line["extPrice"] for line in order["lines"]] == [53.99, 5.0]
    assert order["taxTotal"] == float(Decimal("11.34") + Decimal("0.30"))
    assert (order["vatTaxableTotal"], order["orderTotal"], order["status"]) == (58.99, 70.63, "Open")
    assert (order["customerRefNo"], order["terms"]["id"]) == ("TL-88", "30")


@pytest.mark.parametrize(("zone", "tax"), [("BE", 21.0), ("EU", 0.0), ("EXPORT", 0.0)])
def test_the_vat_zone_decides_the_tax(company: Company, zone: str, tax: float):
    line = {"inventoryNumber": sellable()[0].number, "quantity": 1, "unitPrice": 100}
    number = number_of(company.call("POST", "/v1/salesorder", body=order_v1(line, customerVATZone=zone)))
    order = company.get(f"/v2/salesorder/{number}")

    assert (order["taxTotal"], order["vatTaxableTotal"] + order["vatExemptTotal"]) == (tax, 100)


@pytest.mark.parametrize(
    ("head", "line", "word"),
    [
        ({"customer": "99999"}, {}, "Customer"),
        ({"branchNumber": "9"}, {}, "Branch"),
        ({"terms": "9"}, {}, "Terms"),
        ({"orderType": "ZZ"}, {}, "Order type"),
        ({"date": "2020-01-15"}, {}, "period"),
        ({}, {"inventoryNumber": "NO-SUCH"}, "NO-SUCH"),
        ({}, {"inventoryNumber": next(item.number for item in items() if item.status == "NoSales")}, "NoSales"),
        ({}, {"warehouse": "MARS"}, "Warehouse"),
        ({}, {"taxCategory": "99"}, "VAT category"),
        ({}, {"uom": "TON"}, "UOM"),
    ],
)
def test_an_order_with_something_unknown_is_refused(company: Company, head: Any, line: Any, word: str):
    body = order_v1({"inventoryNumber": sellable()[0].number, "quantity": 1, **line}, **head)

    assert word in company.refused("POST", "/v2/salesorder", body)
    assert company.get("/v1/salesorder") == []


def test_lines_of_a_new_order_say_insert(company: Company):
    body = order_v1()
    del body["lines"][0]["operation"]

    assert "Insert" in company.refused("POST", "/v1/salesorder", body)


def test_an_order_is_changed_listed_cancelled_and_reopened(company: Company):
    number = number_of(company.call("POST", "/v1/salesorder", body=order_v1()))
    change = {
        **wrap(orderType="SO", hold=True),
        "lines": [{"operation": "Update", **wrap(lineNbr=1, inventoryNumber=sellable()[0].number, quantity=4)}],
    }
    company.call("PUT", f"/v1/salesorder/{number}", body=change)
    listed = company.get("/v1/customer/10001/salesorder", showNotes="true")[0]
    action = f"/v1/salesorder/{number}/action"
    cancelled = company.call("POST", f"{action}/cancelSalesOrder", body={"orderType": "SO"})
    status = company.get(f"/v1/salesorderbasic/SO/{number}")["status"]
    reopened = company.call("POST", f"{action}/reopenSalesOrder", body={"saleOrderUpdateDto": wrap(orderType="SO")})

    assert (listed["status"], listed["lines"][0]["quantity"]) == ("Hold", 4)
    assert (cancelled.json()["actionResult"], status) == ("Done", "Cancelled")
    assert (reopened.status_code, company.get(f"/v1/salesorder/{number}")["status"]) == (200, "Open")
