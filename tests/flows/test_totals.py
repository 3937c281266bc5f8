from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicenter.errors import MappingError
from connectors.core import OrderLine, Totals, VatTotal
from connectors.currencies import decimals_of
from flows.documents.totals import (
    cent_difference,
    compare,
    effective_discounts,
    line_total,
    predict,
    spread_discount,
)
from tests.flows.records import make_line

CURRENCIES = ["EUR", "JPY", "KWD"]


def line(quantity: str, price: str, rate: str | None = "0.21", discount: str = "0") -> OrderLine:
    return make_line(
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        vat_rate=None if rate is None else Decimal(rate),
        discount_percent=Decimal(discount),
    )


def totals(excluding: str, including: str, *taxes: tuple[str, str, str]) -> Totals:
    rows = tuple(VatTotal(rate=Decimal(r), taxable=Decimal(a), tax=Decimal(t)) for r, a, t in taxes)
    return Totals(excluding=Decimal(excluding), including=Decimal(including), taxes=rows)


@pytest.mark.parametrize(
    ("lines", "discounts", "currency", "expected"),
    [
        ([line("2", "10")], [], "EUR", totals("20.00", "24.20", ("0.21", "20.00", "4.20"))),
        ([line("3", "0.335")], [], "EUR", totals("1.01", "1.22", ("0.21", "1.01", "0.21"))),
        ([line("1", "0.5"), line("1", "0.5")], [], "JPY", totals("2", "2", ("0.21", "2", "0"))),
        ([line("1", "10.1234", discount="10")], [], "EUR", totals("9.11", "11.02", ("0.21", "9.11", "1.91"))),
        (
            [line("1", "100"), line("1", "50", "0.06")],
            ["10", "5"],
            "EUR",
            totals("128.25", "148.78", ("0.06", "42.75", "2.57"), ("0.21", "85.50", "17.96")),
        ),
        ([line("1", "5"), line("-1", "5")], ["10"], "EUR", totals("0.00", "0.00", ("0.21", "0.00", "0.00"))),
        ([line("-1", "0.005")], [], "EUR", totals("-0.01", "-0.01", ("0.21", "-0.01", "0.00"))),
        ([line("0", "99")], [], "EUR", totals("0.00", "0.00", ("0.21", "0", "0"))),
        ([line("1", "10", None)], [], "EUR", totals("10.00", "10.00", ("0", "10.00", "0"))),
        ([line("1", "10"), line("1", "10", "0.210")], [], "EUR", totals("20", "24.20", ("0.21", "20", "4.20"))),
        ([], [], "EUR", totals("0", "0")),
    ],
)
def test_predicts_what_the_target_will_book(lines, discounts, currency, expected):
    assert predict(lines, [Decimal(one) for one in discounts], currency=currency) == expected


def test_amounts_that_cannot_be_are_refused():
    with pytest.raises(MappingError, match="no amount"):
        predict([line("1e30", "1")], [], currency="EUR")


def test_currencies_have_their_own_decimals():
    assert [decimals_of(one) for one in ("EUR", "jpy", "KWD")] == [2, 0, 3]


def test_a_discount_is_spread_so_that_the_sum_is_exact():
    lines = [line("1", "0.33"), line("1", "0.33"), line("1", "0.34")]

    spread = spread_discount(lines, [Decimal(50)], currency="EUR")

    assert [one.amount for one in spread] == [Decimal("0.17"), Decimal("0.16"), Decimal("0.17")]
    assert sum(one.total for one in spread) == Decimal("0.50")


def test_without_document_discounts_the_lines_keep_their_own():
    lines = [line("1", "10", discount="12.5"), line("1", "10")]

    assert effective_discounts(lines, []) == [Decimal("12.5"), Decimal(0)]


def test_a_round_discount_stays_a_round_percentage():
    assert effective_discounts([line("2", "50")], [Decimal(10)]) == [Decimal(10)]


AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=4)
ORDER_LINES = st.lists(
    st.builds(
        lambda quantity, price, discount, rate: line(str(quantity), str(price), rate, str(discount)),
        st.decimals(min_value=-50, max_value=500, places=2),
        AMOUNTS,
        st.decimals(min_value=0, max_value=100, places=2),
        st.sampled_from(["0", "0.06", "0.21", None]),
    ),
    max_size=8,
)
DISCOUNTS = st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=3)


@given(ORDER_LINES, DISCOUNTS, st.sampled_from(CURRENCIES))
def test_spreading_changes_no_total(lines, discounts, currency):
    whole = predict(lines, discounts, currency=currency)

    spread = spread_discount(lines, discounts, currency=currency)

    assert sum((one.total for one in spread), Decimal(0)) == whole.excluding
    for one, source in zip(spread, lines, strict=True):
        assert one.total + one.amount == line_total(source, currency=currency)


@given(ORDER_LINES, DISCOUNTS, st.sampled_from(CURRENCIES))
def test_line_percentages_give_the_same_document(lines, discounts, currency):
    percentages = effective_discounts(lines, discounts, currency=currency)
    sent = [
        one.model_copy(update={"discount_percent": percent}) for one, percent in zip(lines, percentages, strict=True)
    ]

    exact = all(one.quantity * one.unit_price or not line_total(one, currency=currency) for one in lines)

    assert not exact or predict(sent, [], currency=currency) == predict(lines, discounts, currency=currency)


def test_totals_within_the_tolerance_do_not_differ():
    source = totals("20.00", "24.20", ("0.21", "20.00", "4.20"))

    assert compare(source, totals("20.01", "24.21", ("0.21", "20.01", "4.20")), tolerance=Decimal("0.01")) is None


def test_a_difference_names_each_amount_and_rate():
    source = totals("20.00", "24.20", ("0.21", "20.00", "4.20"))
    target = totals("20.00", "21.20", ("0.06", "20.00", "1.20"))

    difference = compare(source, target, tolerance=Decimal("0.01"))

    assert difference
    assert [(part.what, part.rate) for part in difference.parts] == [
        ("tax", None),
        ("including", None),
        ("taxable", Decimal("0.06")),
        ("tax", Decimal("0.06")),
        ("taxable", Decimal("0.21")),
        ("tax", Decimal("0.21")),
    ]
    assert difference.is_of_document


def test_a_source_without_rates_is_compared_as_a_whole():
    assert compare(totals("20", "24.20"), totals("20", "24.20", ("0.21", "20", "4.20")), tolerance=Decimal(0)) is None


def test_a_cent_line_brings_the_target_to_the_source():
    assert cent_difference(totals("20", "24.20"), totals("20", "24.19")) == Decimal("0.01")
