"""VAT numbers are written in one way, and a wrong digit is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicenter.vat_numbers import COUNTRIES, checked, is_of, spelled


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("BE 0899.623.035", "", "BE0899623035"),
        ("899.623.035", "BE", "BE0899623035"),  # numbers given before 2005 have nine digits
        ("NL 0044.95.445.B01", "", "NL004495445B01"),
        ("FR 40 303 265 045", "", "FR40303265045"),
        ("NO 995 525 828 MVA", "", "NO995525828MVA"),
        ("995525828", "NO", "NO995525828"),
        ("CHE-107.787.577 IVA", "", "CHE107787577IVA"),
        ("107.787.577", "CH", "CHE107787577"),
        ("GR094259216", "", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("GB 980 7806 84", "", "GB980780684"),
        ("SE556703748501", "", "SE556703748501"),
        ("NL004495445B01", "BE", "NL004495445B01"),  # what it says itself comes first
    ],
)
def test_a_number_is_written_in_one_piece(text: str, country: str, number: str):
    assert checked(text, country=country) == number
    assert checked(number) == number


@pytest.mark.parametrize(
    "text",
    ["BE 0899.623.036", "BE 2899.623.035", "NL812345678", "NO995525829MVA", "CHE107787578IVA", "GB980780685", "XX123",
     "0899623035", "", "BE", "BE" + "0" * 500, "BE０８９９６２３０３５"],
)  # fmt: skip
def test_a_wrong_digit_is_seen(text: str):
    assert checked(text) == ""


@pytest.mark.parametrize(
    ("number", "country", "fits"),
    [("0417497106", "BE", True), ("EL094259216", "GR", True), ("BE0417497106", "NL", False), ("1", "XX", False)],
)
def test_a_number_belongs_to_one_country(number: str, country: str, fits: bool):
    assert is_of(number, country) is fits


def test_a_number_that_is_wrong_keeps_its_spelling():
    assert spelled("0417.497.107", country="BE") == "BE0417497107"
    assert spelled(" ", country="BE") == ""


@given(st.text(max_size=30), st.sampled_from(["", *sorted(COUNTRIES)]))
def test_any_text_is_a_number_or_none(text: str, country: str):
    number = checked(text, country=country)

    assert number == "" or checked(number) == number
