"""Ordering, changing and cancelling a plan; buying the onboarding package. Paid by invoice.

An order keeps the prices and terms of its moment. The form's own key makes two clicks one order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import current_actor, record_change
from apicenter.billing.details import Details
from apicenter.billing.models import Coverage, Order, OrderLine, Subscription
from apicenter.billing.periods import period_around
from apicenter.billing.prices import money
from apicenter.billing.vat import Vat, VatRule
from apicenter.errors import SettingMissing
from flows.models import Flow
from flows.plans.charging import locked_subscription, pause_unpaid, resume_paid
from flows.plans.order_letters import tell_about_cancellation, tell_about_order
from flows.plans.quotes import Quote, is_present_plan, prices_in_force, quote_onboarding, quote_plan

TERMS = 1  # of the sentences on the terms page; counted up when they change in substance


def order_plan(
    flows: Sequence[Flow],
    *,
    period: str,
    details: Details,
    key: UUID,
    seen_total: Decimal,
    now: datetime | None = None,
) -> Order:
    """Order or change the plan: covers these flows, drops the others at the end of the period, resumes what was paused.

    `seen_total` is the total without VAT that the person saw. Raises SettingMissing when it is another one by now, or
    when there is nothing to order.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        subscription = locked_subscription()
        placed = Order.objects.filter(key=key).first()
        if placed is not None:
            return placed
        quote = quote_plan(flows, period=period, subscription=subscription, details=_plain(details), now=moment)
        if is_present_plan(flows, period=period, subscription=subscription, now=moment):
            raise SettingMissing("order.same")
        _agree(quote, seen_total)
        order = _place(Order.Kind.PLAN, quote, details, key=key, now=moment)
        _cover(subscription, order, flows, now=moment)
        subscription.period, subscription.anchor_at, subscription.ends_at = period, quote.starts_at, None
        subscription.details = _plain(details)
        subscription.save(update_fields=["period", "anchor_at", "ends_at", "details"])
        record_change("plan.ordered", subject=order.reference, after=_summary(order, quote))
        resume_paid(subscription, now=moment)
        pause_unpaid(subscription, now=moment)
        tell_about_order(order)
    return order


def order_onboarding(
    *, details: Details, wishes: Mapping[str, str], key: UUID, seen_total: Decimal, now: datetime | None = None
) -> Order:
    """Order the onboarding package. Raises SettingMissing where it is not sold, or costs something else by now."""
    moment = now or timezone.now()
    with transaction.atomic():
        subscription = locked_subscription()
        placed = Order.objects.filter(key=key).first()
        if placed is not None:
            return placed
        quote = quote_onboarding(_plain(details), text=_("Onboarding by an expert"), now=moment)
        _agree(quote, seen_total)
        order = _place(Order.Kind.ONBOARDING, quote, details, key=key, now=moment, wishes=wishes)
        subscription.details = _plain(details)
        subscription.save(update_fields=["details"])
        record_change("onboarding.ordered", subject=order.reference, after=_summary(order, quote))
        tell_about_order(order)
    return order


def cancel_plan(*, now: datetime | None = None) -> datetime | None:
    """End the plan with the period that is paid. Returns when, or None when there is nothing to cancel."""
    moment = now or timezone.now()
    with transaction.atomic():
        subscription = locked_subscription()
        if not subscription.has_plan(moment) or subscription.ends_at is not None or subscription.anchor_at is None:
            return subscription.ends_at
        _begin, end = period_around(subscription.anchor_at, subscription.period, moment)
        subscription.ends_at = end
        subscription.save(update_fields=["ends_at"])
        Coverage.objects.filter(until_at=None).update(until_at=end)
        record_change("plan.cancelled", after={"ends_at": end})
        tell_about_cancellation(end)
    return end


