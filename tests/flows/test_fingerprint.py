from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core import CustomerKind
from flows.engine.fingerprint import field_hashes, fingerprint, hash_value


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": Decimal("1.0")}, {"a": Decimal("1.00")}),
        ({"a": Decimal("100")}, {"a": Decimal("1E+2")}),
        ({"a": 1}, {"a": Decimal("1.0")}),
        ({"a": 1.5}, {"a": Decimal("1.5")}),
        ({"a": Decimal("-0.00")}, {"a": 0}),
        ({"a": CustomerKind.COMPANY}, {"a": "company"}),
        ({"a": date(2026, 1, 2)}, {"a": "2026-01-02"}),
        (
            {"a": datetime(2026, 1, 1, 12, tzinfo=UTC)},
            {"a": datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))},
        ),
        ({"a": (1, 2)}, {"a": [1, 2]}),
    ],
)
def test_equal_values_have_one_fingerprint(left, right):
    assert fingerprint(left) == fingerprint(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": None}, {}),
        ({"a": None}, {"a": ""}),
        ({"a": "1"}, {"a": 1}),
        ({"a": True}, {"a": 1}),
        ({"a": True}, {"a": "True"}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": {"b": 1}}, {"a.b": 1}),
        ({"a": Decimal("0.1")}, {"a": Decimal("0.10000000000000000001")}),
    ],
)
def test_different_values_have_different_fingerprints(left, right):
    assert fingerprint(left) != fingerprint(right)


def test_lengths_fit_their_columns():
    assert len(fingerprint({"a": 1})) == 32
    assert [len(one) for one in field_hashes({"a": 1}).values()] == [16]


def test_nested_values_count_under_their_own_paths_as_well():
    nested = field_hashes({"price": {"amount": Decimal("1.0"), "currency": "EUR"}})

    assert nested["price.amount"] == field_hashes({"price.amount": 1})["price.amount"]
    assert set(nested) == {"price", "price.amount", "price.currency"}


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 5))
def test_trailing_zeros_do_not_count(number, zeros):
    sign, digits, exponent = number.as_tuple()
    longer = Decimal((sign, digits + (0,) * zeros, exponent - zeros))

    assert hash_value(number) == hash_value(longer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_two_values_share_a_hash_only_if_they_are_the_same(left, right):
    assert (hash_value(left) == hash_value(right)) == (repr(left) == repr(right) or _same(left, right))


def _same(left: object, right: object) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and left == right
