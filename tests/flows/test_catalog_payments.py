"""Payments back between the two sandboxes: what was paid is registered once, and removed when it is taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.models import Thing
from connectors.sandbox.seed.records import uid
from connectors.sandbox.services import set_faults
from connectors.sandbox.visma_net import aftersales, store
from connectors.sandbox.visma_net.invoice_document import INVOICE, create_document
from connectors.sandbox.visma_net.order_document import create_order
from flows.demo.company import ORDER_PAIRS
from flows.models import Binding, Flow, RunRecord
from flows.needs.replays import replay
from flows.setup.creation import create_flow
from flows.setup.lights import Level
from flows.setup.readiness import flow_lights
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
TRANSFER = uid("paymentMethod", "Bank transfer")


@pytest.fixture
def owed(company: Company) -> Company:
    """The company with the payments flow, and one invoice of 121 EUR that the invoices flow has sent."""
    orders = company.flow("orders")
    create_flow("payments", orders.target, orders.source, pairs={"payment_method": {"1": TRANSFER}})
    account = company.account("visma_net")
    item = next(thing.key for thing in company.things("visma_net", "inventory") if thing.body["status"] == "Active")
    line = {
        "operation": "Insert",
        "inventoryNumber": item,
        "quantity": 1,
        "unitPriceInCurrency": 100,
        "vatCodeId": "21",
    }
    head = {"customerNumber": "10001", "documentDate": "2026-11-20", "invoiceLines": [line]}
    sold = create_document(account, head, INVOICE)
    sold.body["status"] = "Open"
    sold.save()
    bill = there(company)
    amount = {"amount": 121, "currency": "EUR"}
    bill.body["total"] |= {"tax_inclusive": amount, "payable": amount, "due": amount}
    bill.save()
    Binding.objects.create(
        from_connection=orders.source, to_connection=orders.target, kind="invoices", source_key=bill.key,
        target_id=sold.key, number=sold.key,
    )  # fmt: skip
    return company


def there(company: Company) -> Thing:
    """The invoice in Teamleader."""
    rows = [thing for thing in company.things("teamleader", "invoice") if thing.body["status"] == "outstanding"]
    paid = Binding.objects.filter(kind="invoices").values_list("source_key", flat=True)
    known = Thing.objects.filter(kind="invoice", key__in=list(paid)).first()
    return known or next(one for one in rows if not one.body["payments"] and one.body["currency"] == "EUR")


def is_open(bill: dict[str, Any]) -> bool:
    return bill["status"] == "outstanding" and not bill["payments"] and bill["total"]["due"] == bill["total"]["payable"]


def sold(company: Company) -> str:
    return Binding.objects.get(kind="invoices").target_id


def pay(company: Company, amount: str = "", **options: Any) -> Thing:
    return aftersales.pay(company.account("visma_net"), sold(company), Decimal(amount) if amount else None, **options)


def registered(company: Company) -> list[float]:
    return [row["payment"]["amount"] for row in there(company).body["payments"]]


def registrations(company: Company) -> int:
    return company.account("teamleader").calls.filter(path__endswith="invoices.registerPayment").count()


def test_each_part_is_registered_once_and_what_is_taken_back_is_removed(owed: Company):
    first = pay(owed, "21")
    run = owed.run("payments")
    part = registered(owed), there(owed).body["status"]
    (sent,) = RunRecord.objects.get(run=run).read_exchange()["fields"]["payments"]
    pay(owed)
    owed.run("payments")
    paid, again = there(owed).body["paid"], owed.run("payments")
    calls = registrations(owed)
    aftersales.void(owed.account("visma_net"), first)
    owed.run("payments")

    assert owed.tally(run, "payments").updated == 1
    assert part == ([21], "outstanding")
    assert sent["payment_method_id"] == TRANSFER  # by the value table
    assert (paid, calls, owed.tally(again, "payments").updated) == (True, 2, 0)
    assert (registered(owed), there(owed).body["status"]) == ([100], "outstanding")


def test_a_payment_whose_answer_was_lost_is_looked_for_and_not_registered_again(owed: Company):
    pay(owed, "21")
    store.save(Thing.objects.get(kind="customerinvoice", key=sold(owed)))  # so it is read twice, in two versions
    set_faults(owed.account("teamleader"), lost_rate=1, only=("registerPayment",))

    run = owed.run("payments")
    waiting = RunRecord.objects.get(run=run)
    was = waiting.state, waiting.code, RunRecord.objects.filter(run=owed.run("payments")).count()
    set_faults(owed.account("teamleader"), lost_rate=0)
    let_time_pass()

    waiting.refresh_from_db()
    assert was == (State.WAITING, "outcome.unknown", 1)
    assert (registered(owed), registrations(owed)) == ([21], 1)
    assert RunRecord.objects.latest("created_at").state == State.UNCHANGED


def test_a_person_is_asked_when_others_have_registered_money_too(owed: Company):
    first = pay(owed, "21")
    owed.run("payments")
    bill = there(owed)
    other = {"paid_at": "2026-11-22T09:00:00+00:00", "payment": {"amount": 7, "currency": "EUR"}}
    bill.body["payments"].append(other)
    bill.save()
    aftersales.void(owed.account("visma_net"), first)

    run = owed.run("payments")

    assert owed.held(run, "payment.others_remain")[0].reason.startswith("A payment on invoice")
    assert registered(owed) == [21, 7]


def test_what_is_paid_there_stays_and_what_is_not_ours_is_counted(owed: Company):
    bill = there(owed)
    bill.body |= {"paid": True, "status": "matched"}
    bill.body["total"]["due"] = {"amount": 0, "currency": "EUR"}
    bill.save()
    unpaid = owed.run("payments")
    pay(owed)
    paid = owed.run("payments")
    Binding.objects.filter(kind="invoices").update(target_id="999999")
    Binding.objects.filter(kind="payments").delete()
    others = owed.run("payments", since=unpaid.created_at - timedelta(days=900))

    assert owed.tally(paid, "payments").unchanged == 1
    assert registrations(owed) == 0
    for run in (unpaid, others):
        tally = owed.tally(run, "payments")
        assert tally.skipped == tally.read > 0
        assert not RunRecord.objects.filter(run=run).exists()


def test_what_the_invoices_flow_sent_is_paid_back_and_does_not_come_round_again(company: Company):
    ends = company.connection("teamleader"), company.connection("visma_net")
    sale = {"text_line_item": "SRV-10085", "arrival": "released"}
    create_flow("invoices", *ends, values=sale, pairs=ORDER_PAIRS)
    create_flow("payments", *ends[::-1])
    company.run("invoices")
    outstanding = {one.key for one in company.things("teamleader", "invoice") if is_open(one.body)}
    sent = Binding.objects.filter(kind="invoices", source_key__in=outstanding).first()
    assert sent is not None
    aftersales.pay(company.account("visma_net"), sent.target_id)

    paid = company.run("payments")
    echo = company.run("invoices")

    assert company.tally(paid, "payments").updated == 1
    assert Thing.objects.get(kind="invoice", key=sent.source_key).body["paid"] is True
    assert company.tally(echo, "invoices").unchanged == 1
    assert not RunRecord.objects.filter(run=echo, code="skip.exists").exists()
    assert echo.calls_target == 0


@pytest.fixture
def billed(owed: Company) -> Company:
    """An order that the orders flow has sent, invoiced over there; the same deal has an invoice in Teamleader."""
    orders, account = owed.flow("orders"), owed.account("visma_net")
    Binding.objects.all().delete()
    item = next(thing.key for thing in owed.things("visma_net", "inventory") if thing.body["status"] == "Active")
    line = {"operation": "Insert", "inventoryNumber": item, "quantity": 1, "unitPrice": 100, "manualPrice": True}
    order = create_order(account, {"orderType": "SO", "customer": "10001", "lines": [line]}, may_number=False)
    bill = there(owed)
    deal = next(one for one in owed.things("teamleader", "deal") if one.key == bill.body["deal"]["id"])
    Binding.objects.create(
        from_connection=orders.source, to_connection=orders.target, kind="orders",
        source_key=deal.body["quotations"][0]["id"], target_id=order.key, number=order.key,
    )  # fmt: skip
    made = aftersales.invoice(account, order)
    amount = {"amount": made.body["amountInCurrency"], "currency": "EUR"}
    bill.body["total"] |= {"tax_inclusive": amount, "payable": amount, "due": amount}
    bill.save()
    return owed


def bill_of(company: Company) -> Thing:
    deal = company.things("visma_net", "customerinvoice")[-1]
    return next(
        one
        for one in company.things("teamleader", "invoice")
        if one.body["total"]["due"]["amount"] == deal.body["amountInCurrency"]
    )


def pay_order(company: Company) -> None:
    aftersales.pay(company.account("visma_net"), company.things("visma_net", "customerinvoice")[-1].key)


def test_what_is_paid_on_an_invoice_made_from_our_order_goes_to_the_invoice_of_its_deal(billed: Company):
    bill = bill_of(billed)
    unpaid = billed.run("payments")
    pay_order(billed)

    run = billed.run("payments")
    again = billed.run("payments")

    assert not RunRecord.objects.filter(run=unpaid).exists()
    assert billed.tally(run, "payments").updated == 1
    bill.refresh_from_db()
    assert (bill.body["paid"], len(bill.body["payments"])) == (True, 1)
    assert billed.tally(again, "payments").updated == 0


def test_a_person_chooses_between_two_invoices_that_fit_and_none_is_left_out_with_that_reason(billed: Company):
    twin = bill_of(billed)
    number = twin.key
    twin.pk, twin.key = None, uid("invoice", "twin")
    twin.body |= {"id": twin.key}
    twin.save()
    pay_order(billed)
    (held,) = billed.held(billed.run("payments"), "match.ambiguous")
    Thing.objects.filter(kind="invoice", key__in=[number, twin.key]).delete()

    replay(RunRecord.objects.filter(pk=held.pk))
    let_time_pass()

    assert {one["id"] for one in held.params["choices"]} == {number, twin.key}
    assert RunRecord.objects.get(pk=held.pk).code == "skip.no_such_invoice"


def test_an_invoice_that_was_sent_itself_is_no_other_orders(billed: Company):
    orders = billed.flow("orders")
    Binding.objects.create(
        from_connection=orders.source, to_connection=orders.target, kind="invoices", source_key=bill_of(billed).key,
        target_id="999999", number="999999",
    )  # fmt: skip
    pay_order(billed)

    run = billed.run("payments")

    assert RunRecord.objects.get(run=run).code == "skip.no_such_invoice"


def test_an_orders_flow_is_enough_to_tell_of_payments_unless_it_makes_no_invoices(owed: Company):
    flow, orders = owed.flow("payments"), owed.flow("orders")

    with_orders = [light.level for light in flow_lights(flow)]
    Flow.objects.filter(pk=orders.pk).update(settings={**orders.settings, "send_as": "financial_mutation"})

    assert with_orders == [Level.OK]
    assert [light.level for light in flow_lights(flow)] == [Level.OK, Level.WARN]
