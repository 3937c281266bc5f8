"""The fake Visma.net: items, their filters and their stock."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.seed.catalog import items
from connectors.sandbox.visma_net import hooks
from tests.connectors.sandbox.company import (
    Company,
    make_company,
    number_of,
    wrap,
)

pytestmark = pytest.mark.django_db


def test_the_whole_range_comes_in_pages_with_the_totals_on_every_row(company: Company):
    pages = [company.get("/v1/inventory", pageNumber=page, pageSize=200) for page in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [200, 200, 120, 0]
    assert len({row["inventoryNumber"] for page in pages for row in page}) == 520
    assert all(row["metadata"] == {"totalCount": 520, "maxPageSize": 1000} for row in pages[0])


def test_too_large_a_page_is_lowered_without_a_word():
    rows = make_company(page_cap=50).get("/v1/inventory", pageSize=5000)

    assert (len(rows), rows[0]["metadata"]["maxPageSize"]) == (50, 50)


def test_a_cap_may_also_be_refused():
    company = make_company(page_cap=50, page_cap_mode="reject")

    assert company.call("GET", "/v1/inventory", query={"pageSize": 51}).status_code == 400


def test_parts_stay_away_when_the_caller_says_no(company: Company):
    row = company.get("/v1/inventory", pageSize=1, expandAttribute="false", expandWarehouseDetail="false")[0]

    assert ("attributes" in row, "warehouseDetails" in row, "crossReferences" in row) == (False, False, True)


def test_increments_find_what_changed_since_a_received_time(company: Company):
    newest = max(row["lastModifiedDateTime"] for row in company.get("/v1/inventory"))
    hooks.touch(company.account, "inventory", items()[40].number, defaultPrice=1)

    changed = company.get("/v1/inventory", lastModifiedDateTime=newest, lastModifiedDateTimeCondition=">")
    again = company.get(
        "/v1/inventory",
        lastModifiedDateTime=changed[0]["lastModifiedDateTime"],
        lastModifiedDateTimeCondition=">=",
    )

    assert [row["inventoryNumber"] for row in changed] == [items()[40].number]
    assert again == changed


@pytest.mark.parametrize(
    "query",
    [
        {"lastModifiedDateTime": "2126-01-01"},
        {"lastModifiedDateTimeCondition": ">"},
        {"lastModifiedDateTime": "2126-01-01T00:00:00Z", "lastModifiedDateTimeCondition": ">"},
    ],
)
def test_half_an_increment_filters_nothing(company: Company, query: dict[str, str]):
    assert len(company.get("/v1/inventory", **query)) == 520


@pytest.mark.parametrize("moment", ["2126-01-01", "2126-01-01 10:00:00", "2126-01-01T10:00:00.123"])
def test_an_increment_takes_each_documented_form(company: Company, moment: str):
    rows = company.get("/v1/inventory", lastModifiedDateTime=moment, lastModifiedDateTimeCondition=">")

    assert rows == []


def test_unknown_parameters_are_ignored_unless_the_sandbox_is_strict(company: Company):
    relaxed = company.raw("GET", "/v1/inventory", query={"itemClass": "PENDANT"})
    strict = make_company(strict=True).raw("GET", "/v1/inventory", query={"itemClass": "PENDANT"})

    assert (len(relaxed.json()), strict.status_code) == (520, 400)


@pytest.mark.parametrize(
    ("query", "is_wanted"),
    [
        ({"status": "Inactive"}, lambda item: item.status == "Inactive"),
        ({"inventoryTypes": "LaborItem"}, lambda item: item.kind == "LaborItem"),
        ({"attributes": '{"COLOUR":"BRASS","ENERGY":"C"}'}, lambda item: item.attributes.get("ENERGY") == "C"
            and item.attributes["COLOUR"] == "BRASS"),
        ({"salesCategory": 6}, lambda item: item.item_class == "CHAIR"),
        ({"alternateID": items()[0].ean}, lambda item: item is items()[0]),
        ({"inventoryNumber": items()[9].number.lower()}, lambda item: item is items()[9]),
    ],
)  # fmt: skip
def test_filters_leave_the_right_items(company: Company, query: dict[str, Any], is_wanted: Any):
    expected = sorted(item.number for item in items() if is_wanted(item))

    assert [row["inventoryNumber"] for row in company.get("/v1/inventory", **query)] == expected
    assert expected


def test_stock_changes_have_a_filter_of_their_own(company: Company):
    code = next(item.number for item in items() if item.stock)
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000")
    stock = [{"warehouse": "GHENT", "quantityOnHand": 3, "available": 3, "availableForShipment": 3,
              "lastModifiedDateTime": now}]  # fmt: skip
    hooks.touch(company.account, "inventory", code, warehouseDetails=stock)

    query = {"availabilityLastModifiedDateTime": now, "availabilityLastModifiedDateTimeCondition": ">="}
    rows = company.get("/v1/inventory", **query)

    assert [row["inventoryNumber"] for row in rows] == [code]
    assert company.get(f"/v1/inventorysummary/{code}")[0]["onHand"] == 3


def test_a_key_with_reserved_characters_comes_in_base64(company: Company):
    company.call("POST", "/v1/inventory", body=wrap(inventoryNumber="A/1:2", description="Odd", itemClass="PENDANT"))
    key = base64.urlsafe_b64encode(b"A/1:2").decode().rstrip("=")

    assert company.get(f"/v1/inventory/b64({key})")["description"] == "Odd"


def test_a_new_item_takes_its_class_values_and_can_be_changed(company: Company):
    body = wrap(inventoryNumber="NEW-1", description="New lamp", itemClass="BOOK", defaultPrice=12.3456)
    number = number_of(company.call("POST", "/v1/inventory", body=body))
    change = {**wrap(description="Newer lamp"), "crossReferences": [
        {"operation": "Insert", **wrap(alternateType="Barcode", alternateID="5412345999999")}]}  # fmt: skip
    changed = company.call("PUT", f"/v1/inventory/{number}", body=change)
    item = company.get(f"/v1/inventory/{number}")

    assert (changed.status_code, changed.content) == (204, b"")
    assert (item["vatCode"]["id"], item["defaultPrice"], item["description"]) == ("6", 12.3456, "Newer lamp")
    assert item["crossReferences"][0]["alternateID"] == "5412345999999"
    assert company.get(f"/v1/inventory/internal/{item['inventoryId']}")["inventoryNumber"] == "NEW-1"


def test_items_are_refused_for_what_does_not_exist(company: Company):
    body = wrap(inventoryNumber="NEW-2", description="Lamp", itemClass="NONE")

    assert "Item class" in company.refused("POST", "/v1/inventory", body)
    assert "already exists" in company.refused(
        "POST", "/v1/inventory", wrap(inventoryNumber=items()[0].number, description="x", itemClass="PENDANT")
    )


def test_a_scalar_that_is_not_wrapped_is_refused(company: Company):
    answer = company.raw("PUT", f"/v1/inventory/{items()[0].number}", body={"description": "bare"})

    assert answer.status_code == 400
    assert "description" in answer.json()["message"]


def test_bulk_availability(company: Company):
    page = company.get("/api/v3/Inventory", pageSize=100, pageIndex=0, warehouseId="OSLO")

    assert (len(page["value"]), page["totalCount"]) == (100, sum(bool(item.stock) for item in items()))
    assert {row["warehouseId"] for item in page["value"] for row in item["availability"]} == {"OSLO"}
    assert page["nextPage"].endswith("pageIndex=1&pageSize=100")
