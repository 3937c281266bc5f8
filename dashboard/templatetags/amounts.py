"""Amounts of money as people read them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django import template
from django.utils.formats import number_format

from apicenter.billing import prices

register = template.Library()
DIGITS = 2


@register.filter
def money(amount: Decimal | str | None, currency: str = "") -> str:
    """Write an amount with its currency as the reader's language does; what is no amount comes back as it is."""
    if amount is None or amount == "":
        return ""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return str(amount)
    return prices.money(number, currency) if currency else number_format(number, DIGITS, force_grouping=True)
