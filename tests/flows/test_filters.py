"""Filters of a flow: stored with a trace, tried on real records, and said in the log."""

from __future__ import annotations

import pytest

from apicenter.organizations.models import AuditEntry
from flows.maps.conditions import Condition, Op, Rule
from flows.maps.filters import recent_records, set_filters, source_fields, try_filter
from flows.models import Flow, Run, RunRecord, Tally
from flows.services import start_run
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
ONLY_L = Condition(rules=(Rule(field="sku", op=Op.STARTS_WITH, value="L"),))


@pytest.fixture
def rows(shelf: Shelf) -> None:
    shelf.rows = [make_row(code, minutes=number) for number, code in enumerate(["L1", "L2", "X1", "L3", "X2"])]


def test_what_a_filter_leaves_out_is_in_the_log_with_the_reason(shelf_flow: Flow, shelf: Shelf, rows: None):
    set_filters(shelf_flow, ONLY_L)
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()

    tally = Tally.objects.get(run=run)
    assert tally.is_balanced
    assert (tally.created, tally.skipped) == (3, 2)
    reasons = {record.reason for record in RunRecord.objects.filter(state=RunRecord.State.SKIPPED)}
    assert reasons == {"Left out by the filter “sku starts with “L””."}


def test_a_filter_without_rules_is_none_and_each_change_leaves_a_trace(shelf_flow: Flow):
    set_filters(shelf_flow, ONLY_L)
    set_filters(shelf_flow, ONLY_L)
    set_filters(shelf_flow, Condition())

    shelf_flow.refresh_from_db()
    assert shelf_flow.filters is None
    entries = AuditEntry.objects.filter(action="flow.filters_changed").order_by("created_at")
    assert [entry.after["filter"] for entry in entries] == ["sku starts with “L”", ""]


def test_a_title_stands_for_the_field_where_it_is_known():
    named = Condition(rules=(Rule(field="sku", op=Op.EQ, value="7", title="Item number", value_title="Seven"),))

    from flows.maps.conditions import describe

    assert describe(named) == "Item number is “Seven”"


def test_the_hits_are_counted_on_records_that_came_lately(shelf_flow: Flow, shelf: Shelf, rows: None):
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()
    asked = len(shelf.asked)

    hits = try_filter(ONLY_L, recent_records(shelf_flow))

    assert (hits.passed, hits.total) == (3, 5)
    assert [record.natural_key for record in hits.passing_examples] == ["L3", "L2", "L1"]
    assert [record.natural_key for record in hits.other_examples] == ["X2", "X1"]
    assert len(shelf.asked) == asked  # the log knew


def test_a_record_of_several_runs_counts_once_in_its_newest_form(shelf_flow: Flow, shelf: Shelf, rows: None):
    for name in ("Old", "New"):
        shelf.rows[0]["name"] = name
        Flow.objects.update(cursor=None)
        start_run(shelf_flow, Run.Trigger.MANUAL)
        work_until_idle()

    records = [record for record in recent_records(shelf_flow) if record.natural_key == "L1"]

    assert [record.core.name for record in records] == ["New"]


def test_before_the_first_run_a_page_is_read_now(shelf_flow: Flow, shelf: Shelf, rows: None):
    assert len(recent_records(shelf_flow)) == shelf.source("products").page_size


def test_what_the_settings_leave_out_anyway_is_not_counted(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B", sellable=False)]

    assert [record.natural_key for record in recent_records(shelf_flow)] == ["A"]


def test_fields_come_from_the_source(shelf_flow: Flow):
    assert [field.path for field in source_fields(shelf_flow)] == ["sku"]
