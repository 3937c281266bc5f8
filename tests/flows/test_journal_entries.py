"""Orders as journal entries: the worked examples of the help, and what holds for any order at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicenter.errors import MappingError
from connectors.core import JournalEntry, Order, OrderLine
from connectors.currencies import decimals_of
from flows.documents.journal_entries import Accounts, MutationType, compose
from flows.documents.totals import predict
from tests.flows.records import make_line, make_order

HALF = Decimal("0.5")


def accounts(**changes: Any) -> Accounts:
    given: dict[str, Any] = {
        "receivable": "400000",
        "simple_revenue": "700000",
        "revenue": lambda line: "700600" if line.vat_code == "6" else "700000",
        "vat": lambda line: "451000",
        "shipping": "740000",
        "discount": "708000",
        "rounding": "658000",
        "is_shipping": lambda line: line.sku == "SHIP",
    }
    return Accounts(**given | changes)


def order(*lines: OrderLine, **changes: Any) -> Order:
    """Two lamps and a book with 10 % discount on everything, and shipping: 324.09 including VAT."""
    lamps = make_line(position=1, text="Lamp", quantity=Decimal(2), unit_price=Decimal(100))
    book = make_line(
        position=2, text="Book", sku="B", quantity=Decimal(1), unit_price=Decimal(100), vat_code="6",
        vat_rate=Decimal("0.06"),
    )  # fmt: skip
    shipping = make_line(position=3, text="Transport", sku="SHIP", quantity=Decimal(1), unit_price=Decimal(10))
    lines = lines or (lamps, book, shipping)
    discounts = changes.pop("discounts", (Decimal(10),))
    totals = changes.pop("totals", None) or predict(lines, discounts, currency=changes.get("currency", "EUR"))
    core = make_order(*lines, discounts=discounts, totals=totals, **changes).core
    assert isinstance(core, Order)
    return core


def told(entry: JournalEntry) -> list[tuple[str, str, str, str | None]]:
    return [(line.account, f"{line.debit:f}", f"{line.credit:f}", line.vat_code) for line in entry.lines]


def test_simple_is_the_total_on_two_accounts():
    entry = compose(order(), accounts(), MutationType.SIMPLE)

    assert told(entry) == [("400000", "324.09", "0", None), ("700000", "0", "324.09", None)]
    assert {line.text for line in entry.lines} == {"2026/1 Peeters BV"}


def test_recommended_splits_revenue_per_rate_shipping_discount_and_vat():
    entry = compose(order(), accounts(), MutationType.RECOMMENDED)

    assert told(entry) == [
        ("400000", "324.09", "0", None),
        ("700000", "0", "200.00", "21"),
        ("700600", "0", "100.00", "6"),
        ("740000", "0", "10.00", "21"),
        ("708000", "21.00", "0", "21"),
        ("708000", "10.00", "0", "6"),
        ("451000", "0", "39.69", "21"),
        ("451000", "0", "5.40", "6"),
    ]


def test_complex_keeps_each_line_on_the_account_of_its_product():
    lamp = make_line(position=1, text="Lamp", sku="A", quantity=Decimal(1), unit_price=Decimal(40))
    shade = make_line(position=2, text="Shade", sku="B", quantity=Decimal(1), unit_price=Decimal(60))
    by_product = accounts(revenue=lambda line: {"A": "700100", "B": "700200"}[line.sku or ""])

    entry = compose(order(lamp, shade, discounts=()), by_product, MutationType.COMPLEX)

    assert [(line.account, line.credit, line.text, line.position) for line in entry.lines[1:3]] == [
        ("700100", Decimal(40), "Lamp", 1),
        ("700200", Decimal(60), "Shade", 2),
    ]


def test_a_credit_note_is_the_same_with_its_sides_changed_over():
    entry = compose(order(), accounts(), MutationType.RECOMMENDED)

    reversed_entry = compose(order(), accounts(), MutationType.RECOMMENDED, is_credit=True)

    assert [(one.debit, one.credit) for one in reversed_entry.lines] == [(one.credit, one.debit) for one in entry.lines]


def test_a_cent_too_much_is_rounding():
    paid = order().totals.model_copy(update={"including": Decimal("324.10")})

    entry = compose(order(totals=paid), accounts(), MutationType.RECOMMENDED)

    assert told(entry)[-1] == ("658000", "0", "0.01", None)


@pytest.mark.parametrize("part", ["receivable", "shipping", "discount", "rounding"])
def test_a_part_without_an_account_is_named(part: str):
    paid = order().totals.model_copy(update={"including": Decimal("324.08")})

    with pytest.raises(MappingError) as held:
        compose(order(totals=paid), accounts(**{part: ""}), MutationType.RECOMMENDED)

    assert held.value.code == f"ledger.no_{part}"


@pytest.mark.parametrize("part", ["revenue", "vat"])
def test_an_account_that_no_table_gives_is_named(part: str):
    with pytest.raises(MappingError) as held:
        compose(order(), accounts(**{part: lambda line: None}), MutationType.COMPLEX)

    assert held.value.code == f"ledger.no_{part}"


def test_only_what_an_order_has_needs_an_account():
    plain = order(make_line(), discounts=())

    entry = compose(plain, accounts(shipping="", discount="", rounding=""), MutationType.RECOMMENDED)

    assert [line.account for line in entry.lines] == ["400000", "700000", "451000"]


def test_an_order_that_comes_to_nothing_has_no_lines():
    free = order(make_line(unit_price=Decimal(0)), discounts=())

    assert all(not compose(free, accounts(receivable=""), how).lines for how in MutationType)


numbers = st.decimals(-9999, 9999, places=4)
rates = st.sampled_from([("21", "0.21"), ("6", "0.06"), ("0", "0"), ("0eu", "0"), ("21b", "0.21"), ("none", None)])


@st.composite
def any_line(draw: st.DrawFn) -> OrderLine:
    code, rate = draw(rates)
    return make_line(
        position=draw(st.integers(1, 9)),
        sku=draw(st.sampled_from(["A", "SHIP", None])),
        quantity=draw(numbers),
        unit_price=draw(numbers),
        discount_percent=draw(st.decimals(0, 100, places=2)),
        vat_code=code,
        vat_rate=None if rate is None else Decimal(rate),
    )


@given(
    lines=st.lists(any_line(), min_size=1, max_size=6),
    discounts=st.lists(st.decimals(0, 100, places=2), max_size=2),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    off=st.decimals(-1, 1, places=3),
    how=st.sampled_from(MutationType),
    is_credit=st.booleans(),
)
def test_any_entry_balances_to_the_cent(lines, discounts, currency, off, how, is_credit):
    exact = predict(lines, discounts, currency=currency)
    totals = exact.model_copy(update={"including": exact.including + off})
    document = order(*lines, discounts=tuple(discounts), currency=currency, totals=totals)

    entry = compose(document, accounts(), how, is_credit=is_credit)

    unit = Decimal(1).scaleb(-decimals_of(currency))
    owed = sum((line.debit - line.credit for line in entry.lines if line.part == "receivable"), Decimal(0))
    assert sum(line.debit - line.credit for line in entry.lines) == 0
    assert all((line.debit > 0) != (line.credit > 0) for line in entry.lines)
    assert all(amount % unit == 0 for line in entry.lines for amount in (line.debit, line.credit))
    assert abs((-owed if is_credit else owed) - totals.including) <= unit * HALF
