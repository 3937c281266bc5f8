"""Orders between the two sandboxes: with their customer, their items and their totals, or with the reason why not."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.models import Thing
from flows.models import Binding, Flow, Intent, RunRecord
from flows.work import reference
from tests.flows.live import Company, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def configure(company: Company, **settings: Any) -> None:
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, **settings})


def orders(company: Company) -> list[Thing]:
    return company.things("visma_net", "salesorder")


def test_each_order_is_there_once_under_our_reference(company: Company):
    run = company.run("orders")

    flow, sent = company.flow("orders"), RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED)
    found = Counter(thing.body["customerRefNo"] for thing in orders(company))
    wanted = {reference(flow.organization_id, flow.target_id, "orders", row.source_key) for row in sent}
    assert company.tally(run, "orders").read == 47
    assert found == dict.fromkeys(wanted, 1)
    assert not Intent.objects.exists()


def test_an_order_is_bound_to_the_document_it_became(company: Company):
    company.run("orders")

    bound = dict(Binding.objects.filter(kind="orders").values_list("target_id", "number"))
    assert bound == {thing.key: thing.body["orderNo"] for thing in orders(company)}


def test_what_is_booked_is_what_was_sold(company: Company):
    run = company.run("orders")

    for row in RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED):
        raw = row.read_source()
        sold = Decimal(str(raw["quotation"]["total"]["tax_inclusive"]["amount"]))
        booked = next(Decimal(str(one.body["orderTotal"])) for one in orders(company) if one.key == row.target_id)
        assert abs(sold - booked) <= Decimal("0.05") + Decimal("0.01") * len(raw["quotation"]["grouped_lines"]) * 10


def test_customers_are_made_with_their_orders_and_only_once(company: Company):
    before = len(company.things("visma_net", "customer"))

    run = company.run("orders")

    made = company.things("visma_net", "customer")[before:]
    assert company.tally(run, "customers").created == len(made) > 20
    assert len({thing.body["accountReference"] for thing in made}) == len(made)


def test_the_odd_ones_are_held_with_their_reason(company: Company):
    run = company.run("orders")

    held = RunRecord.objects.filter(run=run, state=State.NEEDS_YOU)
    codes = Counter(row.code for row in held)
    assert codes["match.ambiguous"] == codes["product.missing"] == 1
    assert codes["dependency.failed"] == 2  # the orders of the customer that fits two
    assert all(row.reason and "?" not in row.reason for row in held)
    skipped = RunRecord.objects.filter(run=run, state=State.SKIPPED)
    assert {row.code for row in skipped} == {"skip.no_quotation"}


def test_a_second_run_sends_nothing(company: Company):
    company.run("orders")
    before = len(orders(company))

    run = company.run("orders")

    assert len(orders(company)) == before
    assert run.calls_target == 0


def test_reading_everything_again_sends_nothing(company: Company):
    first = company.run("orders")
    before = len(orders(company))

    run = company.run("orders", since=first.created_at - timedelta(days=900))

    tally = company.tally(run, "orders")
    assert len(orders(company)) == before
    assert (tally.created, tally.updated) == (0, 0)
    assert tally.unchanged == before


def test_one_debtor_may_stand_for_all(company: Company):
    before = len(company.things("visma_net", "customer"))
    configure(company, default_customer="10001", force_default_customer=True)

    company.run("orders")

    assert {thing.body["customer"]["number"] for thing in orders(company)} == {"10001"}
    assert len(company.things("visma_net", "customer")) == before


def test_a_fallback_item_stands_in_for_a_missing_one(company: Company):
    configure(company, missing_product="fallback_item", fallback_item="SRV-10085")

    run = company.run("orders")

    assert not company.held(run, "product.missing")
    assert any(line["inventory"]["number"] == "SRV-10085" for thing in orders(company) for line in thing.body["lines"])


def test_text_lines_need_an_item_of_their_own(company: Company):
    configure(company, text_line_item="")

    run = company.run("orders")

    held = company.held(run, "line.without_product")
    assert held
    assert held[0].reason.endswith("names no product. Choose an item for text lines in the settings.")


def test_a_filter_leaves_out_and_says_so(company: Company):
    Flow.objects.filter(kind="orders").update(filters={"rules": [{"field": "currency", "op": "eq", "value": "JPY"}]})

    run = company.run("orders")

    tally = company.tally(run, "orders")
    assert not orders(company)
    assert (tally.created, tally.needs_you) == (0, 0)
    assert RunRecord.objects.filter(run=run, kind="orders", code="skip.filtered").count() == 46


def test_a_limit_stops_reading(company: Company):
    run = company.run("orders", limit=1)

    flow = company.flow("orders")
    assert flow.cursor is None
    assert company.tally(run, "orders").read >= 1
    work_what_is_due()
