"""Changing value tables: what is sent by it, what takes it back, and what is told about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apicenter.organizations.models import AuditEntry, Organization
from connectors.maps import NoPair
from flows.models import Flow, Run, RunRecord, ValueRow, ValueTable
from flows.tables.value_tables import (
    RowEdit,
    UndoTooLate,
    confirm_rows,
    ensure_table,
    missing_values,
    save_rows,
    set_no_pair,
    specificity,
    undo,
)
from tests.factories import inside, make_flow, make_held_record, make_organization, make_run, make_table

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def organization() -> Iterator[Organization]:
    with inside(make_organization()) as organization:
        yield organization


@pytest.fixture
def flow(organization: Organization) -> Flow:
    return make_flow("orders", maps={})


def hold(run: Run, number: str, key: str, *, table: str = "vat") -> RunRecord:
    return make_held_record(
        run,
        number,
        code=f"{'vat' if table == 'vat' else 'value'}.no_pair",
        params={
            "table": table,
            "key": key,
            "value": f"label of {key}",
        },
    )


def states(flow: Flow) -> list[str]:
    return sorted(RunRecord.objects.filter(flow=flow).values_list("state", flat=True))


def test_saving_several_rows_sends_all_they_solve_and_leaves_the_rest(flow: Flow):
    run = make_run(flow)
    for number, key in enumerate(["5.5", "5.5", "10", "20"]):
        hold(run, str(number), key)
    table = make_table(flow, "vat")

    change = save_rows(table, [RowEdit("5.5", "FR055"), RowEdit("10", "FR10")])

    assert (change.changed, change.sent) == (2, 3)
    assert states(flow) == [State.NEEDS_YOU, State.WAITING, State.WAITING, State.WAITING]


def test_a_general_row_sends_what_any_of_its_cases_held(flow: Flow):
    flow.settings = {"vat_zone": {"uses_table": True, "no_pair": "block"}}
    flow.save(update_fields=["settings"])
    run = make_run(flow)
    for number, key in enumerate(["FR|company", "FR|person", "DE|company"]):
        hold(run, str(number), key, table="vat_zone")

    assert save_rows(make_table(flow, "vat_zone"), [RowEdit("FR|*", "EU")]).sent == 2


def test_an_open_row_solves_nothing_but_sending_nothing_on_purpose_does(flow: Flow):
    hold(make_run(flow), "1", "5.5")
    table = make_table(flow, "vat")

    assert save_rows(table, [RowEdit("5.5")]).sent == 0
    assert save_rows(table, [RowEdit("5.5", sends_empty=True)]).sent == 1
    row = ValueRow.objects.get()
    assert (row.value, row.is_confirmed) == ("", True)


def test_the_rule_for_values_without_a_row_sends_what_it_solves(flow: Flow):
    hold(make_run(flow), "1", "5.5")
    table = make_table(flow, "vat")

    change = set_no_pair(table, NoPair.DEFAULT, default="STANDARD")

    assert (change.changed, change.sent) == (1, 1)
    assert (table.no_pair, table.default) == ("default", "STANDARD")
    assert set_no_pair(table, NoPair.DEFAULT, default="STANDARD").changed == 0
    assert set_no_pair(table, NoPair.AS_IS, default="left over").changed == 1
    assert ValueTable.objects.get().default == ""


def test_undo_brings_rows_and_rule_back_once(flow: Flow):
    table = make_table(flow, "vat", {"21": "BE21", "6": "BE6"})

    change = save_rows(table, [RowEdit("21", "OTHER"), RowEdit("12", "BE12")], removed=["6"])
    undo(table, change.undo)

    assert dict(table.rows.values_list("key", "value")) == {"21": "BE21", "6": "BE6"}
    with pytest.raises(UndoTooLate):
        undo(table, change.undo)


def test_undo_does_not_take_back_what_somebody_changed_since(flow: Flow):
    table = make_table(flow, "vat", {"21": "BE21"})
    first = save_rows(table, [RowEdit("21", "OTHER")])
    save_rows(table, [RowEdit("21", "THIRD")])

    with pytest.raises(UndoTooLate):
        undo(table, first.undo)

    assert table.rows.get().value == "THIRD"


def test_only_suggestions_can_be_confirmed(flow: Flow):
    table = make_table(flow, "vat", {"21": "BE21"})
    ValueRow.objects.create(table=table, key="0", value="BE0")
    ValueRow.objects.create(table=table, key="9")

    assert confirm_rows(table, ["21", "0", "9"]).changed == 1
    assert ValueRow.objects.get(key="0").is_confirmed
    assert not ValueRow.objects.get(key="9").is_confirmed


def test_each_change_is_told_with_before_and_after(flow: Flow):
    table = make_table(flow, "vat", {"21": "BE21", "6": "BE6"})

    save_rows(table, [RowEdit("21", "X"), RowEdit("12", "BE12"), RowEdit("6", "BE6")], removed=[])
    save_rows(table, [], removed=["6", "no such row"])

    told = list(AuditEntry.objects.order_by("created_at").values_list("action", flat=True))
    assert told == ["table.row_changed", "table.row_added", "table.row_removed"]
    changed = AuditEntry.objects.get(action="table.row_changed")
    assert (changed.before, changed.after) == ({"value": "BE21"}, {"value": "X"})


def test_nothing_changed_is_nothing_told_and_nothing_to_undo(flow: Flow):
    table = make_table(flow, "vat", {"21": "BE21"})

    change = save_rows(table, [RowEdit("21", "BE21")])

    assert (change.changed, change.sent, change.undo) == (0, 0, "")
    assert not AuditEntry.objects.exists()


def test_what_most_records_wait_for_comes_first(flow: Flow):
    run = make_run(flow)
    for number, key in enumerate(["5.5", "10", "10"]):
        hold(run, str(number), key)
    hold(run, "9", "stk", table="unit")
    vat, unit = make_table(flow, "vat"), make_table(flow, "unit")

    missing = missing_values([vat, unit])

    assert [(one.key, one.label, one.count) for one in missing[vat.pk]] == [
        ("10", "label of 10", 2),
        ("5.5", "label of 5.5", 1),
    ]
    assert [one.key for one in missing[unit.pk]] == ["stk"]


def test_rows_are_told_apart_by_how_specific_they_are():
    keys = ["*", "*|*", "*|company", "BE", "BE|*", "BE|company"]

    assert sorted(keys, key=specificity) == ["BE|company", "BE|*", "BE", "*|company", "*|*", "*"]


def test_a_table_that_a_flow_does_not_have_yet_is_made_with_its_rule(flow: Flow):
    table = ensure_table(flow, "item")

    assert (table.no_pair, ensure_table(flow, "item")) == ("as_is", table)
    with pytest.raises(KeyError):
        ensure_table(flow, "no such table")
