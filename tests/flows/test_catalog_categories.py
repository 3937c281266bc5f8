"""Categories between the two sandboxes: paired, asked about, and the same pairs in the products flow."""

from __future__ import annotations

import pytest

from flows.catalog.registry import flow_kind
from flows.models import Run, RunRecord, ValueRow, ValueTable
from flows.setup.creation import create_flow
from flows.tables.value_tables import set_pair
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def products_row(company: Company, item_class: str) -> ValueRow:
    return ValueRow.objects.get(table__flow=company.flow("products"), table__name="category", key=item_class)


def test_a_new_category_waits_for_a_person_and_its_pair_serves_both_flows(company: Company):
    products = ValueTable.objects.get(flow=company.flow("products"), name="category")
    set_pair(products, "CHAIR", "cat-of-nothing", value_label="Gone")
    ends = company.connection("teamleader"), company.connection("visma_net")
    flow = create_flow("categories", *ends)
    table = ValueTable.objects.get(flow=flow, name="category")
    assert table.rows.get(key="cat-of-nothing").value == "CHAIR"  # what the products flow knows already

    run = company.run("categories")

    tally = company.tally(run, "categories")
    held = company.held(run, "value.no_pair")
    assert (tally.read, tally.updated, tally.created) == (len(company.things("teamleader", "productCategory")), 0, 0)
    assert tally.needs_you == len(held) > 0
    asked = held[0]
    key, name = asked.params["key"], asked.params["value"]  # a person reads "Furniture", not the id of it
    assert name in {thing.body["name"] for thing in company.things("teamleader", "productCategory")}

    sent = set_pair(table, key, "BULB", key_label=name, value_label="BULB · Bulbs")
    let_time_pass()

    asked.refresh_from_db()
    row = products_row(company, "BULB")
    assert (sent, asked.state) == (1, State.UNCHANGED)
    assert (row.value, row.value_label, row.is_confirmed) == (key, name, True)
    assert Run.objects.get(pk=run.pk).tallies.get().is_balanced


def test_a_pair_that_a_person_chose_in_the_other_flow_stays(company: Company):
    flow = create_flow("categories", company.connection("teamleader"), company.connection("visma_net"))
    first, second = company.things("teamleader", "productCategory")[:2]
    products = ValueTable.objects.get(flow=company.flow("products"), name="category")
    set_pair(products, "CABLE", first.key)

    set_pair(ValueTable.objects.get(flow=flow, name="category"), second.key, "CABLE")

    assert products_row(company, "CABLE").value == first.key


def test_a_category_that_has_no_counterpart_on_purpose_is_left_out_and_says_so(company: Company):
    flow = create_flow("categories", company.connection("teamleader"), company.connection("visma_net"))
    for thing in company.things("teamleader", "productCategory"):
        ValueRow.objects.update_or_create(
            table=ValueTable.objects.get(flow=flow, name="category"),
            key=thing.key,
            defaults={"value": "", "is_confirmed": True},
        )

    tally = company.tally(company.run("categories"), "categories")

    assert tally.skipped == tally.read > 0
    assert set(RunRecord.objects.values_list("code", flat=True)) == {"skip.no_counterpart"}


def test_each_mirror_names_a_table_that_names_it_back():
    for key in ("products", "categories"):
        for spec in flow_kind(key).tables:
            if spec.mirror is not None:
                kind, name = spec.mirror
                back = next(one for one in flow_kind(kind).tables if one.name == name)
                assert back.mirror == (key, spec.name)
