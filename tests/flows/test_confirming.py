"""Orders that came to something else than what was sold, once they stood there: shown, accepted, never sent twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from apicenter.causes import CAUSES
from connectors.sandbox import services
from connectors.sandbox.models import Thing
from connectors.sandbox.seed import documents
from connectors.sandbox.teamleader.writing import save as save_in_source
from connectors.sandbox.visma_net.order_document import add_up_order
from connectors.sandbox.visma_net.store import save
from flows.documents.confirming import ACCEPTED, DIFFERS, RATES_DIFFER, UNSEEN
from flows.engine import rulings
from flows.flow_settings import change_settings
from flows.models import Binding, Flow, RunRecord
from flows.needs.replays import replay
from tests.flows.live import Company, let_time_pass, work_what_is_due
from tests.flows.made_orders import drawn_document

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
CURRENCIES = ("EUR", "SEK", "JPY", "TND", "USD")
READS_AN_ORDER = "SalesOrders/SO/"


def send(company: Company, *, freight: float = 7.5, **settings: Any) -> RunRecord:
    """Send the one order there is to a company that adds freight to it."""
    company.keep_deals("mixed_rates")
    services.set_options(company.account("visma_net"), freight=freight)
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, **settings})
    return RunRecord.objects.get(run=company.run("orders"), kind="orders")


def accepted(company: Company) -> str:
    """Leave the one order there is, and return the key of its quotation."""
    company.keep_deals("mixed_rates")
    (deal,) = company.things("teamleader", "deal")
    return str(deal.body["quotations"][0]["id"])


def only_order(company: Company) -> Thing:
    (order,) = company.things("visma_net", "salesorder")
    return order


def work_on(row: RunRecord) -> RunRecord:
    work_what_is_due()
    row.refresh_from_db()
    return row


def test_a_difference_is_shown_and_the_order_is_bound(company: Company):
    row = send(company)

    order = only_order(company)
    assert (row.state, row.code, row.target_number) == (State.NEEDS_YOU, DIFFERS, order.body["orderNo"])
    assert row.params["target"] == f"{order.body['orderTotal']:.2f}" != row.params["source"]
    assert Binding.objects.get(kind="orders").target_id == order.key
    assert row.reason.startswith(f"Booked as {order.body['orderNo']}, but Visma.net ERP came to")


def test_what_was_accepted_counts_as_made(company: Company):
    row = send(company)

    rulings.rule(row, "leave")
    assert (work_on(row).state, row.code) == (State.CREATED, ACCEPTED)

    only_order(company)


def test_sending_it_again_only_compares_it_again(company: Company):
    row = send(company)
    replay(RunRecord.objects.filter(pk=row.pk))
    assert (work_on(row).state, row.code) == (State.NEEDS_YOU, DIFFERS)

    order = only_order(company)
    order.body["_freight"]["amount"] = 0
    add_up_order(company.account("visma_net"), order.body)
    save(order)
    replay(RunRecord.objects.filter(pk=row.pk))

    assert (work_on(row).state, row.code) == (State.CREATED, "")
    assert only_order(company).key == order.key


def test_an_order_that_changes_in_the_source_is_still_compared(company: Company):
    send(company)
    (deal,) = company.things("teamleader", "deal")
    save_in_source(deal)

    row = RunRecord.objects.get(run=company.run("orders"), kind="orders")

    assert (row.state, row.code) == (State.NEEDS_YOU, DIFFERS)
    only_order(company)


def test_a_lost_answer_is_looked_up_and_compared(company: Company):
    services.set_faults(company.account("visma_net"), lost_rate=1)
    row = send(company)
    services.set_faults(company.account("visma_net"), lost_rate=0)

    for _round in range(4):
        let_time_pass()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.NEEDS_YOU, DIFFERS)
    only_order(company)


def test_what_cannot_be_read_back_is_read_later(company: Company):
    services.set_faults(company.account("visma_net"), error_rate=1, only=(READS_AN_ORDER,))
    row = send(company)
    assert (row.state, row.code) == (State.WAITING, UNSEEN)

    services.set_faults(company.account("visma_net"), error_rate=0)
    let_time_pass()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.NEEDS_YOU, DIFFERS)
    only_order(company)


def test_amounts_per_vat_rate_are_compared_where_the_answer_has_them(company: Company):
    services.set_faults(company.account("visma_net"), error_rate=1, only=("customerinvoice/",))
    change_settings(company.flow("orders"), {"send_as": "customer_invoice"})
    row = send(company, freight=0)
    (invoice,) = company.things("visma_net", "customerinvoice")
    low, high = invoice.body["taxDetails"][-2:]
    low["taxableAmount"] -= 10  # as if a line was booked under the other rate and the VAT put right by hand
    high["taxableAmount"] += 10
    save(invoice)
    services.set_faults(company.account("visma_net"), error_rate=0)

    let_time_pass()
    row.refresh_from_db()
    asked = (row.state, row.code)
    by_rate = {one["percent"]: (one["source_taxable"], one["target_taxable"]) for one in row.params["by_rate"]}
    rulings.rule(row, "leave")

    assert asked == (State.NEEDS_YOU, RATES_DIFFER)
    assert sum(source != target for source, target in by_rate.values()) == 2
    assert row.params["source"] == row.params["target"]
    assert (work_on(row).state, row.code) == (State.CREATED, ACCEPTED)


@pytest.mark.parametrize("settings", [{"check_after": "check_off"}, {"hold": False}])
def test_nobody_looks_where_that_is_off(company: Company, settings: dict[str, Any]):
    assert send(company, **settings).state == State.CREATED


def test_a_change_that_comes_to_something_else_is_shown_too(company: Company):
    send(company, freight=0, after_change="change_update")
    order = only_order(company)
    order.body["_freight"]["amount"] = 7.5
    save(order)
    (deal,) = company.things("teamleader", "deal")
    deal.body["purchase_order_number"] = "PO-2"
    save_in_source(deal)

    row = RunRecord.objects.get(run=company.run("orders"), kind="orders")
    assert (row.state, row.code) == (State.NEEDS_YOU, DIFFERS)
    assert only_order(company).body["customerOrder"] == "PO-2"

    rulings.rule(row, "leave")
    assert work_on(row).state == State.UPDATED


def test_a_line_for_cents_makes_the_order_come_to_what_was_sold(company: Company):
    quotation = Thing.objects.get(kind="quotation", key=accepted(company))
    amount = quotation.body["total"]["tax_inclusive"]
    amount["amount"] = round(amount["amount"] + 0.02, 2)
    quotation.save()

    row = send(company, freight=0, cent_line_item="SRV-10085", cent_line_text="Afronding", check_after="check_always")

    assert row.state == State.CREATED
    order = only_order(company).body
    assert (order["orderTotal"], order["lines"][-1]["lineDescription"]) == (amount["amount"], "Afronding")
    again = company.run("orders", since=timezone.now() - timedelta(days=900))
    assert company.tally(again, "orders").unchanged == 1


def test_on_an_invoice_that_line_goes_to_a_ledger_account(company: Company):
    quotation = Thing.objects.get(kind="quotation", key=accepted(company))
    amount = quotation.body["total"]["tax_inclusive"]
    amount["amount"] = round(amount["amount"] - 0.02, 2)
    quotation.save()

    change_settings(company.flow("orders"), {"send_as": "customer_invoice", "cent_line_account": "700000"})

    row = send(company, freight=0)

    assert row.state == State.CREATED
    (invoice,) = company.things("visma_net", "customerinvoice")
    last = invoice.body["invoiceLines"][-1]
    assert (last["inventoryNumber"], last["account"]["number"]) == (None, "700000")
    assert invoice.body["amountInCurrency"] == amount["amount"]


def test_drawn_orders_are_booked_to_the_cent_or_held_with_a_cause(company: Company):
    company.keep_deals("mixed_rates", "sections", "fine_prices", "decimal_quantities", "free_text", "dutch_department")
    draw = Random("any order")
    wanted = {}
    for deal, currency in zip(company.things("teamleader", "deal"), CURRENCIES * 9, strict=False):
        for link in deal.body["quotations"]:
            quotation = Thing.objects.get(kind="quotation", key=link["id"])
            document = drawn_document(draw, lines=9, currency=currency)
            quotation.body |= {
                "grouped_lines": documents.grouped_lines(document, "quotation"),
                "discounts": documents.discounts(document),
                "currency": currency,
                "total": {**quotation.body["total"], **documents.totals(document)},
            }
            quotation.save()
            wanted[quotation.key] = quotation.body["total"]["tax_inclusive"]["amount"]
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, "check_after": "check_always"})

    run = company.run("orders")

    tally = company.tally(run, "orders")
    assert tally.read == tally.created + tally.needs_you > 5
    orders = {thing.key: thing.body["orderTotal"] for thing in company.things("visma_net", "salesorder")}
    for row in RunRecord.objects.filter(run=run, kind="orders"):
        if row.state == State.CREATED:
            assert Decimal(str(orders[row.target_id])) == Decimal(str(wanted[row.source_key]))
        else:
            assert row.code in CAUSES
            assert row.code != "internal"
