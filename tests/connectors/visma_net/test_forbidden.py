"""A record that the connection may not see is parked; a right that is missing altogether is no fault of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import respx

from apicenter.errors import PermissionMissing
from connectors.base import ReadRecord, SourceRecord, Unreadable
from connectors.visma_net.payments import InvoicePayments
from tests.connectors.visma_net.calling import API, ORDERS, company, recorded, reply

REFUSED = {"message": "Forbidden"}
ITEMS, INVOICES, V3 = f"{API}/v1/inventory", f"{API}/v1/customerinvoice", f"{ORDERS}/api/v3/SalesOrders"


def parked(records: Sequence[ReadRecord]) -> list[tuple[str, str]]:
    return [(one.key, one.error.code) for one in records if isinstance(one, Unreadable)]


def readable(records: Sequence[ReadRecord]) -> list[str]:
    return [one.key for one in records if isinstance(one, SourceRecord)]


def refuse(routes: respx.MockRouter, url: str) -> None:
    routes.get(url).mock(return_value=reply(REFUSED, 403))


def allow(routes: respx.MockRouter, url: str, answer: Any) -> respx.Route:
    return routes.get(url).mock(return_value=reply(answer))


def test_one_item_is_parked_and_the_others_go_on():
    item = recorded("item", inventoryId=1, inventoryNumber="A-1", attributes=[])
    with company() as (connector, routes):
        allow(routes, f"{ITEMS}/internal/1", item)
        refuse(routes, f"{ITEMS}/internal/2")
        refuse(routes, f"{ITEMS}/internal/3")
        probe = allow(routes, ITEMS, [item])

        records = connector.source("products").fetch(["1", "2", "3"])

    assert (parked(records), readable(records)) == ([("2", "record.forbidden"), ("3", "record.forbidden")], ["1"])
    assert probe.call_count == 1


def test_an_order_is_parked_whether_it_or_its_shipment_may_not_be_seen():
    with company() as (connector, routes):
        refuse(routes, f"{V3}/SO/1")
        refuse(routes, f"{V3}/SO/2/shipment")
        allow(routes, f"{V3}/SO/2", {"type": "SO", "orderId": "2", "status": {"description": "Open"}})
        allow(routes, f"{V3}/SO/3", {"type": "SO", "orderId": "3", "status": {"description": "Hold"}})
        allow(routes, V3, {"value": [], "totalCount": 0})

        records = connector.source("order_status").fetch(["SO/1", "SO/2", "SO/3"])

    assert parked(records) == [("SO/1", "record.forbidden"), ("SO/2", "record.forbidden")]
    assert readable(records) == ["SO/3"]


def test_an_invoice_is_parked_and_tells_of_no_orders():
    with company() as (connector, routes):
        refuse(routes, f"{INVOICES}/9")
        allow(routes, INVOICES, [])
        source = connector.source("payments")
        assert isinstance(source, InvoicePayments)

        records = source.fetch(["9"])
        behind = source.orders_behind([source.parse({"invoice": {"referenceNumber": "9"}})])

    assert parked(records) == [("9", "record.forbidden")]
    assert behind == {}


@pytest.mark.parametrize(
    ("kind", "key", "record", "of_all"),
    [
        ("products", "1", f"{ITEMS}/internal/1", ITEMS),
        ("order_status", "SO/1", f"{V3}/SO/1", V3),
        ("payments", "9", f"{INVOICES}/9", INVOICES),
    ],
)
def test_a_right_that_is_missing_altogether_is_no_fault_of_a_record(kind: str, key: str, record: str, of_all: str):
    with company() as (connector, routes):
        refuse(routes, record)
        refuse(routes, of_all)

        with pytest.raises(PermissionMissing):
            connector.source(kind).fetch([key])
