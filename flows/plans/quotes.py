"""What a choice of flows would cost: computed the same way for the page, for the order and for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from apicenter.billing.models import Coverage, Subscription
from apicenter.billing.periods import period_around, share_left
from apicenter.billing.prices import PriceList
from apicenter.billing.vat import Vat, vat_for
from apicenter.errors import SettingMissing
from flows.models import Flow
from flows.plans.charging import Standing


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a quote. Excludes VAT."""

    text: str
    amount: Decimal
    kind: str = ""
    flow_id: UUID | None = None
    is_once: bool = False
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would say."""

    lines: tuple[QuoteLine, ...]
    period: str
    currency: str
    starts_at: datetime
    vat: Vat

    @property
    def recurring(self) -> Decimal:
        return sum((line.amount for line in self.lines if not line.is_once), Decimal("0.00"))

    @property
    def once(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.is_once), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        """What counts for the agreement: everything, without VAT."""
        return self.recurring + self.once

    @property
    def recurring_vat(self) -> Decimal:
        return self.vat.of(self.recurring)

    @property
    def recurring_with_vat(self) -> Decimal:
        return self.recurring + self.recurring_vat


def prices_in_force() -> PriceList:
    """Return the operator's price list. Raises SettingMissing("order.off") where nothing is sold."""
    prices: PriceList | None = settings.ENV.PLANS
    if prices is None:
        raise SettingMissing("order.off")
    return prices


def quote_plan(
    flows: Sequence[Flow],
    *,
    period: str,
    subscription: Subscription | None,
    details: Mapping[str, str],
    now: datetime,
) -> Quote:
    """Return what a plan for these flows costs, and from when.

    It starts at the end of the free days, or now; a changed plan starts with the next period, and a flow that it adds
    is paid for the rest of the present one. Raises SettingMissing.
    """
    prices = prices_in_force()
    if subscription is None or subscription.trial is None:
        raise SettingMissing("order.not_yet")
    if not flows:
        raise SettingMissing("order.empty")
    lines = [_line(flow, prices.amount(flow.kind, period)) for flow in flows]
    starts_at = max(subscription.trial.ends_at, now)
    if subscription.has_plan(now) and subscription.anchor_at is not None:
        begin, end = period_around(subscription.anchor_at, subscription.period, now)
        starts_at = end
        if begin < end:
            lines += _rest_of_period(flows, prices, subscription, begin, end, now)
    return Quote(tuple(lines), period, prices.currency, starts_at, vat_of(details, prices))


def quote_onboarding(details: Mapping[str, str], *, text: str, now: datetime) -> Quote:
    """Return what the onboarding package costs. Raises SettingMissing where it is not sold."""
    prices = prices_in_force()
    if prices.onboarding is None:
        raise SettingMissing("order.off")
    line = QuoteLine(text, prices.onboarding, is_once=True)
    return Quote((line,), "", prices.currency, now, vat_of(details, prices))


def vat_of(details: Mapping[str, str], prices: PriceList) -> Vat:
    """Return the VAT of an invoice with these billing details."""
    return vat_for(
        country=details.get("country", ""),
        number=details.get("vat_number", ""),
        home=settings.ENV.OPERATOR_COUNTRY,
        percent=prices.vat_percent,
    )


def _line(flow: Flow, amount: Decimal) -> QuoteLine:
    return QuoteLine(flow.title, amount, flow.kind, flow.pk)


def _rest_of_period(
    flows: Sequence[Flow], prices: PriceList, subscription: Subscription, begin: datetime, end: datetime, now: datetime
) -> list[QuoteLine]:
    covered = Standing(subscription, now=now).covered
    return [
        QuoteLine(
            flow.title,
            share_left(prices.amount(flow.kind, subscription.period), begin, end, now),
            flow.kind,
            flow.pk,
            is_once=True,
            until_at=end,
        )
        for flow in flows
        if flow.pk not in covered
    ]


def is_present_plan(flows: Sequence[Flow], *, period: str, subscription: Subscription, now: datetime) -> bool:
    """Whether this choice is the plan in force, to the flow."""
    lasting = set(Coverage.objects.filter(until_at=None).values_list("flow_id", flat=True))
    is_going_on = subscription.has_plan(now) and subscription.ends_at is None
    return is_going_on and subscription.period == period and lasting == {flow.pk for flow in flows}
