"""An invoice has the VAT that the law asks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from apicenter.billing.details import Details
from apicenter.billing.vat import VatRule, country_choices, vat_for
from apicenter.vat_numbers import COUNTRIES
from tests.billing import DETAILS


def test_every_country_has_a_name():
    assert dict(country_choices()).keys() == COUNTRIES


@pytest.mark.parametrize(
    ("country", "number", "rule", "percent"),
    [
        ("BE", "", VatRule.DOMESTIC, 21),
        ("NL", "NL004495445B01", VatRule.REVERSE, 0),
        ("NL", "", VatRule.CONSUMER, 21),
        ("NO", "", VatRule.OUTSIDE, 0),
        ("", "", VatRule.UNKNOWN, 0),
    ],
)
def test_the_vat_follows_from_both_countries(country: str, number: str, rule: VatRule, percent: int):
    vat = vat_for(country=country, number=number, home="BE", percent=Decimal(21))

    assert (vat.rule, vat.percent) == (rule, percent)


def test_an_operator_who_says_nothing_about_vat_gets_amounts_without():
    assert vat_for(country="BE", number="", home="", percent=Decimal(21)).rule is VatRule.UNKNOWN
    assert vat_for(country="BE", number="", home="BE", percent=None).rule is VatRule.UNKNOWN


def test_vat_is_rounded_half_up_to_cents():
    vat = vat_for(country="BE", number="", home="BE", percent=Decimal(21))

    assert vat.of(Decimal("77.50")) == Decimal("16.28")  # 16.275


def test_details_tidy_the_number_and_refuse_a_wrong_one():
    assert Details(**DETAILS).vat_number == "BE0417497106"
    with pytest.raises(ValidationError, match="vat_number"):
        Details(**{**DETAILS, "vat_number": "BE123"})
    with pytest.raises(ValidationError, match="country"):
        Details(**{**DETAILS, "country": "XX", "vat_number": ""})
