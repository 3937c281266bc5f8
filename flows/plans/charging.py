"""Which flows may run: free days from the first activation on, then those that the plan covers.

Flows of the demo company never cost anything, are never paused for money and start no free days; nor does anything
where the operator sets no prices. What is paused here is remembered by its pause code, so that a plan resumes exactly
that and nothing a person paused.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.billing.models import Coverage, Subscription
from apicenter.errors import SettingMissing
from apicenter.tenancy import current_organization_id
from connectors.models import Connection
from flows.models import Flow, Job
from flows.running.queue import Queue
from flows.running.wake import ring_on_commit

logger = logging.getLogger(__name__)
TRIAL_ENDED, PLAN_ENDED, LEFT_OUT = "trial.ended", "plan.ended", "plan.left_out"
PAUSED_FOR_MONEY = (TRIAL_ENDED, PLAN_ENDED, LEFT_OUT)


def is_charging() -> bool:
    """Whether the operator sets prices at all."""
    return settings.ENV.PLANS is not None


def costs(flow: Flow) -> bool:
    """Whether this flow is one to pay for: not of the demo company, and its kind has a price."""
    prices = settings.ENV.PLANS
    ends = {flow.source.environment, flow.target.environment}
    return prices is not None and Connection.Environment.SANDBOX not in ends and prices.monthly(flow.kind) > 0


def costly_flows() -> list[Flow]:
    """Return the flows of the organization in context that are to be paid for, in the order of the menu."""
    return [flow for flow in _with_ends(Flow.objects.all()).order_by("created_at", "name") if costs(flow)]


def _with_ends(flows: QuerySet[Flow]) -> QuerySet[Flow]:
    return flows.select_related("source", "target")


def find_subscription() -> Subscription | None:
    return Subscription.objects.first()


def locked_subscription() -> Subscription:
    """Return the organization's row, made when it has none, for this transaction alone."""
    Subscription.objects.get_or_create(organization_id=current_organization_id())
    return Subscription.objects.select_for_update().get()


def begin_trial(flow: Flow, *, now: datetime | None = None) -> bool:
    """Start the free days with the first flow that costs something. True when they start now, once ever."""
    if not costs(flow):
        return False
    begin = now or timezone.now()
    ends_at = begin + timedelta(days=settings.ENV.TRIAL_DAYS)
    with transaction.atomic():
        subscription, _made = Subscription.objects.get_or_create(organization_id=current_organization_id())
        started = Subscription.objects.filter(pk=subscription.pk, trial_started_at=None).update(
            trial_started_at=begin, trial_ends_at=ends_at
        )
        if started:
            record_change("trial.started", subject=flow.name, after={"ends_at": ends_at})
    return bool(started)


def cause_against(flow: Flow, *, now: datetime | None = None) -> str:
    """Return why this flow may not run, a code of apicenter/causes/, or ""."""
    return Standing(find_subscription(), now=now or timezone.now()).cause_against(flow)


def require_paid(flow: Flow, *, now: datetime | None = None) -> None:
    """Raises SettingMissing when the free days are over and no plan covers this flow."""
    cause = cause_against(flow, now=now) if costs(flow) else ""
    if cause:
        raise SettingMissing(cause, flow=flow.title)


class Standing:
    """What an organization may run at one moment; reads what the plan covers once, and only if it matters."""

    def __init__(self, subscription: Subscription | None, *, now: datetime) -> None:
        self.subscription = subscription
        self.now = now
        self._covered: set[UUID] | None = None

    @property
    def is_free(self) -> bool:
        """Whether the free days run, or have not begun."""
        trial = self.subscription.trial if self.subscription else None
        return trial is None or not trial.is_over(self.now)

    def cause_against(self, flow: Flow) -> str:
        if not costs(flow) or self.is_free or flow.pk in self.covered:
            return ""
        assert self.subscription is not None
        if self.subscription.anchor_at is None:
            return TRIAL_ENDED
        return LEFT_OUT if self.subscription.has_plan(self.now) else PLAN_ENDED

    @property
    def covered(self) -> set[UUID]:
        if self._covered is None:
            lasting = Coverage.objects.filter(Q(until_at=None) | Q(until_at__gt=self.now))
            self._covered = set(lasting.values_list("flow_id", flat=True))
        return self._covered


def pause_unpaid(subscription: Subscription, *, now: datetime) -> list[Flow]:
    """Pause the active flows that may not run any more; nothing of them is lost. Returns those paused now."""
    standing = Standing(subscription, now=now)
    paused: list[Flow] = []
    for flow in _with_ends(Flow.objects.filter(state=Flow.State.ACTIVE)):
        cause = standing.cause_against(flow)
        claimed = cause and Flow.objects.filter(pk=flow.pk, state=Flow.State.ACTIVE).update(
            state=Flow.State.PAUSED, pause_code=cause, pause_params={"flow": flow.name}
        )
        if claimed:
            paused.append(flow)
    if paused:
        action = "trial.ended" if subscription.anchor_at is None else "plan.flows_paused"
        record_change(action, subject=", ".join(flow.name for flow in paused))
    return paused


def resume_paid(subscription: Subscription, *, now: datetime) -> list[Flow]:
    """Let exactly those flows go on that were paused here and may run again. Returns them."""
    standing = Standing(subscription, now=now)
    resumed: list[Flow] = []
    for flow in _with_ends(Flow.objects.filter(state=Flow.State.PAUSED, pause_code__in=PAUSED_FOR_MONEY)):
        if standing.cause_against(flow):
            continue
        held = Flow.objects.filter(pk=flow.pk, state=Flow.State.PAUSED, pause_code__in=PAUSED_FOR_MONEY)
        if held.update(state=Flow.State.ACTIVE, pause_code="", pause_params={}):
            resumed.append(flow)
    if resumed:
        Job.objects.filter(run__flow__in=resumed).update(next_at=now)
        ring_on_commit(Queue.BULK)
        record_change("plan.flows_resumed", subject=", ".join(flow.name for flow in resumed))
    return resumed
