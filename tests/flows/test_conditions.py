from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from apicenter.errors import MappingError
from flows.maps.conditions import Condition, Op, Rule, describe, matches, parse_condition
from tests.flows.records import make_customer, make_line, make_order, make_product

PRODUCT = make_product(
    status="Active",
    stock=Decimal("0"),
    long_text="",
    raw={"itemClass": {"id": "SHIRTS"}, "lastModified": "2026-11-20T10:00:00", "odd": float("inf"), "code": "007"},
)


def one(field: str, op: str, value: object = None) -> Condition:
    return Condition.model_validate({"rules": [{"field": field, "op": op, "value": value}]})


@pytest.mark.parametrize(
    ("field", "op", "value", "fits"),
    [
        ("status", "eq", "active", True),
        ("status", "ne", "active", False),
        ("status", "contains", "CTI", True),
        ("status", "starts_with", "act", True),
        ("status", "in", ["Inactive", "Active"], True),
        ("status", "not_in", ["Inactive"], True),
        ("status", "matches", "^A.*e$", True),
        ("price.amount", "gt", 12, True),
        ("price.amount", "lt", "12.345", False),
        ("price.amount", "lte", "12.345", True),
        ("price.amount", "eq", "12.3450", True),
        ("price.amount", "gte", "a lot", False),
        ("stock", "eq", 0, True),
        ("stock", "is_empty", None, False),
        ("long_text", "is_empty", None, True),
        ("unit", "is_filled", None, False),
        ("unit", "eq", "STK", False),
        ("unit", "ne", "STK", True),
        ("unit", "contains", "", False),
        ("is_sellable", "eq", True, True),
        ("is_sellable", "eq", "true", True),
        ("attributes.Colour temp. K", "gte", 3000, True),
        ("raw.itemClass.id", "eq", "shirts", True),
        ("raw.lastModified", "gte", "2026-11-20", True),
        ("raw.lastModified", "lt", "2026-11-20", False),
        ("raw.code", "eq", "7", False),
        ("raw.itemClass", "contains", "SHIRTS", False),
        ("raw.odd", "gt", 1, False),
        ("raw.odd", "eq", "x", False),
        ("no.such.field", "is_empty", None, True),
    ],
)
def test_compares(field, op, value, fits):
    assert matches(one(field, op, value), PRODUCT) is fits


def test_a_field_with_several_values_fits_if_one_does():
    order = make_order(make_line(sku="A"), make_line(sku="B"), customer=make_customer(tags=("web", "vip")))

    assert matches(one("lines.sku", "eq", "B"), order)
    assert matches(one("customer.tags", "in", ["vip"]), order)
    assert not matches(one("customer.tags", "ne", "web"), order)
    assert not matches(one("customer.tags", "not_in", ["vip", "x"]), order)


def test_a_moment_is_compared_to_the_second_when_one_is_given():
    order = make_order(ordered_at=datetime(2026, 11, 20, 10, tzinfo=UTC))

    assert matches(one("ordered_at", "gt", "2026-11-20T09:59:59Z"), order)
    assert not matches(one("ordered_at", "gt", "2026-11-20"), order)


def test_groups_join_with_and_and_or():
    condition = Condition.model_validate(
        {
            "join": "or",
            "rules": [
                {"field": "status", "op": "eq", "value": "Inactive"},
                {
                    "rules": [
                        {"field": "status", "op": "eq", "value": "Active"},
                        {"field": "price.amount", "op": "gt", "value": 10},
                    ]
                },
            ],
        }
    )

    assert matches(condition, PRODUCT)
    assert describe(condition) == "status is “Inactive” or (status is “Active” and price.amount is more than 10)"


def test_no_rules_fit_every_record():
    assert matches(Condition(), PRODUCT)
    assert describe(Condition()) == "every record"


def test_lists_are_described_with_commas():
    assert describe(one("status", "in", ["A", "B"])) == "status is one of A, B"


@pytest.mark.parametrize(
    "rule",
    [
        {"field": "a", "op": "like", "value": "x"},
        {"field": "a", "op": "eq"},
        {"field": "a", "op": "eq", "value": ["x"]},
        {"field": "a", "op": "in", "value": "x"},
        {"field": "a", "op": "is_empty", "value": "x"},
        {"field": "a", "op": "matches", "value": "(?=x)"},
        {"field": "a", "op": "gt", "value": "1", "unit": "EUR"},
        {"field": "", "op": "is_empty"},
    ],
)
def test_rules_that_cannot_work_are_refused(rule):
    with pytest.raises(ValidationError):
        Condition.model_validate({"rules": [rule]})


def test_groups_nest_only_so_deep():
    nested: dict[str, object] = {"rules": []}
    for _level in range(5):
        nested = {"rules": [nested]}

    with pytest.raises(ValidationError):
        Condition.model_validate(nested)


def test_a_stored_filter_is_read_or_named_as_broken():
    assert parse_condition(None) is parse_condition({}) is None
    assert parse_condition({"rules": [{"field": "a", "op": "is_empty"}]}) == one("a", "is_empty")
    with pytest.raises(MappingError, match="filter cannot be read"):
        parse_condition({"rules": [{"field": "a"}]})


@given(st.sampled_from(sorted(set(Op) - {Op.IN, Op.NOT_IN, Op.IS_EMPTY, Op.IS_FILLED, Op.MATCHES})), st.data())
def test_comparing_never_fails(op, data):
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.dates()
    record = make_product(raw={"x": data.draw(scalars | st.lists(scalars) | st.dictionaries(st.text(), scalars))})
    wanted = data.draw(st.booleans() | st.text() | st.integers(-1000, 1000).map(Decimal))

    assert matches(Condition(rules=(Rule(field="raw.x", op=op, value=wanted),)), record) in {True, False}
