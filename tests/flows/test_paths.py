from __future__ import annotations

import pytest

from flows.maps.paths import MISSING, get_path, is_empty, set_path
from tests.flows.records import make_order, make_product


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("a.none", None),
        ("a.empty", ""),
        ("a.none.deeper", MISSING),
        ("a.absent", MISSING),
        ("a.b.deeper", MISSING),
        ("dotted.key", 2),
        ("rows.1.id", "y"),
        ("rows.9.id", MISSING),
        ("rows.id", ["x", "y"]),
    ],
)
def test_missing_null_and_empty_are_three_things(path, value):
    data = {"a": {"b": 1, "none": None, "empty": ""}, "dotted.key": 2, "rows": [{"id": "x"}, {"id": "y"}, {}]}

    assert get_path(data, path) == value


def test_a_mapping_field_takes_the_whole_rest_as_its_key():
    assert get_path(make_product().core, "attributes.Colour temp. K") == "3000"


def test_a_list_field_gives_the_values_of_all_its_items():
    assert get_path(make_order().core, "lines.sku") == ["SKU-1"]


@pytest.mark.parametrize("path", ["__class__", "model_dump", "price.__dict__.amount", "attributes.keys", "copy"])
def test_a_path_reaches_data_only(path):
    assert get_path(make_product().core, path) is MISSING


def test_set_path_makes_the_dicts_on_the_way():
    data: dict[str, object] = {}

    set_path(data, "price.amount", 1)
    set_path(data, "price.currency", "EUR")

    assert data == {"price": {"amount": 1, "currency": "EUR"}}


def test_set_path_refuses_to_go_through_a_value():
    with pytest.raises(ValueError, match="holds a value"):
        set_path({"price": 1}, "price.amount", 2)


def test_zero_and_no_are_not_empty():
    assert [is_empty(value) for value in (MISSING, None, "", [], 0, False)] == [True] * 4 + [False] * 2
