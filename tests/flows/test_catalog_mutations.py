"""Orders booked as financial mutations between the two sandboxes: once, balanced, or held with their reason."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.models import Thing
from connectors.sandbox.services import set_faults, set_options
from flows.demo.company import ORDER_PAIRS
from flows.engine.work import reference
from flows.flow_settings import change_settings
from flows.models import Binding, Flow, RunRecord, ValueTable
from flows.needs.remedies import NotPossible, fill_in
from flows.setup.creation import create_flow
from flows.setup.lights import Level
from flows.setup.readiness import flow_lights
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
CHOSEN = {
    "send_as": "financial_mutation",
    "mutation_type": "recommended",
    "receivable_account": "400000",
    "revenue_account": "700000",
    "vat_account": "451000",
    "discount_account": "708000",
    "rounding_account": "658000",
    "closed_period": "next_open",
    "mutation_status": "released",
}


def book_as(company: Company, **settings: Any) -> Flow:
    flow = company.flow("orders")
    change_settings(flow, {**CHOSEN, **settings})
    return flow


def batches(company: Company) -> list[Thing]:
    return company.things("visma_net", "journaltransaction")


def amounts(thing: Thing, account: str) -> Decimal:
    """Return what a batch debits (negative: credits) on an account."""
    rows = [row for row in thing.body["journalTransactionLines"] if row["accountNumber"] == account]
    sides = ((row["debitAmountInCurrency"], row["creditAmountInCurrency"]) for row in rows)
    return sum((Decimal(str(debit)) - Decimal(str(credit)) for debit, credit in sides), Decimal(0))


def lines(thing: Thing) -> list[dict[str, Any]]:
    return list(thing.body["journalTransactionLines"])


def test_each_order_is_booked_once_and_as_it_was_sold_though_answers_are_lost(company: Company):
    flow = book_as(company, vat_return=True)
    set_faults(company.account("visma_net"), seed=3, lost_rate=0.3)

    run = company.run("orders")
    for _ in range(4):
        let_time_pass()

    booked, tally = {thing.key: thing for thing in batches(company)}, company.tally(run, "orders")
    found = Counter(mark for one in booked.values() for mark in {line["referenceNumber"] for line in lines(one)})
    wanted: list[str] = []
    for row in RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED):
        total = row.read_source()["quotation"]["total"]
        vat = sum(Decimal(str(one["tax"]["amount"])) for one in total["taxes"])
        assert amounts(booked[row.target_id], "400000") == Decimal(str(total["tax_inclusive"]["amount"]))
        assert amounts(booked[row.target_id], "451000") == -vat
        wanted.append(reference(flow.organization_id, flow.target_id, "orders", row.source_key))
    assert found == dict.fromkeys(wanted, 1)
    assert tally.created == len(booked) > 35
    assert {thing.body["status"] for thing in booked.values()} == {"Unposted"}
    vat_ids = {line["vat"]["id"] for one in booked.values() for line in lines(one) if line["accountNumber"] == "451000"}
    assert vat_ids == {"21", "12", "6"}
    assert not company.things("visma_net", "salesorder")
    assert not RunRecord.objects.filter(run=run, kind="customers").exists()  # none is needed for a booking


def test_invoices_are_booked_and_credit_notes_the_other_way_round(company: Company):
    ends = company.connection("teamleader"), company.connection("visma_net")
    by_country = {"is_on": True, "value": "700000", "source": "customer.primary_address.country"}
    pairs = {**ORDER_PAIRS, "ledger_revenue": {"NL": "700200"}}
    create_flow("invoices", *ends, values={**CHOSEN, "revenue_account": by_country}, pairs=pairs)

    run = company.run("invoices")

    booked = {thing.key: thing for thing in batches(company)}
    rows = RunRecord.objects.filter(run=run, state=State.CREATED)
    assert {row.kind for row in rows} == {"invoices", "credit_notes"}
    assert len(booked) == len(rows)
    for row in rows:
        sign, raw = (1, "invoice") if row.kind == "invoices" else (-1, "credit_note")
        total = Decimal(str(row.read_source()[raw]["total"]["tax_inclusive"]["amount"]))
        assert amounts(booked[row.target_id], "400000") == sign * total
        country = (row.read_source().get("company") or row.read_source()["contact"])["addresses"][0]["address"][
            "country"
        ]
        assert bool(amounts(booked[row.target_id], "700200")) == (country == "NL")


def test_an_account_that_is_not_chosen_or_not_there_is_seen_before_the_first_run(company: Company):
    flow = book_as(company, receivable_account="")
    missing = flow_lights(flow)[0]
    change_settings(flow, {"receivable_account": "499000"})  # no longer active
    unknown = flow_lights(flow)[0]

    assert (missing.level, unknown.level) == (Level.BAD, Level.BAD)
    assert "499000" in unknown.text


def test_what_is_missing_or_closed_holds_a_record_until_it_is_put_right(company: Company):
    flow = book_as(company, mutation_type="complex", discount_account="", closed_period="block")
    now = timezone.now()
    months = [f"{now - timedelta(days=days):%Y%m}" for days in range(125)]
    set_options(company.account("visma_net"), closed_periods=tuple({*months} - {f"{now:%Y%m}"}))

    run = company.run("orders", limit=16)
    closed = company.held(run, "period.closed")
    change_settings(flow, {"closed_period": "next_open"})
    let_time_pass()
    held, before = company.held(run, "ledger.no_discount"), len(batches(company))
    with pytest.raises(NotPossible):
        fill_in(flow, "discount_account", "999999")
    sent = fill_in(flow, "discount_account", "708000")
    let_time_pass()

    assert (len(closed), sent) == (company.tally(run, "orders").created, len(held))
    assert min(before, sent) > 0
    assert len(batches(company)) == before + sent
    assert {light.title: light.level for light in flow_lights(Flow.objects.get(pk=flow.pk))} == dict.fromkeys(
        ["Ledger accounts", "Discounts", "Financial period", "Branch", "VAT codes"], Level.OK
    )
    assert {one.body["financialPeriod"] for one in batches(company)} == {f"{now:%Y%m}"}
    proposed = dict(ValueTable.objects.get(flow=flow, name="ledger_category").rows.values_list("key_label", "value"))
    assert proposed["Lighting"] == "701000"  # the account that the category names itself
    assert len({line["accountNumber"] for one in batches(company) for line in lines(one)} & set(proposed.values())) > 2

    Binding.objects.filter(kind="orders").delete()  # as after a restored backup
    again = company.run("orders", limit=16, since=now - timedelta(days=900))

    assert company.tally(again, "orders").created == 0
    assert len(batches(company)) == before + sent
