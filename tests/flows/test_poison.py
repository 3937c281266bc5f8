"""Records that would make our code fail: one is held with a cause, everything else goes on and is saved whole."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from django.db import models

from connectors.base import SourceRecord
from connectors.maps import FieldMap, ResourceMap
from connectors.payloads import decode, encode
from flows.catalog.registry import flow_kind
from flows.engine import plan
from flows.engine.plan import Rules
from flows.engine.poison import DEEPEST, is_too_deep
from flows.engine.writing import INTERNAL_ERRORS_THAT_PAUSE
from flows.maps.mapping import compile_map
from flows.models import Binding, Flow, Intent, RunRecord
from flows.needs.replays import replay
from flows.tables.value_tables import RowEdit, save_rows
from tests.flows.engine.passes import go_on, pass_over, tally
from tests.flows.memory import Memory, MemorySource, make_row
from tests.flows.records import make_line, make_order

pytestmark = pytest.mark.django_db
State = RunRecord.State
LONGEST_PLAN_SECONDS = 5.0  # of 10,000 lines; it takes a tenth of that


def assert_fits() -> None:
    """What is saved keeps to the lengths of its columns, which only PostgreSQL would insist on."""
    for row in [*RunRecord.objects.all(), *Binding.objects.all(), *Intent.objects.all()]:
        for column in row._meta.concrete_fields:
            if isinstance(column, models.CharField) and column.max_length:
                assert len(getattr(row, column.attname)) <= column.max_length, (row, column.name)


def explode(record: SourceRecord, settings: object) -> None:
    if record.natural_key.startswith("BOMB"):
        raise ZeroDivisionError


@pytest.fixture
def bombs(monkeypatch: pytest.MonkeyPatch, flow: Flow) -> None:
    """A kind of flow whose own code fails at records called BOMB…"""
    monkeypatch.setattr(flow_kind("products"), "omit", explode)


@pytest.mark.usefixtures("bombs")
def test_a_record_at_which_our_code_fails_is_held_and_the_others_go_on(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A"), make_row("BOMB"), make_row("C"), make_row("D"), make_row("E")]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 5, "created": 4, "needs_you": 1}
    assert RunRecord.objects.get(state=State.NEEDS_YOU).code == "internal"
    assert RunRecord.objects.get(state=State.NEEDS_YOU).source  # so that it can be sent once we mended it


@pytest.mark.usefixtures("bombs")
def test_the_same_sku_twice_is_still_held_beside_a_record_that_fails(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A"), make_row("BOMB"), make_row("A", id="S-A2")]

    pass_over(flow, left, right)

    assert [one["code"] for one in right.things.values()] == ["A"]


@pytest.mark.usefixtures("bombs")
def test_a_fault_that_hits_every_record_is_no_fault_of_the_records(flow: Flow, left: Memory, right: Memory):
    MemorySource.page_size, kept = 10, MemorySource.page_size
    left.rows = [make_row(f"BOMB{number}") for number in range(INTERNAL_ERRORS_THAT_PAUSE)]

    try:
        with pytest.raises(ZeroDivisionError):
            pass_over(flow, left, right)
    finally:
        MemorySource.page_size = kept

    assert not RunRecord.objects.exists()


def test_a_held_record_is_sent_once_our_code_can_bear_it(
    flow: Flow, left: Memory, right: Memory, monkeypatch: pytest.MonkeyPatch, bombs: None
):
    left.rows = [make_row("A"), make_row("BOMB")]
    run = pass_over(flow, left, right)
    monkeypatch.undo()

    replay(RunRecord.objects.filter(state=State.NEEDS_YOU))
    go_on(flow, left, right, run)

    assert tally(run) == {"read": 2, "created": 2}


ODD = [
    "A\x00B",
    "A\ud800B",
    "\udfffA",
    "\u202eABC\u202c",  # right to left
    "שלום-1",
    "e\u0301\u0302\u0303",
    "👩‍👩‍👧‍👦",
    "ß" * 150,  # twice as long in folded case
    "X" * 400,
    "\ufeffA",
    "A'; DROP TABLE flows_binding; --",
    "{{ 7*7 }}",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("sku", ODD, ids=range(len(ODD)))
def test_odd_text_is_sent_or_held_and_never_breaks_a_page(flow: Flow, left: Memory, right: Memory, sku: str):
    rows = [make_row("A"), make_row(sku, id="S-odd", name=f"Lamp {sku}", text=f"<p>{sku}</p>"), make_row("C")]
    left.rows = decode(json.dumps(rows))  # as it comes in over HTTP

    run = pass_over(flow, left, right)
    again = pass_over(flow, left, right)

    assert tally(run) == {"read": 3, "created": 3}
    assert tally(again) == {"read": 3, "unchanged": 3}
    assert_fits()
    encode(right.things)


def test_json_may_spell_what_no_database_keeps():
    text = r'{"a\u0000": ["x\u0000y", "\ud83d\ude00", "\ud83d!", "\\u0000"], "n": 1.10}'

    assert decode(text) == {"a": ["xy", "😀", "\ufffd!", "\\u0000"], "n": Decimal("1.10")}


@pytest.mark.parametrize(("second", "codes"), [("LAMP-1", ["lamp-1"]), ("lamp-1", ["lamp-1"]), ("lamp-2", None)])
def test_skus_that_differ_in_letter_case_only_are_one(
    flow: Flow, left: Memory, right: Memory, second: str, codes: list[str] | None
):
    left.rows = [make_row("lamp-1"), make_row(second, id="S-2"), make_row("X")]

    run = pass_over(flow, left, right)

    held = RunRecord.objects.filter(run=run, state=State.NEEDS_YOU)
    assert [row.code for row in held] == (["key.duplicate"] if codes else [])
    assert len(right.things) == 3 - len(held)


def nested(levels: int) -> dict:
    deep: dict = {}
    for _ in range(levels):
        deep = {"in": [deep]}
    return deep


def test_a_record_nested_deeper_than_we_can_walk_is_held(flow: Flow, left: Memory, right: Memory):
    left.rows = [make_row("A"), make_row("B", extra=nested(5_000)), make_row("C", extra=nested(10))]

    run = pass_over(flow, left, right)

    assert tally(run) == {"read": 3, "created": 2, "needs_you": 1}
    assert RunRecord.objects.get(state=State.NEEDS_YOU).code == "record.unreadable"


def test_what_is_deep_is_counted_in_levels():
    assert not is_too_deep({"a": {"b": [1, 2, {"c": None}]}}, most=4)
    assert is_too_deep({"a": {"b": [1, 2, {"c": None}]}}, most=3)
    assert not is_too_deep({"wide": [{"n": number} for number in range(1_000)]})
    assert DEEPEST < 100  # far below the interpreter's own limit, whatever is on the stack


def test_an_order_of_ten_thousand_lines_is_planned_in_time():
    lines = [make_line(position=number, sku=f"SKU-{number}") for number in range(10_000)]
    fields = (FieldMap(target="number", source="number"),)
    line_fields = (FieldMap(target="item", source="sku"), FieldMap(target="quantity", source="quantity"))
    rules = Rules(compile_map(ResourceMap(fields=fields, lists={"lines": line_fields})), {})
    started = time.monotonic()

    change = plan.plan_new(make_order(*lines), [], rules, system="Target")

    assert (change.action, len(change.payload["lines"])) == (plan.Action.CREATE, 10_000)
    assert time.monotonic() - started < LONGEST_PLAN_SECONDS


def test_a_value_table_with_a_loop_takes_one_step(flow: Flow, left: Memory, right: Memory):
    table = flow.value_tables.get(name="vat")
    save_rows(table, [RowEdit("a", "b"), RowEdit("b", "a")])
    left.rows = [make_row("A", vat="a"), make_row("B", vat="b")]

    pass_over(flow, left, right)

    assert [one["vat"] for one in right.things.values()] == ["b", "a"]
