"""Orders that change after they were sent, between the two sandboxes: left, shown, changed, cancelled, never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.base import SourceRecord, Window
from connectors.models import Connection
from connectors.sandbox.models import Thing
from connectors.sandbox.teamleader.writing import save
from connectors.sandbox.visma_net.store import save as save_there
from connectors.teamleader.read_lines import read_discounts, read_lines
from flows.documents.totals import predict
from flows.engine import rulings
from flows.engine.fingerprint import fingerprint
from flows.engine.work import open_work
from flows.models import Binding, Flow, RunRecord
from tests.flows.live import Company, let_time_pass, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
SHAPE = "mixed_rates"  # one deal, five lines


@pytest.fixture(params=["v3", "v2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def send(company: Company, *, version: str = "v3", **settings: Any) -> Thing:
    """Send the one order there is, and return it."""
    company.keep_deals(SHAPE)
    visma_net = company.connection("visma_net")
    Connection.objects.filter(pk=visma_net.pk).update(settings={**visma_net.settings, "order_api": version})
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, **settings})
    company.run("orders")
    (order,) = company.things("visma_net", "salesorder")
    return order


def quotation_of(company: Company) -> Thing:
    (deal,) = company.things("teamleader", "deal")
    return Thing.objects.get(kind="quotation", key=deal.body["quotations"][0]["id"])


def change_quotation(company: Company, *, with_new_line: bool = False) -> None:
    """Order twice as much of the first line, without the last one."""
    quotation = quotation_of(company)
    (group,) = quotation.body["grouped_lines"]
    *kept, _last = group["line_items"]
    kept[0]["quantity"] *= 2
    group["line_items"] = [*kept, dict(kept[0])] if with_new_line else kept
    totals(quotation)
    save(quotation)
    save(company.things("teamleader", "deal")[0])


def totals(quotation: Thing) -> None:
    """Add the changed lines up as Teamleader would."""
    rates = {thing.key: {"rate": thing.body["rate"]} for thing in Thing.objects.filter(kind="taxRate")}
    lines = read_lines(quotation.body, products={}, tax_rates=rates)
    sums = predict(lines, read_discounts(quotation.body), currency="EUR")
    total = quotation.body["total"]
    total["tax_exclusive"]["amount"], total["tax_inclusive"]["amount"] = float(sums.excluding), float(sums.including)
    total["taxes"] = [
        {
            "rate": float(one.rate),
            "taxable": {"amount": float(one.taxable), "currency": "EUR"},
            "tax": {"amount": float(one.tax), "currency": "EUR"},
        }
        for one in sums.taxes
    ]


def lose_deal(company: Company, status: str = "lost") -> None:
    (deal,) = company.things("teamleader", "deal")
    deal.body["status"] = status
    save(deal)


def run_again(company: Company) -> RunRecord:
    run = company.run("orders", since=timezone.now() - timedelta(minutes=5))
    company.tally(run, "orders")
    return RunRecord.objects.get(run=run, kind="orders")


def lines_of(order: Thing) -> list[tuple[str, float]]:
    order.refresh_from_db()
    return [(line["inventory"]["number"], line["quantity"]) for line in order.body["lines"]]


def test_a_change_is_left_alone_unless_somebody_wants_otherwise(company: Company):
    order = send(company)
    before = lines_of(order)
    change_quotation(company)

    row = run_again(company)

    assert (row.state, row.code) == (State.SKIPPED, "skip.exists")
    assert lines_of(order) == before


def test_a_change_is_shown_line_by_line_and_sent_when_a_person_says_so(company: Company, version: str):
    order = send(company, version=version, after_change="change_warn")
    before = lines_of(order)
    change_quotation(company)

    row = run_again(company)

    assert (row.state, row.code) == (State.NEEDS_YOU, "order.changed")
    told = row.read_exchange()["differences"]
    assert [(one["work"], one["item"]) for one in told] == [("update", before[0][0]), ("delete", before[-1][0])]
    assert (told[0]["before"], told[0]["after"]) == ({"quantity": before[0][1]}, {"quantity": before[0][1] * 2})
    assert lines_of(order) == before

    rulings.rule(row, "send")
    work_what_is_due()

    row.refresh_from_db()
    assert row.state == State.UPDATED
    assert lines_of(order) == [(before[0][0], before[0][1] * 2), *before[1:-1]]


def test_an_order_on_hold_follows_its_quotation_once(company: Company, version: str):
    order = send(company, version=version, after_change="change_update")
    before = lines_of(order)
    change_quotation(company)

    row = run_again(company)

    assert row.state == State.UPDATED
    assert lines_of(order) == [(before[0][0], before[0][1] * 2), *before[1:-1]]
    calls = company.run("orders", since=timezone.now() - timedelta(minutes=5)).calls_target
    assert calls == 0


def move_customer(company: Company, **changes: str) -> None:
    """Give the one customer another delivery address, and the deal another note."""
    (deal,) = company.things("teamleader", "deal")
    buyer = Thing.objects.get(kind=deal.body["lead"]["customer"]["type"], key=deal.body["lead"]["customer"]["id"])
    for row in buyer.body["addresses"]:
        row["address"] |= changes
    save(buyer)
    deal.body["summary"] = "Ring twice"
    save(deal)


def test_an_order_on_hold_follows_its_delivery_address_and_texts(company: Company, version: str):
    order = send(company, version=version, after_change="change_update")
    move_customer(company, city="Brugge")

    row = run_again(company)

    order.refresh_from_db()
    assert row.state == State.UPDATED
    assert (order.body["soShippingAddress"]["city"], order.body["note"]) == ("Brugge", "Ring twice")
    assert company.run("orders", since=timezone.now() - timedelta(minutes=5)).calls_target == 0


def test_an_address_that_was_corrected_there_is_shown_and_not_overwritten(company: Company):
    order = send(company, after_change="change_update")
    order.body["soShippingAddress"]["city"] = "Aalst"
    save_there(order)
    move_customer(company, city="Brugge")

    row = run_again(company)

    order.refresh_from_db()
    assert (row.state, row.code) == (State.NEEDS_YOU, "order.changed_there")
    assert order.body["soShippingAddress"]["city"] == "Aalst"


def test_an_order_that_was_sent_when_less_counted_as_a_change_is_as_it_was_sent(company: Company):
    send(company, after_change="change_warn")
    flow, record = company.flow("orders"), None
    with open_work(flow, None, ensure=lambda work, kind, records: {}) as work:
        (record,) = [one for one in work.source.page(Window(), None).records if isinstance(one, SourceRecord)]
        earlier = work.kind.earlier_essence(work.kind.prepare(record, work.given))
    assert earlier is not None
    Binding.objects.filter(kind="orders").update(fingerprint=fingerprint(earlier))
    save(company.things("teamleader", "deal")[0])

    run = company.run("orders", since=timezone.now() - timedelta(minutes=5))

    assert company.tally(run, "orders").unchanged == 1


def test_what_was_released_is_not_changed_any_more(company: Company):
    order = send(company, after_change="change_update")
    order.body |= {"status": "Open", "hold": False}
    save_there(order)
    before = lines_of(order)
    change_quotation(company)

    row = run_again(company)

    assert (row.state, row.code) == (State.NEEDS_YOU, "order.changed_late")
    assert lines_of(order) == before


def test_edits_made_there_are_not_overwritten_without_asking(company: Company):
    order = send(company, after_change="change_update")
    order.body["lines"][1]["quantity"] = 99
    save_there(order)
    change_quotation(company)

    row = run_again(company)

    assert (row.state, row.code) == (State.NEEDS_YOU, "order.changed_there")
    assert lines_of(order)[1][1] == 99


def test_what_is_left_as_it_is_is_asked_about_again_only_after_another_change(company: Company):
    send(company, after_change="change_warn")
    change_quotation(company)
    row = run_again(company)

    rulings.rule(row, "leave")
    work_what_is_due()
    save(company.things("teamleader", "deal")[0])
    same = run_again(company)
    change_quotation(company)
    other = run_again(company)

    row.refresh_from_db()
    assert (row.state, row.code, same.code, other.code) == (State.SKIPPED, "skip.left", "skip.left", "order.changed")


def test_a_change_that_was_not_answered_is_looked_at_before_anything_is_sent_again(company: Company, version: str):
    order = send(company, version=version, after_change="change_update")
    before = lines_of(order)
    change_quotation(company, with_new_line=True)
    lose_answers(company, True)

    row = run_again(company)
    waiting = (row.state, row.code)
    lose_answers(company, False)
    let_time_pass()

    row.refresh_from_db()
    assert waiting == (State.WAITING, "outcome.unknown")
    assert row.state in (State.UPDATED, State.UNCHANGED)
    twice = (before[0][0], before[0][1] * 2)
    assert lines_of(order) == [twice, *before[1:-1], twice]


def test_a_cancelling_that_was_not_answered_is_not_done_twice(company: Company, version: str):
    order = send(company, version=version, after_loss="loss_cancel")
    lose_deal(company)
    lose_answers(company, True)

    row = run_again(company)
    lose_answers(company, False)
    let_time_pass()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.UPDATED, "order.ended_there")
    assert [thing.body["status"] for thing in Thing.objects.filter(pk=order.pk)] in ([], ["Cancelled"])


def lose_answers(company: Company, is_lost: bool) -> None:
    account = company.account("visma_net")
    account.faults = {"lost_rate": 1} if is_lost else {}
    account.save(update_fields=["faults"])


@pytest.mark.parametrize("status", ["lost", "open"])
def test_an_order_of_a_deal_that_is_none_any_more_is_cancelled(company: Company, version: str, status: str):
    order = send(company, version=version, after_loss="loss_cancel")
    lose_deal(company, status)

    row = run_again(company)

    assert row.state == State.UPDATED
    if version == "v2":
        order.refresh_from_db()
        assert order.body["status"] == "Cancelled"
    else:
        assert not Thing.objects.filter(pk=order.pk).exists()
    lose_deal(company, "won")
    assert run_again(company).code == "order.gone_there"
    assert Binding.objects.filter(kind="orders").count() == 1


def test_a_person_is_asked_about_an_order_whose_deal_is_lost(company: Company):
    order = send(company, after_loss="loss_warn")
    lose_deal(company)

    row = run_again(company)
    rulings.rule(row, "cancel")
    work_what_is_due()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.UPDATED, "order.deleted_there")
    assert not Thing.objects.filter(pk=order.pk).exists()


def test_what_was_shipped_is_not_cancelled(company: Company):
    order = send(company, version="v2", after_loss="loss_cancel")
    order.body["lines"][0]["qtyOnShipments"] = 1
    order.body |= {"status": "Shipping", "hold": False}
    save_there(order)
    lose_deal(company)

    row = run_again(company)

    assert (row.state, row.code) == (State.NEEDS_YOU, "order.lost_late")
