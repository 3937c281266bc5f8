"""What an update sends, other than a create."""

from __future__ import annotations

import pytest

from connectors.maps import FieldMap, ResourceMap, ValueTableData, When
from flows.maps.mapping import build, compile_map, needs_current, select_for_update
from tests.flows.mapped import LINES, made
from tests.flows.records import make_order, make_product


def test_values_of_a_list_are_the_same_for_create_and_update():
    compiled = compile_map(LINES)
    table = ValueTableData(name="vat", rows={"*": "A"})

    built = [build(compiled, make_order(), tables={"vat": table}, kind=kind) for kind in ("create", "update", None)]

    assert built[0].values == built[1].values == built[2].values
    assert "ref" in built[0].payload["orderLines"][0]
    assert "ref" not in built[1].payload["orderLines"][0]


WHENS = (
    FieldMap(target="always", source="sku"),
    FieldMap(target="create", source="ean", when=When.ON_CREATE, required=True),
    FieldMap(target="texts.untouched", source="name", when=When.IF_UNTOUCHED),
    FieldMap(target="texts.empty", source="name", when=When.IF_EMPTY),
)


def test_an_update_does_not_try_what_is_only_written_on_create():
    built = made(make_product(ean=None), *WHENS, kind="update")

    assert set(built.values) == {"always", "texts.untouched", "texts.empty"}


@pytest.mark.parametrize(
    ("touched", "current", "written"),
    [
        (set(), {}, {"always", "untouched", "empty"}),
        ({"texts.untouched"}, {"texts.empty": ""}, {"always", "empty"}),
        (set(), {"texts.empty": "by hand"}, {"always", "untouched"}),
        (set(), {"texts.empty": 0}, {"always", "untouched"}),
    ],
)
def test_an_update_sends_only_what_may_be_written(touched, current, written):
    compiled = compile_map(ResourceMap(fields=WHENS))
    built = build(compiled, make_product(ean="1"), tables={})

    payload = select_for_update(compiled, built, touched=touched.__contains__, current=current.get)

    assert {"always", *payload.get("texts", {})} == written
    assert "create" not in payload


def test_hand_edits_win_where_nothing_is_known_of_the_target():
    compiled = compile_map(ResourceMap(fields=WHENS))
    built = build(compiled, make_product(ean="1"), tables={})

    assert select_for_update(compiled, built) == {"always": "SKU-1"}


def test_only_maps_that_look_at_the_target_need_its_values():
    assert needs_current(compile_map(ResourceMap(fields=WHENS)))
    assert not needs_current(compile_map(ResourceMap(fields=WHENS[:2])))
    assert compile_map(ResourceMap(fields=WHENS)).update_paths == {"always", "texts.untouched", "texts.empty"}


def test_a_list_of_an_update_leaves_out_what_is_only_written_on_create():
    compiled = compile_map(LINES)
    built = build(compiled, make_order(), tables={"vat": ValueTableData(name="vat", rows={"*": "A"})})

    payload = select_for_update(compiled, built)

    assert set(payload["orderLines"][0]) == {"qty", "vat", "text"}


def test_what_has_no_value_is_emptied_or_left_as_the_map_says():
    fields = (FieldMap(target="a", source="ean"), FieldMap(target="b", source="raw.empty"))

    emptied = build(compile_map(ResourceMap(fields=fields)), make_product(raw={"empty": ""}), tables={})
    left = build(compile_map(ResourceMap(fields=fields, skips_empty=True)), make_product(raw={"empty": ""}), tables={})

    assert (emptied.payload, left.payload) == ({"a": None, "b": ""}, {})
