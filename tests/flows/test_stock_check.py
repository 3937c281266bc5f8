"""Orders for which there is not enough: sent with a remark, waiting, or held until a person says so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Need
from connectors.models import Connection
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net.store import save
from flows.documents.stock_check import Short, shortages
from flows.engine import rulings
from flows.models import Flow, RunRecord
from tests.flows.live import Company, let_time_pass, work_what_is_due

State = RunRecord.State
STOCK = {"A": {"GHENT": Decimal(5), "ANTWERP": Decimal(2)}}


def need(item: str, quantity: int, place: str = "GHENT") -> Need:
    return Need(item, place, Decimal(quantity))


@pytest.mark.parametrize(
    ("needs", "short"),
    [
        ([need("A", 5)], []),
        ([need("A", 6)], [Short("A", "GHENT", Decimal(6), Decimal(5))]),
        ([need("A", 3), need("A", 3)], [Short("A", "GHENT", Decimal(6), Decimal(5))]),
        ([need("A", 7, "")], []),  # from anywhere
        ([need("A", 1, "LIEGE")], [Short("A", "LIEGE", Decimal(1), Decimal(0))]),
        ([need("HOUR", 99)], []),  # not kept in stock
    ],
)
def test_what_is_short_in_the_warehouse_of_the_order(needs: list[Need], short: list[Short]):
    assert shortages([("o", needs)], STOCK).get("o", []) == short


def test_orders_that_go_together_share_what_there_is():
    found = shortages([("first", [need("A", 3)]), ("second", [need("A", 3)])], STOCK)

    assert found == {"second": [Short("A", "GHENT", Decimal(3), Decimal(2))]}


def send(company: Company, how: str, *, version: str = "v3") -> tuple[RunRecord, Thing]:
    """Send the one order there is while there is none of its first item, whose record is returned too."""
    company.keep_deals("mixed_rates")
    (deal,) = company.things("teamleader", "deal")
    quotation = Thing.objects.get(kind="quotation", key=deal.body["quotations"][0]["id"])
    product = quotation.body["grouped_lines"][0]["line_items"][0]["product"]["id"]
    code = Thing.objects.get(kind="product", key=product).body["code"]
    item = Thing.objects.get(kind="inventory", key=code.upper())
    fill(item, 0)
    visma_net = company.connection("visma_net")
    Connection.objects.filter(pk=visma_net.pk).update(settings={**visma_net.settings, "order_api": version})
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, "stock_check": how})
    run = company.run("orders")
    return RunRecord.objects.get(run=run, kind="orders"), item


def fill(item: Thing, count: int) -> None:
    for row in item.body["warehouseDetails"]:
        row["available"] = row["availableForShipment"] = row["quantityOnHand"] = count
    save(item)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_an_order_is_held_until_a_person_sends_it_all_the_same(company: Company, version: str):
    row, item = send(company, "stock_hold", version=version)

    assert (row.state, row.code, row.params["item"]) == (State.NEEDS_YOU, "stock.short", item.body["inventoryNumber"])
    rulings.rule(row, "send")
    work_what_is_due()
    row.refresh_from_db()
    assert row.state == State.CREATED


@pytest.mark.django_db(transaction=True)
def test_an_order_waits_until_there_is_enough(company: Company):
    row, item = send(company, "stock_wait")
    waiting: Any = (row.state, row.code)

    fill(item, 1000)
    let_time_pass()

    row.refresh_from_db()
    assert waiting == (State.WAITING, "stock.short")
    assert row.state == State.CREATED


@pytest.mark.django_db(transaction=True)
def test_an_order_is_sent_and_its_record_says_what_is_short(company: Company):
    row, _item = send(company, "stock_note")

    assert (row.state, row.code) == (State.CREATED, "stock.noted")
