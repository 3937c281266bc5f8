"""Which deals become orders, between the two sandboxes: each one that was read has its reason."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.models import Thing
from connectors.sandbox.seed.records import uid
from connectors.sandbox.teamleader.writing import save
from flows.engine import rulings
from flows.models import Flow, RunRecord
from tests.flows.live import Company, let_time_pass, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
LATELY = timedelta(days=6)


def configure(company: Company, **settings: Any) -> None:
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, **settings})


def run_lately(company: Company) -> Counter[str]:
    """Run over the last days only: a whole run takes longer than a test should."""
    run = company.run("orders", since=timezone.now() - LATELY)
    company.tally(run, "orders")
    return Counter(f"{row.state} {row.code}".strip() for row in RunRecord.objects.filter(run=run, kind="orders"))


def deals(company: Company, status: str) -> list[Thing]:
    return [thing for thing in company.things("teamleader", "deal") if thing.body["status"] == status]


def test_an_order_that_is_sent_once_paid_waits_and_goes_when_it_is(company: Company):
    configure(company, sends_when="deal_paid")

    before = run_lately(company)
    Thing.objects.filter(kind="invoice").update(modified_at=timezone.now())
    waiting = RunRecord.objects.filter(state=State.WAITING, code="order.unpaid")
    deal_id = waiting[0].read_source()["deal"]["id"]
    invoice = company.things("teamleader", "invoice")[0]
    invoice.body |= {"deal": {"type": "deal", "id": deal_id}, "status": "matched", "paid": True}
    others = [one for one in company.things("teamleader", "invoice") if (one.body["deal"] or {}).get("id") == deal_id]
    for one in others:
        one.delete()
    save(invoice)
    let_time_pass()

    assert before["waiting order.unpaid"] > 0
    row = RunRecord.objects.get(source_key=waiting.model.objects.filter(state=State.CREATED).first().source_key)
    assert row.read_source()["deal"]["id"] == deal_id


def test_a_deal_of_a_chosen_phase_is_sent_while_it_is_open(company: Company):
    thing = deals(company, "open")[0]
    quotation = Thing.objects.get(kind="quotation", key=thing.body["quotations"][0]["id"])
    quotation.body["status"] = "accepted"
    save(quotation)
    thing.body["current_phase"] = {"type": "dealPhase", "id": uid("dealPhase", "Negotiation")}
    save(thing)
    configure(company, sends_when="deal_phase", phases=[uid("dealPhase", "Negotiation")])

    run = company.run("orders", since=timezone.now() - timedelta(minutes=5))

    assert [row.source_key for row in RunRecord.objects.filter(run=run, kind="orders")] == [quotation.key]


def test_a_person_says_which_of_several_quotations_is_sent(company: Company):
    company.keep_deals("two_accepted")
    configure(company, several_accepted="ask_quotation")
    run = company.run("orders")
    first, second = company.held(run, "order.several")

    rulings.rule(first, "send")
    work_what_is_due()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.CREATED, State.NEEDS_YOU)


def test_recurring_lines_and_estimates_as_the_settings_say(company: Company):
    company.keep_deals("recurring_line", "none_accepted")
    configure(company, recurring_lines="recurring_drop", no_quotation="no_quotation_estimate")

    run = company.run("orders")

    assert not company.held(run, "totals.differ")
    sent = {row.source_key: row for row in RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED)}
    orders = {thing.key: thing.body for thing in company.things("visma_net", "salesorder")}
    (estimate,) = [row for key, row in sent.items() if key.startswith("deal:")]
    value = estimate.read_source()["deal"]["estimated_value"]["amount"]
    assert [line["unitPrice"] for line in orders[estimate.target_id]["lines"]] == [float(value)]
    assert not any("Maintenance" in line["lineDescription"] for body in orders.values() for line in body["lines"])


def test_an_order_that_waits_is_closed_when_its_deal_is_lost(company: Company):
    configure(company, sends_when="deal_paid")
    run_lately(company)
    row = RunRecord.objects.filter(state=State.WAITING, code="order.unpaid")[0]
    thing = Thing.objects.get(kind="deal", key=row.read_source()["deal"]["id"])
    thing.body["status"] = "lost"
    save(thing)

    after = run_lately(company)

    row.refresh_from_db()
    assert (row.state, row.code) == (State.SKIPPED, "skip.dropped")
    assert after["skipped skip.lost"] == 1
