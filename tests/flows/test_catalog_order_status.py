"""Order status back between the two sandboxes: what became of each order is on its deal, once, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.core import OrderStatus
from connectors.sandbox.models import Thing
from connectors.sandbox.seed.records import uid
from connectors.sandbox.services import set_options
from connectors.sandbox.visma_net import aftersales
from connectors.sandbox.visma_net.order_document import create_order
from flows.catalog.deal_orders import joined
from flows.flow_settings import SettingError, change_settings
from flows.models import Binding, Flow, Run, RunRecord, Tally
from flows.setup.creation import create_flow
from flows.setup.dry_run import examine
from flows.setup.lights import Level
from flows.setup.readiness import flow_lights
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
FIELDS = {
    "number_field": uid("customFieldDefinition", "sale/Order number in ERP"),
    "status_field": uid("customFieldDefinition", "sale/Order status in ERP"),
    "tracking_field": uid("customFieldDefinition", "sale/Tracking number"),
    "tracking_link_field": uid("customFieldDefinition", "sale/Tracking link"),
    "invoice_field": uid("customFieldDefinition", "sale/Invoice number in ERP"),
}
NUMBER = f"custom_fields.{FIELDS['number_field']}"
DELIVERED = uid("dealPhase", "Delivered")
CARRIER = "https://track.example/"


@pytest.fixture
def sold(company: Company) -> Company:
    """Two orders that the orders flow has sent, one of somebody else, and the flow that tells about them."""
    orders, account = company.flow("orders"), company.account("visma_net")
    item = next(thing.key for thing in company.things("visma_net", "inventory") if thing.body["status"] == "Active")
    line = {"operation": "Insert", "inventoryNumber": item, "quantity": 1}
    made = [
        create_order(account, {"orderType": "SO", "customer": "10001", "lines": [line]}, may_number=False)
        for _order in range(3)
    ]
    for order, deal in zip(made, won_deals(company), strict=False):
        bind(orders, order, deal.body["quotations"][0]["id"])
    values = {**FIELDS, "tracking_address": CARRIER + "{number}", "deal_phase": {"uses_table": True}}
    create_flow("order_status", orders.target, orders.source, values=values, pairs={"phase": {"Completed": DELIVERED}})
    return company


def won_deals(company: Company) -> list[Thing]:
    return [thing for thing in company.things("teamleader", "deal") if thing.body["status"] == "won"][:2]


def bind(orders: Flow, order: Thing, quotation: str) -> None:
    ends = {"from_connection": orders.source, "to_connection": orders.target}
    Binding.objects.create(**ends, kind="orders", source_key=quotation, target_id=order.key, number=order.key)


def order_of(company: Company, index: int = 0) -> Thing:
    return company.things("visma_net", "salesorder")[index]


def deal_of(company: Company, index: int = 0) -> Thing:
    return won_deals(company)[index]


def fields_of(deal: Thing) -> dict[str, Any]:
    values = {row["definition"]["id"]: row["value"] for row in deal.body["custom_fields"]}
    return {name.removesuffix("_field"): values[field] for name, field in FIELDS.items() if field in values}


def test_a_deal_is_told_what_becomes_of_its_order(sold: Company):
    account, delivery = sold.account("visma_net"), deal_of(sold).body["custom_fields"]
    first = sold.run("order_status")
    new = fields_of(deal_of(sold))
    shipment = aftersales.ship(account, order_of(sold))
    sold.run("order_status")
    shipped, phase = fields_of(deal_of(sold)), deal_of(sold).body["current_phase"]["id"]
    aftersales.track(shipment, "JD0001")  # the order itself does not change by it
    sold.run("order_status")
    tracked = fields_of(deal_of(sold))
    invoice = aftersales.invoice(account, order_of(sold)).body["referenceNumber"]
    sold.run("order_status")
    again = sold.run("order_status")

    tally = sold.tally(first, "order_status")
    assert (tally.read, tally.updated, tally.skipped) == (3, 2, 1)
    assert RunRecord.objects.filter(run=first).count() == 2  # the order of somebody else is counted only
    assert new == {"number": order_of(sold).body["orderNo"], "status": "Open"}
    assert (shipped["status"], phase, "tracking" in shipped) == ("Completed", DELIVERED, False)
    assert (tracked["tracking"], tracked["tracking_link"]) == ("JD0001", CARRIER + "JD0001")
    assert fields_of(deal_of(sold)) == {**tracked, "status": "Invoiced", "invoice": invoice}
    assert all(field in deal_of(sold).body["custom_fields"] for field in delivery)
    assert sold.tally(again, "order_status").updated == 0


def test_a_new_order_is_told_at_once_and_does_not_come_round_again(company: Company):
    orders = company.flow("orders")
    create_flow("order_status", orders.target, orders.source, values=FIELDS)
    company.run("order_status")

    company.run("orders")
    let_time_pass()

    count = len(company.things("visma_net", "salesorder"))
    woken = Tally.objects.filter(run__flow__kind="order_status", run__trigger=Run.Trigger.WEBHOOK)
    assert sum(tally.read for tally in woken) == count > 30
    assert sum(tally.updated for tally in woken) == count
    echo = company.run("orders")
    assert company.tally(echo, "orders").unchanged == count
    assert not RunRecord.objects.filter(run=echo, code="skip.exists").exists()
    assert echo.calls_target == 0
    assert company.tally(company.run("order_status"), "order_status").updated == 0


def test_a_deal_that_cannot_be_moved_is_told_about(sold: Company):
    set_options(sold.account("teamleader"), move_opens=True)
    lost = deal_of(sold)
    lost.body["status"] = "lost"
    lost.save()
    for index in range(2):
        aftersales.ship(sold.account("visma_net"), order_of(sold, index))

    run = sold.run("order_status")

    stays = RunRecord.objects.get(run=run, code="deal.lost_stays")
    phase = Thing.objects.get(pk=lost.pk).body["current_phase"]
    assert (stays.state, phase) == (State.UPDATED, lost.body["current_phase"])
    assert ["Mark it as won again" in row.reason for row in sold.held(run, "deal.reopened")] == [True]


def second_order(company: Company) -> tuple[str, str]:
    """Sell the third order with a second quotation of the first deal. Returns the numbers of both orders."""
    deal = deal_of(company)
    twin = Thing.objects.get(kind="quotation", key=deal.body["quotations"][0]["id"])
    twin.pk, twin.key = None, uid("quotation", "twin")
    twin.body["id"] = twin.key
    twin.save()
    deal.body["quotations"].append({"type": "quotation", "id": twin.key})
    deal.save()
    bind(company.flow("orders"), order_of(company, 2), twin.key)
    return order_of(company).body["orderNo"], order_of(company, 2).body["orderNo"]


def test_all_orders_of_a_deal_are_told_and_it_moves_once_all_have_come_so_far(sold: Company):
    first, second = second_order(sold)
    account, deal = sold.account("visma_net"), deal_of(sold)
    won_in = deal.body["current_phase"]["id"]
    aftersales.ship(account, order_of(sold), tracking="JD0001")

    run = sold.run("order_status")
    told, phase = fields_of(deal_of(sold)), deal_of(sold).body["current_phase"]["id"]
    aftersales.ship(account, order_of(sold, 2), tracking="JD0002")  # the first one does not change any more
    sold.run("order_status")

    both = f"{first}, {second}"
    assert sold.tally(run, "order_status").updated == 3
    assert (told["number"], told["status"]) == (both, f"{first} Completed; {second} Open")
    assert phase == won_in
    assert fields_of(deal_of(sold)) == {
        "number": both,
        "status": f"{first} Completed; {second} Completed",
        "tracking": "JD0001, JD0002",
        "tracking_link": CARRIER + "JD0001",
    }
    assert deal_of(sold).body["current_phase"]["id"] == DELIVERED


def test_a_deal_stays_while_another_order_of_it_is_still_to_be_sent(sold: Company):
    second_order(sold)
    bound = Binding.objects.get(source_key=uid("quotation", "twin"))
    orders = sold.flow("orders")
    run = Run.objects.create(flow=orders, trigger=Run.Trigger.MANUAL)
    held = RunRecord(flow=orders, run=run, kind="orders", source_key=bound.source_key, state=State.NEEDS_YOU)
    held.expires_at = run.created_at
    held.save()
    bound.delete()
    won_in = deal_of(sold).body["current_phase"]["id"]
    aftersales.ship(sold.account("visma_net"), order_of(sold))

    sold.run("order_status")

    assert fields_of(deal_of(sold))["status"] == "Completed"
    assert deal_of(sold).body["current_phase"]["id"] == won_in


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        (["Completed", "Open"], "Open"),
        (["Invoiced", "Completed"], "Completed"),
        (["Completed", "Cancelled"], "Completed"),
        (["Cancelled", "Voided"], "Cancelled"),
        (["Completed", "Something new"], None),
        (["Completed", None], None),
    ],
)
def test_together_orders_are_as_far_as_the_one_that_has_come_least_far(
    statuses: list[str | None], together: str | None
):
    orders = [OrderStatus(key=f"SO/{n}", number=str(n), order_type="SO", status=one) for n, one in enumerate(statuses)]

    assert joined(orders).status == together


def test_settings_choose_fields_and_words_and_the_older_api_tells_the_same(sold: Company):
    flow, other = sold.flow("order_status"), uid("customFieldDefinition", "sale/Delivery")
    with pytest.raises(SettingError, match="each custom field once"):
        change_settings(flow, {"invoice_field": FIELDS["number_field"]})
    change_settings(flow, {"tracking_link_field": "", "invoice_field": other})
    flow.value_tables.get(name="status_text").rows.filter(key="Completed").update(value="Vertrokken")
    connection = sold.connection("visma_net")
    connection.settings = {**connection.settings, "order_api": "v2"}
    connection.save()
    aftersales.ship(sold.account("visma_net"), order_of(sold), tracking="JD0002")

    sold.run("order_status")

    found = fields_of(deal_of(sold))
    assert (found["status"], found["tracking"], "tracking_link" in found) == ("Vertrokken", "JD0002", False)
    version = Flow.objects.get(pk=flow.pk).map_version
    assert version is not None
    rows = {row["target"]: row["source"] for row in version.maps["order_status"]["fields"]}
    assert (rows[NUMBER], rows[f"custom_fields.{other}"], rows["phase_id"]) == ("number", "invoice_number", "status")


def test_before_it_starts_it_says_what_is_missing_and_what_it_would_write(sold: Company):
    flow, orders = sold.flow("order_status"), sold.flow("orders")

    found = examine(flow, limit=50)
    ready = [light.level for light in flow_lights(flow)]
    Flow.objects.filter(pk=flow.pk).update(settings={})
    Flow.objects.filter(pk=orders.pk).update(settings={**orders.settings, "send_as": "customer_invoice"})
    flow.refresh_from_db()

    told = [line.after for one in found.examined for line in one.fields if line.path == NUMBER]
    assert told == [order_of(sold, index).body["orderNo"] for index in range(2)]
    assert found.titles["order_status", NUMBER] == "Order number in ERP"
    assert not fields_of(deal_of(sold))
    assert ready == [Level.OK, Level.OK]
    assert [light.level for light in flow_lights(flow)] == [Level.OK, Level.WARN, Level.WARN]
