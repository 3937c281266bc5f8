"""Which VAT an invoice to a customer carries, and the countries we invoice to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apicenter.billing.prices import rounded
from apicenter.vat_numbers import COUNTRIES, EUROPEAN_UNION


class VatRule(StrEnum):
    """Why an invoice has the VAT it has."""

    UNKNOWN = "unknown"  # the operator has not said where it is or what it charges
    DOMESTIC = "domestic"
    REVERSE = "reverse"
    OUTSIDE = "outside"
    CONSUMER = "consumer"


NOTES: dict[VatRule, Promise] = {
    VatRule.UNKNOWN: _("excluding VAT, which the invoice adds where it is due"),
    VatRule.REVERSE: _("VAT is reverse-charged: you account for it in your own country"),
    VatRule.OUTSIDE: _("no VAT: you are outside the European Union"),
    VatRule.CONSUMER: _("with VAT, as no VAT number of another EU country is given"),
}


@dataclass(frozen=True, slots=True)
class Vat:
    """The VAT of an invoice: percent, and the rule it comes from."""

    rule: VatRule
    percent: Decimal = Decimal(0)

    def of(self, amount: Decimal) -> Decimal:
        return rounded(amount * self.percent / 100)

    @property
    def note(self) -> str:
        return str(NOTES.get(self.rule, ""))


def country_choices() -> list[tuple[str, str]]:
    """Return the countries that customers may be in, by their name in the reader's language."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    return sorted(((code, names[code]) for code in COUNTRIES), key=lambda choice: choice[1])


def vat_for(*, country: str, number: str, home: str, percent: Decimal | None) -> Vat:
    """Return the VAT of an invoice from `home` (the operator's country) to a company in `country`."""
    if not home or percent is None or not country:
        return Vat(VatRule.UNKNOWN)
    if country == home:
        return Vat(VatRule.DOMESTIC, percent)
    if country not in EUROPEAN_UNION or home not in EUROPEAN_UNION:
        return Vat(VatRule.OUTSIDE)
    return Vat(VatRule.REVERSE) if number else Vat(VatRule.CONSUMER, percent)
