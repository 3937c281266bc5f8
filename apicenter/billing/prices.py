"""What flows cost: the operator's price list, checked when the platform starts. Amounts exclude VAT."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from babel import Locale
from babel.numbers import format_currency
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

CENT = Decimal("0.01")
MONTHS = 12
MONTH, YEAR = "month", "year"

Amount = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2)]
KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class PriceList(BaseModel):
    """Prices per flow per month, by kind of flow where it differs; what a year gives away; the onboarding package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    per_flow: Amount
    kinds: dict[KindName, Amount] = Field(default_factory=dict)
    yearly_free_months: int = Field(0, ge=0, lt=MONTHS)
    onboarding: Amount | None = None
    call_minutes: int = Field(45, ge=5, le=480)  # of the video call in the package
    vat_percent: Decimal | None = Field(None, ge=0, le=100, max_digits=5, decimal_places=2)

    def monthly(self, kind: str) -> Decimal:
        """Return what a flow of this kind costs per month."""
        return self.kinds.get(kind, self.per_flow).quantize(CENT)

    def amount(self, kind: str, period: str) -> Decimal:
        """Return what a flow of this kind costs per period, "month" or "year"."""
        months = MONTHS - self.yearly_free_months if period == YEAR else 1
        return self.monthly(kind) * months

    @property
    def lowest(self) -> Decimal:
        """What the cheapest flow costs that costs something."""
        return min([amount for amount in (self.per_flow, *self.kinds.values()) if amount] or [CENT * 0]).quantize(CENT)

    @property
    def is_uniform(self) -> bool:
        """Whether every kind of flow costs the same."""
        return all(amount == self.per_flow for amount in self.kinds.values())


def rounded(amount: Decimal) -> Decimal:
    """Round to cents, half up, as invoices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def money(amount: Decimal, currency: str, *, drop_zero_cents: bool = False) -> str:
    """Write an amount as the reader's language does: €29.00, 29,00 €, € 29,00."""
    locale = Locale.parse(get_language() or "en", sep="-")
    if drop_zero_cents and amount == amount.to_integral_value():
        pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0")
        return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    return format_currency(amount, currency, locale=locale)
