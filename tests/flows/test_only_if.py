"""Rows of “only if”: the first that fits says what a field is made from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import MappingError
from connectors.maps import Case, FieldMap, ResourceMap, Step
from flows.maps.cases import fitting
from flows.maps.mapping import build, compile_map
from tests.flows.mapped import made
from tests.flows.records import make_line, make_order, make_product


def only_if(field: str, op: str, value: object = None, **gives: Any) -> Case:
    return Case(when={"rules": [{"field": field, "op": op, "value": value}]}, **gives)


CASES = (
    only_if("vat_code", "eq", "21", constant=80),
    only_if("raw.kind", "is_empty", source="sku"),
    only_if("price.amount", "gt", "10"),
)


@pytest.mark.parametrize(
    ("product", "payload"),
    [
        ({"vat_code": "21"}, {"c": 80}),  # as it is: neither function nor table
        ({"vat_code": "6"}, {"c": "SKU-1!"}),
        ({"vat_code": "6", "raw": {"kind": "x"}}, {}),  # nothing is given
        ({"vat_code": "6", "raw": {"kind": "x"}, "price": None}, {"c": "Blue shirt!"}),  # otherwise
    ],
)
def test_the_first_row_of_only_if_that_fits_says_what_a_field_is_made_from(product, payload):
    steps = (Step(fn="join", args={"separator": ""}), Step(fn="suffix", args={"text": "!"}))
    field = FieldMap(target="c", source="name", cases=CASES, steps=steps)

    assert made(make_product(**product), field).payload == payload


def test_a_line_is_compared_by_its_own_fields_and_those_of_the_order():
    cases = (
        only_if("quantity", "gt", 1, constant="many"),
        only_if("order.resolved.branch", "eq", "2", constant="branch 2"),
    )
    lists = {"lines": (FieldMap(target="c", source="text", cases=cases),)}
    order = make_order(make_line(), make_line(quantity=Decimal(1)), raw={"resolved": {"branch": "2"}})

    built = build(compile_map(ResourceMap(fields=(), lists=lists)), order, tables={})

    assert [row["c"] for row in built.payload["lines"]] == ["many", "branch 2"]


@pytest.mark.parametrize(
    "when", [{}, {"rules": []}, {"rules": [{"field": "a", "op": "is"}]}, {"rules": [{"op": "eq"}]}]
)
def test_a_row_of_only_if_that_compares_nothing_is_found_when_it_is_compiled(when):
    with pytest.raises(MappingError):
        compile_map(ResourceMap(fields=(FieldMap(target="c", source="name", cases=(Case(when=when, constant=1),)),)))


def test_each_row_says_whether_it_fits_a_record():
    assert fitting(CASES, make_product(vat_code="6", price=None)) == (False, True, False)
