from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Option
from flows.tables.proposals import propose


def option(value: str, label: str = "", rate: str | None = None, **more: Any) -> Option:
    return Option(value=value, label=label or value, rate=None if rate is None else Decimal(rate), **more)


def proposed(left: Option, *right: Option) -> tuple[str | None, str]:
    (one,) = propose([left], right)
    return (one.right.value if one.right else None, one.certainty)


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ([option("a", "21%", "0.21"), option("b", "6%", "0.06")], ("a", "certain")),
        ([option("a", "Standard", "0.210"), option("b", "BTW 21%", "0.21")], ("b", "certain")),
        ([option("a", "EU", "0.21"), option("b", "Home", "0.21", group="Sales NV")], ("b", "suggested")),
        ([option("a", "EU", "0.21"), option("b", "Home", "0.21", is_default=True)], ("b", "suggested")),
        ([option("a", "EU", "0.21"), option("b", "Home", "0.21")], (None, "open")),
        ([option("a", "6%", "0.06")], (None, "open")),
    ],
)
def test_vat_is_paired_by_rate_then_name_group_and_default(right, expected):
    assert proposed(option("x", "BTW 21 %", "0.21", group="Sales NV"), *right) == expected


def test_no_vat_is_never_certain():
    assert proposed(option("x", "Export", "0"), option("a", "Exempt", "0.00")) == ("a", "suggested")


@pytest.mark.parametrize(
    ("left", "right", "certainty"),
    [
        (option("1", "Kerst-Actie"), option("9", "kerst actie"), "certain"),
        (option("u1", "Café"), option("CAFE", "Drinks"), "certain"),
        (option("1", "Red wine bottles"), option("9", "Red wine"), "suggested"),
    ],
)
def test_equal_and_similar_names_are_paired(left, right, certainty):
    assert proposed(left, right, option("8", "Something else")) == (right.value, certainty)


def test_equal_numbers_mean_nothing():
    assert proposed(option("1", "Shirts"), option("1", "Shoes")) == (None, "open")


@pytest.mark.parametrize(
    ("left", "label"),
    [
        ("after_invoice_date:30", "30 dagar netto"),
        ("after_invoice_date:30", "30 days"),
        ("after_invoice_date:30", "Netto 30"),
        ("after_invoice_date:30", "30 jours net"),
        ("end_of_month:30", "30 dagen einde maand"),
        ("end_of_month:30", "30 jours fin de mois"),
        ("cash", "Contant"),
        ("cash", "Comptant à la livraison"),
        ("after_invoice_date:14", "14 dager"),
    ],
)
def test_payment_terms_are_paired_by_type_and_days(left, label):
    others = [option("X", "45 dagen"), option("Y", "60 days end of month")]

    assert proposed(option(left, left), *others, option("T", label)) == ("T", "certain")


def test_two_terms_of_the_same_days_are_only_suggested():
    assert proposed(option("after_invoice_date:30"), option("A", "30 days"), option("B", "30 dagen"))[1] == "suggested"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("stuks", "STK"),
        ("pcs", "STK"),
        ("pièce", "STK"),
        ("uur", "TIM"),
        ("hour", "TIM"),
        ("heures", "TIM"),
        ("m²", "KVM"),
        ("vierkante meter", "KVM"),
    ],
)
def test_units_are_paired_by_synonyms(left, right):
    assert proposed(option("id", left), option("STK"), option("TIM"), option("KVM")) == (right, "certain")


def test_every_option_gets_a_proposal_with_its_reason():
    left = [option("a", "Alpha"), option("b", "Beta")]

    proposals = propose(left, [option("1", "Alpha")])

    assert [one.left for one in proposals] == left
    assert all(one.why for one in proposals)
    assert propose(left, [])[0].certainty == "open"
