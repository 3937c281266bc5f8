"""Solving causes on the spot, against the two sandboxes: the rule is stored, what waited goes out, nothing twice."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from apicenter.organizations.models import AuditEntry
from connectors.sandbox import services as sandbox
from flows.demo.company import ORDER_PAIRS
from flows.models import Binding, CauseTask, Flow, KeptApart, RunRecord
from flows.needs import remedies
from flows.needs.candidates import compare
from flows.needs.remedies import NotPossible
from flows.needs.replays import NotAChoice
from flows.setup.creation import create_flow
from flows.tables.option_lists import read_list
from tests.flows.live import Company, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def the_held(code: str) -> RunRecord:
    return RunRecord.objects.select_related("flow__source", "flow__target").get(state=State.NEEDS_YOU, code=code)


def booked_items(company: Company, target_id: str) -> set[str]:
    order = next(thing for thing in company.things("visma_net", "salesorder") if thing.key == target_id)
    return {line["inventory"]["number"] for line in order.body["lines"]}


def test_another_item_goes_out_wherever_the_missing_one_is_ordered(company: Company):
    run = company.run("orders")
    held = the_held("product.missing")
    asked = held.params["sku"]
    with pytest.raises(NotPossible, match="There is no item “NO-SUCH-ITEM”"):
        remedies.use_item_instead(held.flow, asked, "NO-SUCH-ITEM")

    assert remedies.use_item_instead(held.flow, asked, "SRV-10085") == 1
    work_what_is_due()

    held.refresh_from_db()
    assert held.state == State.CREATED
    assert "SRV-10085" in booked_items(company, held.target_id)
    table = held.flow.value_tables.get(name="item")
    assert dict(table.rows.values_list("key", "value")) == {asked: "SRV-10085"}
    assert CauseTask.objects.get(code="product.missing").solved_how == "item"
    company.tally(run, "orders")


def test_a_setting_filled_in_on_the_spot_sends_what_waited(company: Company):
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, "text_line_item": ""})
    run = company.run("orders")
    waited = len(company.held(run, "line.without_product"))
    flow = company.flow("orders")
    with pytest.raises(NotPossible):
        remedies.fill_in(flow, "text_line_item", "NO-SUCH-ITEM")

    assert remedies.fill_in(flow, "text_line_item", "SRV-10085") == waited > 0
    assert remedies.use_fallback_item(company.flow("orders"), "SRV-10085") == 1
    work_what_is_due()

    assert not company.held(run, "line.without_product")
    assert not company.held(run, "product.missing")
    assert company.flow("orders").settings["missing_product"] == "fallback_item"
    assert AuditEntry.objects.filter(action="flow.setting_fixed").count() == 2


def test_candidates_stand_side_by_side_and_none_of_them_makes_a_new_one(company: Company):
    run = company.run("orders")
    held = the_held("match.ambiguous")
    before = len(company.things("visma_net", "customer"))
    behind = company.held(run, "dependency.failed")

    comparison = compare(held)

    assert len(comparison.candidates) == len(held.params["choices"]) == 2
    assert not comparison.problem
    names = next(line for line in comparison.fields if line.path == "name")
    assert names.ours == "Praktijk De Linde"
    assert all(names.theirs)
    assert any(is_same for line in comparison.fields for _value, is_same in line.cells)

    assert remedies.create_new(held) == 1 + len(behind)
    work_what_is_due()

    held.refresh_from_db()
    assert held.state == State.CREATED
    assert len(company.things("visma_net", "customer")) == before + 1
    assert held.target_id not in {one.id for one in comparison.candidates}
    assert not company.held(run, "dependency.failed")
    assert KeptApart.objects.get().source_key == held.source_key
    with pytest.raises(NotAChoice):
        remedies.create_new(held)


def test_choosing_in_one_flow_answers_the_other_flow_too_and_needs_no_reading(company: Company):
    create_flow("customers", company.connection("teamleader"), company.connection("visma_net"), pairs=ORDER_PAIRS)
    company.run("customers")
    company.run("orders")
    questions = list(RunRecord.objects.filter(state=State.NEEDS_YOU, code="match.ambiguous"))
    assert {record.flow.kind for record in questions} == {"customers", "orders"}

    chosen = questions[0].params["choices"][0]["id"]
    assert remedies.choose(questions[0], chosen) >= 2
    work_what_is_due()

    assert not RunRecord.objects.filter(state=State.NEEDS_YOU, code="match.ambiguous").exists()
    assert Binding.objects.get(kind="customers", source_key=questions[0].source_key).target_id == chosen


def test_a_system_that_is_down_is_said_and_nothing_is_raised(company: Company):
    call_command("createcachetable", verbosity=0)
    company.run("orders")
    held = the_held("match.ambiguous")
    sandbox.set_faults(company.account("visma_net"), down=True)

    comparison = compare(held)

    assert [one.label for one in comparison.candidates] == [choice["label"] for choice in held.params["choices"]]
    assert comparison.problem == "Visma.net ERP cannot be reached at the moment. It is tried again by itself."
    found = read_list(company.connection("visma_net"), "vat_categories")
    assert found is not None
    assert not found.is_read
    assert found.problem == comparison.problem


def test_orders_know_what_they_come_to(company: Company):
    run = company.run("orders", limit=1)

    record = RunRecord.objects.filter(run=run, kind="orders", state=State.CREATED).first()
    assert record is not None
    quoted = record.read_source()["quotation"]["total"]["tax_inclusive"]
    assert (f"{record.amount:.2f}", record.currency) == (f"{quoted['amount']:.2f}", quoted["currency"])
