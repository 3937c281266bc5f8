"""Functions on prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from flows.transforms.numbers import rounded
from flows.transforms.registry import transform

VatPercent = Annotated[Decimal, Field(ge=0, le=100, allow_inf_nan=False)]
Digits = Annotated[int, Field(ge=0, le=12)]


@transform(example=("121", {"percent": "21"}, Decimal("100.00")))
def price_without_vat(value: Decimal, *, percent: VatPercent, digits: Digits = 2) -> Decimal:
    """Turn a price including VAT into one without, rounded."""
    return rounded(value * 100 / (100 + percent), digits)


@transform(example=("100", {"percent": "21"}, Decimal("121.00")))
def price_with_vat(value: Decimal, *, percent: VatPercent, digits: Digits = 2) -> Decimal:
    """Turn a price without VAT into one including it, rounded."""
    return rounded(value * (100 + percent) / 100, digits)
