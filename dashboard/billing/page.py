"""What the plan page shows: where the organization stands, what each flow costs, and what the choice comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from apicenter.billing.models import Coverage, Order, Subscription
from apicenter.billing.periods import Trial, period_around
from apicenter.billing.prices import YEAR, PriceList
from apicenter.errors import SettingMissing
from dashboard import access
from dashboard.billing.forms import Choice
from flows.models import Flow
from flows.plans.charging import PAUSED_FOR_MONEY, costs, find_subscription
from flows.plans.ordering import latest_plan_order
from flows.plans.quotes import Quote, is_present_plan, quote_plan
from flows.plans.usage import Use, use_since


@dataclass(frozen=True, slots=True)
class Row:
    """A flow with its price for the chosen period."""

    flow: Flow
    amount: Decimal
    use: Use
    is_chosen: bool
    ends_at: datetime | None  # it was dropped from the plan and runs until then


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Everything of the plan page."""

    prices: PriceList
    subscription: Subscription | None
    trial: Trial | None
    now: datetime
    choice: Choice
    rows: list[Row]
    free: list[Flow]  # of the demo company
    quote: Quote | None
    problem: str
    is_unchanged: bool
    order: Order | None
    period_ends_at: datetime | None
    has_plan: bool
    keep_days: int

    @property
    def is_yearly(self) -> bool:
        return self.choice.period == YEAR

    @property
    def trial_is_over(self) -> bool:
        return self.trial is not None and self.trial.is_over(self.now)

    @property
    def day(self) -> int:
        return self.trial.day(self.now) if self.trial else 0

    @property
    def days_left(self) -> int:
        return self.trial.days_left(self.now) if self.trial else 0

    @property
    def is_cancelled(self) -> bool:
        return self.has_plan and self.subscription is not None and self.subscription.ends_at is not None

    @property
    def has_ended(self) -> bool:
        return self.order is not None and not self.has_plan

    @property
    def starts_later(self) -> bool:
        return self.quote is not None and self.quote.starts_at > self.now


def build_plan_page(
    prices: PriceList, choice: Choice, *, details: Mapping[str, str] | None = None, now: datetime | None = None
) -> PlanPage:
    """Return the page for what was ticked; for nothing ticked yet, for what runs."""
    moment = now or timezone.now()
    subscription = find_subscription()
    has_plan = subscription is not None and subscription.has_plan(moment)
    every = list(access.flows())
    costly = [flow for flow in every if costs(flow)]
    coverage = {one.flow_id: one for one in Coverage.objects.all()} if has_plan else {}
    chosen = _chosen(costly, choice, subscription, {pk for pk, one in coverage.items() if one.until_at is None})
    period = choice.period if choice.is_given or subscription is None else subscription.period
    choice = Choice(choice.flow_ids, period, choice.is_given, choice.seen_total, choice.key)
    quote, problem = _quote(chosen, period, subscription, details, moment)
    use = use_since(None)
    ends = {pk: one.until_at for pk, one in coverage.items()}
    return PlanPage(
        prices=prices,
        subscription=subscription,
        trial=subscription.trial if subscription else None,
        now=moment,
        choice=choice,
        rows=[
            Row(
                flow,
                prices.amount(flow.kind, period),
                use.get(flow.pk, Use()),
                flow in chosen,
                ends.get(flow.pk),
            )
            for flow in costly
        ],
        free=[flow for flow in every if not costs(flow)],
        quote=quote,
        problem=problem,
        is_unchanged=subscription is not None
        and is_present_plan(chosen, period=period, subscription=subscription, now=moment),
        order=latest_plan_order(),
        period_ends_at=_period_end(subscription, moment) if has_plan else None,
        has_plan=has_plan,
        keep_days=settings.ENV.KEEP_DAYS,
    )


def _chosen(costly: list[Flow], choice: Choice, subscription: Subscription | None, lasting: set[object]) -> list[Flow]:
    if choice.is_given:
        return [flow for flow in costly if str(flow.pk) in choice.flow_ids]
    if lasting:
        return [flow for flow in costly if flow.pk in lasting]
    return [flow for flow in costly if flow.state == Flow.State.ACTIVE or flow.pause_code in PAUSED_FOR_MONEY]


def _quote(
    chosen: list[Flow],
    period: str,
    subscription: Subscription | None,
    details: Mapping[str, str] | None,
    now: datetime,
) -> tuple[Quote | None, str]:
    known = details if details is not None else (subscription.details if subscription else {})
    try:
        return quote_plan(chosen, period=period, subscription=subscription, details=known, now=now), ""
    except SettingMissing as error:
        return None, str(error)


def _period_end(subscription: Subscription | None, now: datetime) -> datetime | None:
    if subscription is None or subscription.anchor_at is None:
        return None
    return period_around(subscription.anchor_at, subscription.period, now)[1]


def chosen_flows(page: PlanPage) -> list[Flow]:
    return [row.flow for row in page.rows if row.is_chosen]
