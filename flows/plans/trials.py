"""The clock of trials and plans: reminders before the end, then the pause. May run late, twice, or on two workers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from apicenter.audit import record_change
from apicenter.billing.letters import deliver, write_to_administrators
from apicenter.billing.models import Subscription
from apicenter.billing.periods import DAY, Trial, due_reminder
from apicenter.organizations.models import Organization
from apicenter.organizations.zones import zone_of
from apicenter.tenancy import current_organization_id, organization_context
from flows.models import Flow
from flows.plans.charging import (
    begin_trial,
    costly_flows,
    find_subscription,
    is_charging,
    locked_subscription,
    pause_unpaid,
    resume_paid,
)


def look_after_all(*, now: datetime | None = None) -> None:
    """Do for every organization what its trial and plan ask for by now."""
    moment = now or timezone.now()
    for organization in Organization.objects.order_by("pk"):
        with organization_context(organization.pk), timezone.override(zone_of(organization)):
            if is_charging():
                look_after(now=moment)
            deliver(now=moment)


def look_after(*, now: datetime) -> None:
    """Do what trial and plan of the organization in context ask for by now."""
    subscription = find_subscription()
    trial = subscription.trial if subscription else None
    if subscription is None or trial is None:
        _begin_unnoticed(now)
        return
    if not trial.is_over(now):
        if subscription.anchor_at is None:
            _remind(subscription, trial, now)
        return
    with transaction.atomic():
        paused = pause_unpaid(subscription, now=now)
        _close(subscription, trial, paused, now)


def _begin_unnoticed(now: datetime) -> None:
    """Flows that a command activated, or that ran before prices were set, start the free days when they are seen."""
    active = next((flow for flow in costly_flows() if flow.state == Flow.State.ACTIVE), None)
    if active is not None:
        begin_trial(active, now=now)


def _remind(subscription: Subscription, trial: Trial, now: datetime) -> None:
    mark = due_reminder(trial, settings.ENV.TRIAL_REMINDER_DAYS, sent=subscription.reminded, now=now)
    if mark is None:
        return
    with transaction.atomic():
        unsent = Subscription.objects.filter(pk=subscription.pk, reminded=subscription.reminded, anchor_at=None)
        if unsent.update(reminded=mark):
            active = [flow for flow in costly_flows() if flow.state == Flow.State.ACTIVE]
            write_to_administrators("trial_ends", lambda: _facts(trial, active, now))


def _close(subscription: Subscription, trial: Trial, paused: list[Flow], now: datetime) -> None:
    """Tell about the end of the free days, once; with a plan there is nothing to tell."""
    open_row = Subscription.objects.filter(pk=subscription.pk, trial_closed_at=None)
    if open_row.update(trial_closed_at=now) and subscription.anchor_at is None:
        write_to_administrators("trial_ended", lambda: _facts(trial, paused, now))


def _facts(trial: Trial, flows: list[Flow], now: datetime) -> dict[str, object]:
    return {
        "ends_on": date_format(timezone.localtime(trial.ends_at), "l j F"),
        "ends_at_time": date_format(timezone.localtime(trial.ends_at), "H:i"),
        "days_left": trial.days_left(now),
        "flows": [flow.title for flow in flows],
        "keep_days": settings.ENV.KEEP_DAYS,
    }


def extend_trial(days: int, *, now: datetime | None = None) -> Subscription | None:
    """Give the organization in context more free days, from now if they are over; what was paused for it goes on.

    Returns None when its free days have not begun: there is nothing to extend.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        subscription = locked_subscription()
        before = subscription.trial_ends_at
        if before is None:
            return None
        subscription.trial_ends_at = max(before, moment) + days * DAY
        subscription.trial_closed_at = subscription.reminded = None
        if subscription.anchor_at == before:  # a plan that begins with the end of the free days
            subscription.anchor_at = subscription.trial_ends_at
        subscription.save(update_fields=["trial_ends_at", "trial_closed_at", "reminded", "anchor_at"])
        name = Organization.objects.get(pk=current_organization_id()).name
        record_change(
            "trial.extended", subject=name, before={"ends_at": before}, after={"ends_at": subscription.trial_ends_at}
        )
        resume_paid(subscription, now=moment)
    return subscription