def keep_plan(*, now: datetime | None = None) -> bool:
    """Take a cancellation back before it takes effect. False when there is none to take back."""
    moment = now or timezone.now()
    with transaction.atomic():
        subscription = locked_subscription()
        order = latest_plan_order()
        if order is None or subscription.ends_at is None or not subscription.has_plan(moment):
            return False
        before, subscription.ends_at = subscription.ends_at, None
        subscription.save(update_fields=["ends_at"])
        kept = order.lines.filter(is_once=False).values("flow_id")
        Coverage.objects.filter(flow_id__in=kept).update(until_at=None)
        record_change("plan.kept", before={"ends_at": before}, after={"ends_at": None})
    return True


def store_details(details: Details) -> None:
    """Keep billing details for the orders to come."""
    with transaction.atomic():
        subscription = locked_subscription()
        record_change("billing.details_changed", before=subscription.details, after=_plain(details))
        subscription.details = _plain(details)
        subscription.save(update_fields=["details"])


def mark_handled(order: Order, *, now: datetime | None = None) -> bool:
    """The operator has invoiced it, or done what was ordered. False when that was noted before."""
    claimed = Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(
        state=Order.State.HANDLED, handled_at=now or timezone.now()
    )
    if claimed:
        record_change("order.handled", subject=order.reference)
    return bool(claimed)


def latest_plan_order() -> Order | None:
    return Order.objects.filter(kind=Order.Kind.PLAN).order_by("-created_at").first()


def vat_of_order(order: Order) -> Vat:
    """Return the VAT as it was agreed."""
    return Vat(VatRule(order.vat_rule), order.vat_percent)


def _agree(quote: Quote, seen_total: Decimal) -> None:
    if quote.total != seen_total:
        raise SettingMissing("order.total_differs", total=money(quote.total, quote.currency))


def _place(
    kind: str, quote: Quote, details: Details, *, key: UUID, now: datetime, wishes: Mapping[str, str] | None = None
) -> Order:
    actor = current_actor()
    order = Order.objects.create(
        key=key,
        kind=kind,
        period=quote.period,
        currency=quote.currency,
        recurring_amount=quote.recurring,
        once_amount=quote.once,
        vat_percent=quote.vat.percent,
        vat_rule=quote.vat.rule,
        details=_plain(details),
        terms=_terms(),
        wishes=dict(wishes or {}),
        starts_at=quote.starts_at,
        placed_by=actor.user,
        who=str(actor.user or actor.via),
        created_at=now,
    )
    for position, line in enumerate(quote.lines):
        OrderLine.objects.create(
            order=order,
            position=position,
            flow_id=line.flow_id,
            kind=line.kind,
            text=line.text,
            amount=line.amount,
            is_once=line.is_once,
            until_at=line.until_at,
        )
    return order


def _terms() -> dict[str, Any]:
    """Return what was agreed beside the lines: the whole price list, and the days that count."""
    env = settings.ENV
    return {
        "version": TERMS,
        "prices": prices_in_force().model_dump(mode="json"),
        "operator": env.OPERATOR_NAME,
        "keep_days": env.KEEP_DAYS,
        "payment": "invoice",
        "cancel": "end of period",
    }


def _cover(subscription: Subscription, order: Order, flows: Sequence[Flow], *, now: datetime) -> None:
    """Cover the chosen flows from now on, and drop the others when the period they are paid for ends."""
    chosen = {flow.pk for flow in flows}
    ends_at = order.starts_at if subscription.has_plan(now) else now
    Coverage.objects.filter(until_at=None).exclude(flow_id__in=chosen).update(until_at=ends_at)
    for flow_id in chosen:
        Coverage.objects.update_or_create(flow_id=flow_id, defaults={"order": order, "until_at": None})


def _summary(order: Order, quote: Quote) -> dict[str, Any]:
    names = [line.text for line in quote.lines if not line.is_once or order.kind == Order.Kind.ONBOARDING]
    return {"lines": names, "amount": str(order.amount), "currency": order.currency, "period": order.period}


def _plain(details: Details) -> dict[str, str]:
    return details.model_dump(mode="json")
