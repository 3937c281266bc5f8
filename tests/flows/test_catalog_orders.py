"""Orders between the two sandboxes: with their customer, their items and their totals, or with the reason why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.models import Thing
from flows.engine.work import reference
from flows.models import Binding, Flow, Intent, Run, RunRecord
from tests.flows.live import Company, live_company, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def run_orders(company: Company) -> None:
    company.run("orders")


@pytest.fixture
def done(transactional_db: None, tmp_path: Path, env: Callable[..., None]) -> Iterator[Company]:
    """The company after its first run over all orders."""
    with live_company(tmp_path, env, after=run_orders) as company:
        yield company


def first_run(company: Company) -> Run:
    return Run.objects.get(flow=company.flow("orders"))


def configure(company: Company, **settings: Any) -> None:
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, **settings})


def orders(company: Company) -> list[Thing]:
    return company.things("visma_net", "salesorder")


def test_each_order_is_there_once_under_our_reference(done: Company):
    flow, run = done.flow("orders"), first_run(done)

    sent = RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED)
    found = Counter(thing.body["customerRefNo"] for thing in orders(done))
    wanted = {reference(flow.organization_id, flow.target_id, "orders", row.source_key) for row in sent}
    assert done.tally(run, "orders").read == 47
    assert found == dict.fromkeys(wanted, 1)
    assert not Intent.objects.exists()


def test_an_order_is_bound_to_the_document_it_became(done: Company):
    bound = dict(Binding.objects.filter(kind="orders").values_list("target_id", "number"))

    assert bound == {thing.key: thing.body["orderNo"] for thing in orders(done)}


def test_what_is_booked_is_what_was_sold(done: Company):
    totals = {one.key: Decimal(str(one.body["orderTotal"])) for one in orders(done)}

    for row in RunRecord.objects.filter(run=first_run(done), kind="orders", state=State.CREATED):
        raw = row.read_source()
        sold = Decimal(str(raw["quotation"]["total"]["tax_inclusive"]["amount"]))
        booked = totals[row.target_id]
        assert abs(sold - booked) <= Decimal("0.05") + Decimal("0.01") * len(raw["quotation"]["grouped_lines"]) * 10


def test_customers_are_made_with_their_orders_and_only_once(done: Company):
    made = [thing for thing in done.things("visma_net", "customer") if thing.body["accountReference"]]

    assert done.tally(first_run(done), "customers").created == len(made) > 20
    assert len({thing.body["accountReference"] for thing in made}) == len(made)


def test_the_odd_ones_are_held_with_their_reason(done: Company):
    run = first_run(done)

    held = RunRecord.objects.filter(run=run, state=State.NEEDS_YOU)
    codes = Counter(row.code for row in held)
    assert codes["match.ambiguous"] == codes["product.missing"] == 1
    assert codes["dependency.failed"] == 2  # the orders of the customer that fits two
    assert all(row.reason and "?" not in row.reason for row in held)
    skipped = RunRecord.objects.filter(run=run, state=State.SKIPPED)
    assert {row.code for row in skipped} == {"skip.no_quotation"}


def test_a_second_run_sends_nothing(done: Company):
    before = len(orders(done))

    run = done.run("orders")

    assert len(orders(done)) == before > 0
    assert run.calls_target == 0


def test_reading_everything_again_sends_nothing(done: Company):
    before = len(orders(done))

    run = done.run("orders", since=first_run(done).created_at - timedelta(days=900))

    tally = done.tally(run, "orders")
    assert len(orders(done)) == before > 0
    assert (tally.created, tally.updated) == (0, 0)
    assert tally.unchanged == before


def test_one_debtor_may_stand_for_all(company: Company):
    company.keep_deals("private_person", "intra_community", "mixed_rates")
    before = len(company.things("visma_net", "customer"))
    configure(company, default_customer={"is_on": True, "value": "10001", "is_forced": True})

    company.run("orders")

    assert {thing.body["customer"]["number"] for thing in orders(company)} == {"10001"}
    assert len(company.things("visma_net", "customer")) == before


def test_a_fallback_item_stands_in_for_a_missing_one(company: Company):
    company.keep_deals("unknown_product")
    configure(company, missing_product="fallback_item", fallback_item="SRV-10085")

    run = company.run("orders")

    assert not company.held(run, "product.missing")
    assert any(line["inventory"]["number"] == "SRV-10085" for thing in orders(company) for line in thing.body["lines"])


def test_text_lines_need_an_item_of_their_own(company: Company):
    company.keep_deals("free_text")
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
