"""Reading products page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apicenter.errors import FlowError, RemoteUnavailable, SettingMissing
from connectors.base import Omitted, SourceRecord, Window, records_of
from connectors.visma_net.products import Products
from tests.connectors.visma_net.calling import API, company, counted, recorded, reply

ITEMS = f"{API}/v1/inventory"
SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)


def items(first: int, count: int, *, total: int, cap: int = 5000, **changes: Any) -> list[dict[str, Any]]:
    rows = [recorded("item", inventoryId=n, inventoryNumber=f"A-{n}", **changes) for n in range(first, first + count)]
    return counted(rows, total=total, cap=cap)


def read_all(source: Products, window: Window) -> tuple[list[str], list[Any]]:
    keys, positions, position = [], [], None
    while True:
        page = source.page(window, position)
        keys += [record.key for record in page.records]
        position = page.position
        if position is None:
            return keys, positions
        positions.append(position)


def test_a_page_asks_for_five_hundred_with_every_part_named():
    with company() as (connector, routes):
        route = routes.get(ITEMS).mock(return_value=reply(items(1, 2, total=2)))

        page = connector.source("products").page(Window(), None)

    query = route.calls.last.request.url.params
    assert (query["pageNumber"], query["pageSize"], query["expandWarehouseDetail"]) == ("1", "500", "true")
    assert "lastModifiedDateTime" not in query
    assert [record.key for record in page.records] == ["1", "2"]
    assert page.position is None
    assert page.seen_until == datetime(2026, 11, 20, 8, 15, 30, 123000, tzinfo=UTC)


def test_a_later_read_asks_for_changes_with_both_parameters_and_no_zone():
    with company(time_zone="Europe/Oslo") as (connector, routes):
        route = routes.get(ITEMS).mock(return_value=reply([]))

        page = connector.source("products").page(Window(since=SINCE), None)

    query = route.calls.last.request.url.params
    assert query["lastModifiedDateTime"] == "2026-11-20T09:00:00.000"
    assert query["lastModifiedDateTimeCondition"] == ">="
    assert (page.records, page.position, page.seen_until) == ((), None, None)


def test_a_lowered_page_size_is_obeyed_and_nothing_is_read_twice():
    with company() as (connector, routes):
        pages = [
            items(1, 200, total=450, cap=200),
            items(201, 200, total=450, cap=200),
            items(401, 50, total=450, cap=200),
        ]
        routes.get(ITEMS).mock(side_effect=[reply(page) for page in pages])

        keys, positions = read_all(connector.source("products"), Window())

    assert keys == [str(number) for number in range(1, 451)]
    assert positions == [{"page": 2, "size": 200, "total": 450}, {"page": 3, "size": 200, "total": 450}]


def test_a_short_page_before_the_end_is_no_end():
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply(items(1, 20, total=900)))

        with pytest.raises(RemoteUnavailable) as failed:
            connector.source("products").page(Window(), None)

    assert failed.value.code == "remote.bad_answer"


@pytest.mark.parametrize(("total_now", "is_end"), [(500, True), (900, False)])
def test_an_empty_page_is_the_end_only_if_the_total_says_so(total_now: int, is_end: bool):
    position = {"page": 2, "size": 500, "total": 900}
    with company() as (connector, routes):
        routes.get(ITEMS).mock(side_effect=[reply([]), reply(items(1, 1, total=total_now))])
        source = connector.source("products")

        if is_end:
            assert source.page(Window(), position).position is None
        else:
            with pytest.raises(RemoteUnavailable):
                source.page(Window(), position)


def test_when_rows_went_away_the_page_before_is_read_again():
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply(items(501, 500, total=1499)))

        page = connector.source("products").page(Window(), {"page": 2, "size": 500, "total": 1500})

    assert page.position == {"page": 1, "size": 500, "total": 1499}


def test_a_filter_that_was_not_obeyed_stops_the_flow():
    old = {"lastModifiedDateTime": "2020-01-01T00:00:00"}
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply(items(1, 3, total=3, **old)))

        with pytest.raises(FlowError) as stopped:
            connector.source("products").page(Window(since=SINCE), None)

    assert stopped.value.code == "remote.filter_ignored"


def test_a_backfill_leaves_out_what_changed_after_its_end():
    with company() as (connector, routes):
        rows = [recorded("item"), recorded("item", inventoryId=2, lastModifiedDateTime="2026-11-01T00:00:00")]
        routes.get(ITEMS).mock(return_value=reply(counted(rows)))

        page = connector.source("products").page(Window(until=SINCE), None)

    assert [record.key for record in page.records] == ["2"]
    assert page.seen_until == datetime(2026, 11, 1, tzinfo=UTC)


def test_the_currency_is_the_one_of_the_organization_read_once():
    with company(currency="") as (connector, routes):
        organization = routes.get(f"{API}/v1/organization").mock(return_value=reply([{"baseCurrency": "SEK"}]))
        routes.get(ITEMS).mock(return_value=reply(items(1, 3, total=3)))

        page = connector.source("products").page(Window(), None)

    assert organization.call_count == 1
    assert {record.core.price.currency for record in records_of(page.records)} == {"SEK"}


def test_a_company_that_names_no_currency_needs_a_setting():
    with company(currency="") as (connector, routes):
        routes.get(f"{API}/v1/organization").mock(return_value=reply([{"baseCurrency": None}]))
        routes.get(f"{API}/v1/branch").mock(return_value=reply([]))
        routes.get(ITEMS).mock(return_value=reply(items(1, 1, total=1)))

        with pytest.raises(SettingMissing) as missing:
            connector.source("products").page(Window(), None)

    assert missing.value.params == {"setting": "currency"}


def test_single_items_are_read_by_id_or_by_number():
    with company() as (connector, routes):
        routes.get(f"{ITEMS}/internal/9001").mock(return_value=reply(recorded("item")))
        routes.get(f"{ITEMS}/internal/9002").mock(return_value=reply({"message": "not found"}, 404))
        routes.get(f"{ITEMS}/b64(QS8x)").mock(return_value=reply(recorded("item", inventoryNumber="A/1")))

        records = connector.source("products").fetch(["9001", "9002", "A/1"])

    assert [record.natural_key for record in records] == ["LAMP-100", "", "A/1"]
    assert isinstance(records[1], Omitted)
    assert records[1].code == "skip.deleted"


def test_a_stored_record_is_read_again_without_a_call():
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply(items(1, 1, total=1)))
        source = connector.source("products")
        (record,) = source.page(Window(), None).records

        again = source.parse(record.raw)

    assert isinstance(again, SourceRecord)
    assert again == record


def test_a_read_costs_at_most_one_call_in_a_hundred_records():
    with company() as (connector, routes):
        pages = [items(1, 500, total=1000), items(501, 500, total=1000)]
        route = routes.get(ITEMS).mock(side_effect=[reply(page) for page in pages])

        keys, _ = read_all(connector.source("products"), Window(since=SINCE - timedelta(days=1)))

    assert len(keys) == 1000
    assert route.call_count <= len(keys) / 100


def test_attributes_of_the_account_are_fields():
    attribute = {"attributeID": "COLOUR", "description": "Colour", "controlType": "Combo", "internal": False}
    with company() as (connector, routes):
        values = [{"valueId": "RED", "description": "Red"}]
        routes.get(f"{API}/v1/attribute").mock(return_value=reply(counted([attribute | {"details": values}])))

        fields = {field.path: field for field in connector.source("products").fields()}

    assert fields["sku"].hint == "inventoryNumber"
    assert fields["attributes.COLOUR"].is_custom
    assert fields["attributes.COLOUR"].options == ("RED",)


def test_a_period_is_counted_by_two_totals_without_reading_it():
    with company() as (connector, routes):
        route = routes.get(ITEMS).mock(
            side_effect=[reply(items(1, 1, total=30)), reply(items(1, 1, total=412))],
        )

        counted = list(connector.source("products").counts(Window(since=SINCE, until=SINCE + timedelta(days=1))))

    assert counted == [382]
    assert {call.request.url.params["pageSize"] for call in route.calls} == {"1"}
