"""Small words of the plan and price pages: amounts."""

from __future__ import annotations

from decimal import Decimal

from django import template

from apicenter.billing import prices
from flows.models import Flow
from flows.plans.charging import PAUSED_FOR_MONEY

register = template.Library()


@register.filter
def short_money(amount: Decimal, currency: str) -> str:
    """Write an amount without cents where there are none: "€29"."""
    return prices.money(amount, currency, drop_zero_cents=True)


@register.filter
def needs_plan(flow: Flow) -> bool:
    """Whether it is paused because neither free days nor a plan cover it."""
    return flow.pause_code in PAUSED_FOR_MONEY
