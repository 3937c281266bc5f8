"""Answers that cannot be taken in, and records that may not be read: one is parked, everything else goes on."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from apicenter.errors import ChangedMeanwhile, PermissionMissing, RemoteUnavailable
from connectors import transport
from connectors.base import Omitted, ReadRecord, SourceRecord, Unreadable, Window
from connectors.http import ApiClient
from connectors.teamleader.connector import Teamleader
from connectors.teamleader.customers import CustomerSource
from connectors.teamleader.orders import OrderSource
from connectors.teamleader.products import ProductSource, ProductTarget
from tests.connectors.teamleader.focus_fake import (
    FakeFocus,
    make_client,
    make_connector,
    recorded,
    refusal,
    reply,
    uid,
)
from tests.connectors.teamleader.test_sources import fill, make_companies, make_deals, read_all

CAP = 20_000
HUGE = "x" * 2 * CAP


@pytest.fixture(autouse=True)
def _cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SIZE_CAP", CAP)


def make_products(count: int, *huge: int) -> list[dict[str, Any]]:
    return [
        recorded("product", id=uid(n), code=f"P{n}", description=HUGE if n in huge else f"{'y' * 300}")
        for n in range(count)
    ]


def parked(records: list[ReadRecord]) -> list[str]:
    return [one.key for one in records if isinstance(one, Unreadable)]


def readable(records: list[ReadRecord]) -> list[str]:
    return [one.key for one in records if isinstance(one, SourceRecord)]


@pytest.mark.parametrize("at", [0, 37, 99, 100])
def test_a_page_that_is_too_large_is_read_in_smaller_ones_and_one_record_is_parked(focus: FakeFocus, at: int):
    focus.things = {"products": make_products(110, at)}

    _pages, records = read_all(ProductSource(make_connector()))

    assert parked(records) == [uid(at)]
    assert readable(records) == [uid(n) for n in range(110) if n != at]
    assert "is read again" in str(next(one.error for one in records if isinstance(one, Unreadable)))


def test_a_large_page_of_small_records_parks_none(focus: FakeFocus):
    focus.things = {"products": make_products(100)}

    _pages, records = read_all(ProductSource(make_connector()))

    assert len(readable(records)) == 100
    assert parked(records) == []


def test_lists_by_change_and_of_deals_know_it_too(focus: FakeFocus):
    companies = make_companies(3)
    companies[1]["remarks"] = HUGE
    focus.things = {"companies": companies, "contacts": []}
    _pages, records = read_all(CustomerSource(make_connector()))
    assert (parked(records), len(readable(records))) == ([f"company:{uid(1001)}"], 2)

    deals, quotations = make_deals(3)
    deals[1]["summary"] = HUGE
    fill(focus, deals, quotations)
    _pages, records = read_all(OrderSource(make_connector()))
    assert (parked(records), len(readable(records))) == ([f"deal:{uid(2001)}"], 2)


def parked_orders(focus: FakeFocus, keys: list[str] | None = None) -> tuple[list[str], list[str]]:
    """Return which orders are parked and which can be read: of a run, or of those keys."""
    source = OrderSource(make_connector())
    records = read_all(source)[1] if keys is None else source.fetch(keys)
    return parked(records), readable(records)


@pytest.mark.parametrize("is_fetched", [False, True])
def test_an_order_with_a_quotation_that_is_too_large_is_parked(focus: FakeFocus, is_fetched: bool):
    deals, quotations = make_deals(3)
    quotations[1]["text"] = HUGE
    fill(focus, deals, quotations)
    keys = [row["id"] for row in quotations] if is_fetched else None

    held, read = parked_orders(focus, keys)

    assert held == [quotations[1]["id"] if is_fetched else f"deal:{deals[1]['id']}"]
    assert read == [quotations[0]["id"], quotations[2]["id"]]


@pytest.mark.parametrize("part", ["person", "product"])
def test_an_order_with_a_part_that_is_too_large_is_parked(focus: FakeFocus, part: str):
    deals, quotations = make_deals(2)
    fill(focus, deals, quotations)
    if part == "person":
        focus.things["contacts"] = [recorded("contact", id=uid(8), remarks=HUGE)]
        deals[1]["lead"]["contact_person"] = {"type": "contact", "id": uid(8)}
    else:
        (line, *_rest) = (line for group in quotations[1]["grouped_lines"] for line in group["line_items"])
        line["product"] = {"type": "product", "id": uid(9)}
        focus.things["products"] = [recorded("product", id=uid(9), description=HUGE)]

    assert parked_orders(focus) == ([quotations[1]["id"]], [quotations[0]["id"]])


def test_a_company_with_a_person_that_is_too_large_is_parked(focus: FakeFocus):
    companies = make_companies(2)
    companies[1]["related_contacts"] = [{"type": "contact", "id": uid(8)}]
    focus.things = {"companies": companies, "contacts": [recorded("contact", id=uid(8), remarks=HUGE)]}

    records = CustomerSource(make_connector()).fetch([f"company:{row['id']}" for row in companies])

    assert (parked(records), readable(records)) == (
        [f"company:{companies[1]['id']}"],
        [f"company:{companies[0]['id']}"],
    )


def test_a_list_of_keys_shows_an_order_it_cannot_tell_more_of(focus: FakeFocus):
    deals, quotations = make_deals(3)
    quotations[0]["text"], deals[1]["summary"] = HUGE, HUGE
    fill(focus, deals, quotations)

    page = OrderSource(make_connector()).keys(None)

    assert page is not None
    assert [(one.key, one.is_wanted) for one in page.rows] == [(row["id"], True) for row in quotations]


def test_a_row_that_goes_while_its_page_is_read_in_parts_hides_no_other(focus: FakeFocus):
    rows = make_products(100)
    focus.things = {"products": rows}

    def answer(body: dict[str, Any]) -> httpx.Response:
        if body["page"] == {"size": 50, "number": 2}:
            del rows[0]
        page = body["page"]
        return reply({"data": rows[(page["number"] - 1) * page["size"] :][: page["size"]]})

    focus.answers["products.list"] = answer

    with pytest.raises(ChangedMeanwhile) as caught:
        ProductSource(make_connector()).page(Window(), None)
    assert caught.value.detail == "products.list: rows moved up"


def test_what_a_target_did_not_see_is_not_taken_for_absent(focus: FakeFocus):
    focus.things = {"products": make_products(3, 1)}

    with pytest.raises(RemoteUnavailable):
        ProductTarget(make_connector()).find("code", "P1")
    with pytest.raises(RemoteUnavailable):
        ProductTarget(make_connector()).index_page(None)


def test_a_system_that_answers_nothing_readable_is_no_fault_of_its_records(focus: FakeFocus):
    focus.answers["products.list"] = lambda body: httpx.Response(200, text="<html>maintenance</html>")

    with pytest.raises(RemoteUnavailable):
        ProductSource(Teamleader(make_client(client=ApiClient), {})).page(Window(), None)


@pytest.mark.parametrize("text", [json.dumps({"data": {"id": uid(1), "description": HUGE}}), "<html>", '{"data": {"id'])
def test_a_record_too_large_or_not_json_is_parked_and_the_others_go_on(focus: FakeFocus, text: str):
    rows = {row["id"]: row for row in make_products(3)}
    focus.things = {"products": list(rows.values())}
    spoilt = httpx.Response(200, text=text)
    focus.answers["products.info"] = lambda body: spoilt if body["id"] == uid(1) else reply({"data": rows[body["id"]]})

    _pages, records = read_all(ProductSource(Teamleader(make_client(client=ApiClient), {})))

    assert (parked(records), readable(records)) == ([uid(1)], [uid(0), uid(2)])


def test_a_record_we_may_not_see_is_parked_and_the_others_go_on(focus: FakeFocus):
    rows = {row["id"]: row for row in make_products(3)}
    focus.things = {"products": list(rows.values())}
    focus.answers["products.info"] = lambda body: (
        refusal(403, "no access") if body["id"] == uid(1) else reply({"data": rows[body["id"]]})
    )

    _pages, records = read_all(ProductSource(make_connector()))

    assert (parked(records), readable(records)) == ([uid(1)], [uid(0), uid(2)])
    (alone,) = ProductSource(make_connector()).fetch([uid(1)])
    assert str(alone.error).startswith("Teamleader Focus does not show us this record.")  # type: ignore[union-attr]


def test_a_right_that_is_missing_altogether_is_no_fault_of_a_record(focus: FakeFocus):
    focus.things = {"products": make_products(3)}
    focus.answers["products.info"] = lambda body: refusal(403, "no access")

    with pytest.raises(PermissionMissing):
        ProductSource(make_connector()).page(Window(), None)
    with pytest.raises(PermissionMissing):
        ProductSource(make_connector()).fetch([uid(1)])


def test_a_deal_deleted_between_list_and_reading_is_told_as_deleted(focus: FakeFocus):
    deals, quotations = make_deals(2)
    fill(focus, deals, quotations)
    focus.answers["deals.info"] = lambda body: (
        refusal(404, "not found") if body["id"] == uid(2000) else reply({"data": deals[1]})
    )

    _pages, records = read_all(OrderSource(make_connector()))

    assert [(one.key, one.code) for one in records if isinstance(one, Omitted)] == [
        (f"deal:{uid(2000)}", "skip.deleted")
    ]
    assert readable(records) == [uid(3001)]
