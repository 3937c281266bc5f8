from __future__ import annotations

import contextlib
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apicenter.errors import MappingError
from flows.maps.expressions import compile_expression, prepare
from tests.flows.records import make_line, make_order

DATA = prepare(
    {
        "name": "Blue shirt",
        "sku": " a-1 ",
        "price": Decimal("12.50"),
        "rate": 0.21,
        "is_sellable": True,
        "lines": [{"sku": "A", "total": Decimal("1.10")}, {"sku": "B", "total": Decimal("2.20")}],
    }
)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("name", "Blue shirt"),
        ("absent", None),
        ("absent || name", "Blue shirt"),
        ("lines[].sku", ["A", "B"]),
        ("sum(lines[].total)", Decimal("3.30")),
        ("avg(lines[].total)", Decimal("1.65")),
        ("length(lines)", Decimal(2)),
        ("max_by(lines, &total).sku", "B"),
        ("sort_by(lines, &total)[0].sku", "A"),
        ("lines[?total > `1.5`].sku | [0]", "B"),
        ("rate == `0.21`", True),
        ("price == `12.5`", True),
        ("is_sellable == `1`", False),
        ("to_string(price)", "12.50"),
        ("to_number('1,250.5')", Decimal("1250.5")),
        ("type(price)", "number"),
        ("join('-', lines[].sku)", "A-B"),
        ("upper(trim(sku))", "A-1"),
        ("truncate(name, `4`)", "Blue"),
        ("round(multiply(price, `1.1`), `1`)", Decimal("13.8")),
        ("ceil(price)", Decimal(13)),
        ("contains(lines[].sku, 'A')", True),
    ],
)
def test_evaluates(expression, result):
    assert compile_expression(expression)(DATA) == result


def test_numbers_are_decimals_throughout():
    assert type(compile_expression("`0.1`")({})) is Decimal


def test_sees_core_records():
    data = prepare(make_order(make_line(quantity=Decimal("1.5"))).core)

    assert compile_expression("lines[0].quantity")(data) == Decimal("1.5")
    assert compile_expression("customer.kind")(data) == "company"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("name.", "mistake at character 6"),
        ("name[", "cannot be read"),
        ("nam e", "mistake at character 5"),
        ("", "cannot be read"),
        ("trimm(name)", "did you mean “trim”"),
        ("lines[].nope(@)", "no function “nope”"),
        ("a" * 501, "longer than 500"),
        ("(" * 31 + "a" + ")" * 31, "nested too deeply"),
        ("!" * 499 + "a", "nested too deeply"),
        ("a" + " | a" * 100, "nested too deeply"),
    ],
)
def test_faults_are_named_when_compiled(expression, why):
    with pytest.raises(MappingError, match=why):
        compile_expression(expression)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("@", "one value or a list"),
        ("lines", "one value or a list"),
        ("[[name]]", "one value or a list"),
        ("&name", "one value or a list"),
        ("abs(name)", "“abs” was given something"),
        ("truncate(name, `-1`)", "“length” of “truncate” does not fit"),
        ("truncate(name, `1`, `2`)", "takes other arguments"),
        ("join('-')", "does not fit this record"),
    ],
)
def test_faults_are_named_when_evaluated(expression, why):
    with pytest.raises(MappingError, match=why):
        compile_expression(expression)(DATA)


def test_an_error_does_not_quote_the_record():
    with pytest.raises(MappingError) as caught:
        compile_expression("abs(name)")(DATA)

    assert "Blue shirt" not in str(caught.value)


PAIRS = " | [@,@]"


@pytest.mark.parametrize(
    "expression",
    [
        "@" + "[@,@][]".join([""] * 29),
        "[name,name]" + " | [@,@][]" * 25,
        "name" + PAIRS * 28,
        "name" + PAIRS * 28 + " | to_string(@)",
        "name" + PAIRS * 28 + " | abs(@)",
        f"(name{PAIRS * 26}) == (name{PAIRS * 26})",
        f"contains(name{PAIRS * 25}, name{PAIRS * 25})",
        "[name,name]" + " | [@,@][]" * 12 + " | join('" + "x" * 200 + "', @)",
        "many | [@,@,@][] | [@,@,@][] | [@,@,@][] | [@,@,@][] | length(@)",
        "many | map(&[@,@,@,@,@,@,@,@,@,@], @) | map(&map(&[@,@,@,@,@,@,@,@,@,@][], @), @) | length(@)",
    ],
)
def test_bombs_are_stopped_quickly(expression):
    data = {"name": "x", "many": [Decimal(1)] * 3000}
    started = time.monotonic()

    with pytest.raises(MappingError):
        compile_expression(expression)(data)

    assert time.monotonic() - started < 5


PIECES = [
    *("name", "lines", "sum", "join", "to_string", "map", "trim", "round", "`1`", "'x'", "@", "&", "!", ".", ","),
    *("[]", "[0]", "[*]", "[?", "]", "(", ")", "{a:", "}", "|", "||", "&&", "==", "<", "[::-1]", "*"),
]


@settings(max_examples=300, deadline=2000)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(PIECES),
            max_size=12,
        ).map("".join),
    )
)
def test_never_raises_anything_but_a_mapping_error(text):
    with contextlib.suppress(MappingError):
        result = compile_expression(text)(DATA)

        assert not isinstance(result, dict)
