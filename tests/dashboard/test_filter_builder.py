"""Filters as boxes: what is sent from the page becomes a condition, and back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.http import QueryDict

from connectors.base import FieldInfo, FieldType
from dashboard.flow.filter_builder import Builder, Group, Row, acted, builder_of, check, read_builder, with_fields
from flows.maps.conditions import Condition, Op, Rule

FIELDS = {
    field.path: field
    for field in (
        FieldInfo("sku", "SKU"),
        FieldInfo("price.amount", "Price", FieldType.MONEY),
        FieldInfo("ordered_at", "Closed at", FieldType.DATE),
        FieldInfo("is_sellable", "Can be sold", FieldType.BOOLEAN),
        FieldInfo("category", "Class", list_name="item_classes"),
        FieldInfo("lines", "Lines", FieldType.LIST),
    )
}


def choices(info: FieldInfo) -> Sequence[tuple[str, str]]:
    return [("LIGHT", "Lighting"), ("SPARE", "Spare parts")] if info.list_name else ()


def sent(*rows: tuple[str, str, list[str]], join: str = "and") -> Builder:
    data = QueryDict(mutable=True)
    data["join"] = "or"
    data["g0-join"] = join
    for number, (field, op, values) in enumerate(rows):
        data[f"g0-r{number}-field"], data[f"g0-r{number}-op"] = field, op
        data.setlist(f"g0-r{number}-value", values)
    return with_fields(read_builder(data), FIELDS, choices)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (("sku", "starts_with", ["L"]), Rule(field="sku", op=Op.STARTS_WITH, value="L", title="SKU")),
        (("sku", "in", ["A\nB\n\n"]), Rule(field="sku", op=Op.IN, value=("A", "B"), title="SKU")),
        (("sku", "is_empty", ["what was there before"]), Rule(field="sku", op=Op.IS_EMPTY, title="SKU")),
        (("price.amount", "gt", ["1 000,50"]), Rule(field="price.amount", op=Op.GT, value="1000.50", title="Price")),
        (
            ("ordered_at", "gte", ["2026-11-19"]),
            Rule(field="ordered_at", op=Op.GTE, value="2026-11-19", title="Closed at"),
        ),
        (
            ("is_sellable", "eq", ["false"]),
            Rule(field="is_sellable", op=Op.EQ, value=False, title="Can be sold", value_title="no"),
        ),
        (
            ("category", "in", ["LIGHT", "SPARE"]),
            Rule(
                field="category",
                op=Op.IN,
                value=("LIGHT", "SPARE"),
                title="Class",
                value_title="Lighting, Spare parts",
            ),
        ),
        (("lines", "is_filled", []), Rule(field="lines", op=Op.IS_FILLED, title="Lines")),
        (("gone", "gt", ["7"]), Rule(field="gone", op=Op.GT, value="7")),
    ],
)
def test_a_row_becomes_a_rule_and_comes_back_as_it_was(row: tuple[str, str, list[str]], rule: Rule):
    condition = check(sent(row)).condition

    assert condition is not None
    assert condition.rules == (rule,)
    stored = Condition.model_validate(condition.model_dump(mode="json", exclude_defaults=True))
    again = builder_of(stored)
    assert again is not None
    assert check(with_fields(again, FIELDS, choices)).condition == condition


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("sku", "eq", [""]), "Fill in a value."),
        (("category", "eq", []), "Choose a value."),
        (("price.amount", "gt", ["dear"]), "“dear” is not a number."),
        (("price.amount", "gt", ["inf"]), "“inf” is not a number."),
        (("ordered_at", "gt", ["19/11"]), "“19/11” is not a date."),
        (("ordered_at", "gt", ["2026-13-01"]), "“2026-13-01” is not a date."),
        (("sku", "matches", ["("]), "This pattern cannot be read."),
    ],
)
def test_a_value_that_does_not_fit_is_told_at_its_row(row: tuple[str, str, list[str]], sentence: str):
    checked = check(sent(row))

    assert checked.condition is None
    assert checked.builder.groups[0].rows[0].error == sentence


def test_a_comparison_the_field_does_not_have_becomes_its_first():
    (row,) = sent(("price.amount", "contains", ["1"])).groups[0].rows

    assert row.op == "eq"


def test_rows_without_a_field_are_left_out_and_none_is_no_filter():
    checked = check(sent(("", "", []), ("sku", "eq", ["A"])))
    assert checked.condition is not None
    assert checked.condition.rule_count == 1

    nothing = check(sent(("", "", [])))
    assert nothing.condition == Condition(join="or")
    assert nothing.builder.is_empty


def test_groups_are_joined_as_chosen():
    data = QueryDict(mutable=True)
    data.update({"join": "or", "g0-join": "and", "g0-r0-field": "sku", "g0-r0-op": "eq", "g0-r0-value": "A"})
    data.update({"g1-join": "or", "g1-r0-field": "sku", "g1-r0-op": "eq", "g1-r0-value": "B"})

    condition = check(with_fields(read_builder(data), FIELDS, choices)).condition

    assert condition is not None
    assert (condition.join, [inner.join for inner in condition.rules]) == ("or", ["and", "or"])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("action", "shape"),
    [
        ("add-row:0", [3, 1]),
        ("drop-row:0:1", [1, 1]),
        ("drop-row:1:0", [2]),
        ("add-group", [2, 1, 1]),
        ("drop-group:0", [1]),
        ("drop-row:9:0", [2, 1]),
        ("drop-row:x", [2, 1]),
        ("nonsense", [2, 1]),
    ],
)
def test_buttons_change_the_boxes(action: str, shape: list[int]):
    builder = Builder(groups=(Group(rows=(Row("sku"), Row("sku"))), Group(rows=(Row("sku"),))))

    assert [len(group.rows) for group in acted(builder, action).groups] == shape


def test_the_last_row_that_is_removed_leaves_an_empty_one():
    assert acted(Builder(), "drop-row:0:0") == Builder()


def test_plain_rules_beside_a_group_are_a_group_of_their_own():
    rule = Rule(field="sku", op=Op.EQ, value="A")
    stored = Condition(join="or", rules=(rule, Condition(join="and", rules=(rule, rule)), rule))

    builder = builder_of(stored)

    assert builder is not None
    assert [(group.join, len(group.rows)) for group in builder.groups] == [("or", 2), ("and", 2)]


def test_groups_inside_groups_are_not_shown_as_boxes():
    rule = Rule(field="sku", op=Op.EQ, value="A")
    inner = Condition(rules=(rule, Condition(rules=(rule,))))

    assert builder_of(Condition(rules=(inner,))) is None
