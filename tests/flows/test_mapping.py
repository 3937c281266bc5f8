"""What a field map makes of a record: fields, lists, value tables, errors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apicenter.errors import MappingError
from connectors.maps import FieldMap, NoPair, OnError, ResourceMap, Step, ValueTableData, When
from flows.maps.mapping import build, compile_map, questions
from flows.transforms.look_up import Asked
from tests.flows.mapped import LINES, VAT, made
from tests.flows.records import make_customer, make_line, make_order, make_product


@pytest.mark.parametrize(
    ("field", "payload"),
    [
        (FieldMap(target="code", source="sku"), {"code": "SKU-1"}),
        (FieldMap(target="p.amount", source="price.amount"), {"p": {"amount": Decimal("12.345")}}),
        (FieldMap(target="p", source="price"), {"p": {"amount": Decimal("12.345"), "currency": "EUR"}}),
        (FieldMap(target="c", source="attributes.Colour temp. K"), {"c": "3000"}),
        (FieldMap(target="c", source="raw.itemClass.id"), {"c": "SHIRTS"}),
        (FieldMap(target="c", source="raw.none"), {"c": None}),
        (FieldMap(target="c", source="raw.empty"), {"c": ""}),
        (FieldMap(target="c", source="raw.absent"), {}),
        (FieldMap(target="c", source="cost.amount"), {}),
        (FieldMap(target="c", source="ean"), {"c": None}),
        (FieldMap(target="c", source="resolved.number"), {"c": "C-7"}),
        (FieldMap(target="c", constant=False), {"c": False}),
        (FieldMap(target="c", constant=["a", 1]), {"c": ["a", 1]}),
        (FieldMap(target="c", expression="join(' ', [name, raw.itemClass.id])"), {"c": "Blue shirt SHIRTS"}),
        (FieldMap(target="c", expression="resolved.number"), {"c": "C-7"}),
        (FieldMap(target="c", source="ean | sku", steps=(Step(fn="first_filled"),)), {"c": "SKU-1"}),
        (FieldMap(target="c", source="cost.amount | raw.absent", steps=(Step(fn="first_filled"),)), {}),
        (FieldMap(target="tax", source="vat_code", table="vat"), {"tax": "rate-21"}),
        (
            FieldMap(target="p", source="price.amount", steps=(Step(fn="round", args={"digits": 2}),)),
            {"p": Decimal("12.35")},
        ),
        (
            FieldMap(target="c", source="raw.absent", steps=(Step(fn="default_if_empty", args={"default": "x"}),)),
            {"c": "x"},
        ),
    ],
)
def test_makes_a_field(field, payload):
    raw = {"itemClass": {"id": "SHIRTS"}, "none": None, "empty": "", "resolved": {"number": "C-7"}}

    assert made(make_product(raw=raw), field).payload == payload


def test_dates_and_kinds_leave_as_texts():
    order = make_order(order_date=date(2026, 11, 20), ordered_at=datetime(2026, 11, 20, 9, tzinfo=UTC))

    built = made(
        order,
        FieldMap(target="date", source="order_date"),
        FieldMap(target="at", source="ordered_at"),
        FieldMap(target="kind", source="customer.kind"),
    )

    assert built.payload == {"date": "2026-11-20", "at": "2026-11-20T09:00:00+00:00", "kind": "company"}


def test_lists_are_made_line_by_line_and_reach_the_order():
    order = make_order(
        make_line(), make_line(vat_code="6"), raw={"resolved": {"lines": [{"item": "I-1"}, {"item": "I-2"}]}}
    )
    table = ValueTableData(name="vat", rows={"21|BE": "A", "6|*": "B"})

    built = build(compile_map(LINES), order, tables={"vat": table})

    shared = {"qty": Decimal(2), "ref": "2026/1", "text": "EUR Blue shirt"}
    assert built.payload == {
        "number": "2026/1",
        "orderLines": [{"item": "I-1", "vat": "A", **shared}, {"item": "I-2", "vat": "B", **shared}],
    }


def test_an_error_in_a_line_names_the_line():
    with pytest.raises(MappingError) as caught:
        build(compile_map(LINES), make_order(make_line(), make_line(vat_code="x")), tables={"vat": VAT})

    assert caught.value.field == "orderLines[2].vat"  # counted as a person does


@pytest.mark.parametrize(
    ("rows", "country", "found"),
    [
        ({"21|BE": "a", "21|*": "b", "*|BE": "c", "*": "d"}, "BE", "a"),
        ({"21|*": "b", "*|BE": "c", "*": "d"}, "BE", "b"),
        ({"21": "b", "*|BE": "c"}, "BE", "b"),
        ({"*|BE": "c", "*|*": "d"}, "BE", "c"),
        ({"*|BE": "c", "*|*": "d"}, "NL", "d"),
        ({"*": "d"}, "NL", "d"),
        ({"21|*": "b"}, None, "b"),
    ],
)
def test_the_most_specific_row_wins(rows, country, found):
    record = make_product(raw={"country": country})
    table = ValueTableData(name="vat", rows=rows)

    built = made(record, FieldMap(target="t", source="vat_code|raw.country", table="vat"), tables={"vat": table})

    assert built.payload == {"t": found}


@pytest.mark.parametrize("value", ["21|BE", ["21", "BE"], [Decimal("21.00"), "BE"]])
def test_a_pair_may_come_as_text_or_as_a_list(value):
    table = ValueTableData(name="vat", rows={"21|BE": "a"})

    built = made(
        make_product(raw={"v": value}), FieldMap(target="t", source="raw.v", table="vat"), tables={"vat": table}
    )

    assert built.payload == {"t": "a"}


@pytest.mark.parametrize(
    ("name", "code"), [("vat", "vat.no_pair"), ("vat_zone", "vat.no_pair"), ("unit", "value.no_pair")]
)
def test_a_value_without_pair_blocks_and_says_which(name, code):
    table = ValueTableData(name=name, rows={})

    with pytest.raises(MappingError) as caught:
        made(make_product(vat_code="12"), FieldMap(target="t", source="vat_code", table=name), tables={name: table})

    assert caught.value.code == code
    assert caught.value.params == {"value": "12", "table": name, "field": "t"}


@pytest.mark.parametrize(
    ("no_pair", "default", "value", "payload"),
    [
        (NoPair.DEFAULT, "std", "12", {"t": "std"}),
        (NoPair.AS_IS, None, "12", {"t": "12"}),
        (NoPair.DEFAULT, "std", None, {"t": "std"}),
        (NoPair.BLOCK, None, None, {"t": None}),
        (NoPair.BLOCK, None, "", {"t": None}),
        (NoPair.BLOCK, None, "0", {"t": None}),
    ],
)
def test_a_table_says_what_happens_without_a_pair(no_pair, default, value, payload):
    table = ValueTableData(name="vat", rows={"0": None}, no_pair=no_pair, default=default)

    built = made(
        make_product(vat_code=value), FieldMap(target="t", source="vat_code", table="vat"), tables={"vat": table}
    )

    assert built.payload == payload


def test_a_missing_value_stays_missing_through_a_table():
    assert made(make_product(), FieldMap(target="t", source="raw.x", table="vat")).payload == {}


def test_an_error_may_leave_the_field_out():
    field = FieldMap(target="t", source="name", steps=(Step(fn="add", args={"number": 1}),), on_error=OnError.EMPTY)

    assert made(make_product(), field).payload == {}


def test_an_error_names_field_and_reason():
    field = FieldMap(target="price.amount", source="name", steps=(Step(fn="add", args={"number": 1}),))

    with pytest.raises(MappingError) as caught:
        made(make_product(), field)

    assert caught.value.field == "price.amount"
    assert str(caught.value) == "The field “price.amount” could not be made: “Blue shirt” is not a number."


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("on_error", list(OnError))
def test_a_required_field_blocks_when_it_is_empty(value, on_error):
    with pytest.raises(MappingError) as caught:
        made(make_product(ean=value), FieldMap(target="ean", source="ean", required=True, on_error=on_error))

    assert (caught.value.code, caught.value.field) == ("mapping.required", "ean")


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ([FieldMap(target="a", source="x", steps=(Step(fn="nope"),))], "a", "no function “nope”"),
        ([FieldMap(target="a", source="x", steps=(Step(fn="truncate"),))], "a", "needs the argument"),
        ([FieldMap(target="a", expression="x[")], "a", "expression cannot be read"),
        ([FieldMap(target="a", source="x"), FieldMap(target="a", source="y")], "a", "mapped twice"),
        ([FieldMap(target="a", source="x"), FieldMap(target="a.b", source="y")], "a.b", "inside another"),
        ([FieldMap(target="a..b", source="x")], "a..b", "not complete"),
        ([FieldMap(target="a", source="raw.")], "a", "not complete"),
        ([FieldMap(target="a", source="x|y|z", table="vat")], "a", "one or two keys"),
    ],
)
def test_faults_of_a_map_are_found_when_it_is_compiled(fields, field, why):
    with pytest.raises(MappingError, match=why) as caught:
        compile_map(ResourceMap(fields=tuple(fields)))

    assert caught.value.field == field


def test_an_unknown_table_is_named():
    with pytest.raises(MappingError, match="no value table “units”"):
        made(make_product(), FieldMap(target="u", source="sku", table="units"))


def test_a_compiled_map_names_its_tables():
    assert compile_map(LINES).tables == {"vat"}


def test_a_trace_shows_each_step_and_raises_nothing():
    built = made(
        make_product(sku=" s "),
        FieldMap(target="code", source="sku", steps=(Step(fn="trim"), Step(fn="upper"))),
        FieldMap(target="bad", source="name", steps=(Step(fn="add", args={"number": 1}),)),
        trace=True,
    )

    assert built.traces["code"].steps == (("source", " s "), ("trim", "s"), ("upper", "S"))
    assert built.error is built.traces["bad"].error
    assert built.payload == {"code": "S"}


def test_a_customer_of_an_order_is_reached_by_path():
    order = make_order(customer=make_customer(vat_number="BE0899623035"))

    assert made(order, FieldMap(target="v", source="customer.vat_number")).payload == {"v": "BE0899623035"}


def test_a_switched_off_field_is_made_for_nobody():
    field = FieldMap(target="code", source="sku", when=When.NEVER)
    compiled = compile_map(ResourceMap(fields=(field,)))

    built = build(compiled, make_product(), tables={}, kind="create")

    assert built.payload == {}
    assert compiled.update_paths == frozenset()


LOOKED_UP = FieldMap(
    target="c", source="vat_code", steps=(Step(fn="look_up", args={"where": "carriers"}), Step(fn="lower"))
)


def test_a_field_takes_what_was_looked_up_beforehand():
    compiled = compile_map(ResourceMap(fields=(LOOKED_UP,)))
    asked = Asked("carriers", "code", "21")

    assert questions(compiled, make_product()) == {asked}
    answers = {"resolved": {"look_ups": {asked.name: {"value": "BPOST"}}}}
    assert build(compiled, make_product(raw=answers), tables={}).payload == {"c": "bpost"}


def test_what_was_not_found_holds_the_record_with_its_field():
    params = {"value": "21", "where": "carriers", "system": "Memory"}
    raw = {"resolved": {"look_ups": {"carriers|code|21": {"code": "look_up.none", "params": params}}}}

    with pytest.raises(MappingError) as caught:
        made(make_product(raw=raw), LOOKED_UP)

    assert (caught.value.code, caught.value.field) == ("look_up.none", "c")
    assert str(caught.value) == "“21” was not found in Memory. Make it there, or give the field “c” another value."
