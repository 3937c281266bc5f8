"""`manage.py billing`: what the operator sees and does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apicenter.billing.models import Order, Subscription
from apicenter.organizations.models import AuditEntry, Organization
from flows.models import Flow
from flows.plans import charging, trials
from tests.billing import charge, place
from tests.factories import inside, make_flow, make_organization, make_user


@pytest.fixture
def organization(db: None, env: Callable[..., None]) -> Organization:
    charge(env)
    organization = make_organization(owner=make_user())
    with inside(organization):
        charging.begin_trial(make_flow("orders"), now=timezone.now() - timedelta(days=2))
    return organization


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("billing", *arguments, stdout=out)
    return out.getvalue()


def order_of(organization: Organization) -> Order:
    with inside(organization):
        return place(list(Flow.objects.all()), "29.00", now=timezone.now())


def test_lists_orders_of_everybody_and_only_the_open_ones_if_asked(organization: Organization):
    order = order_of(organization)

    assert f"{order.reference}" in said("orders")
    assert "29.00 EUR per month  Verhaegen Licht" in said("orders", "--open")
    said("handled", order.reference.lower())
    assert said("orders", "--open") == "No order.\n"
    assert "handled" in said("orders")


def test_marking_twice_says_so(organization: Organization):
    order = order_of(organization)

    assert said("handled", order.reference) == f"{order.reference} is handled.\n"
    assert said("handled", order.reference) == f"{order.reference} was handled before.\n"


def test_an_order_that_nobody_placed_is_not_found(organization: Organization):
    with pytest.raises(CommandError, match="no order NOSUCH"):
        call_command("billing", "handled", "NOSUCH")


def test_lists_where_everybody_stands(organization: Organization):
    make_organization("Fresh BV")

    text = said("trials")

    assert "Fresh BV" in text
    assert "not begun" in text
    assert "12 days left" in text


def test_extends_a_trial_and_the_trail_says_who(organization: Organization):
    with inside(organization):
        trials.look_after(now=timezone.now() + timedelta(days=30))

    said("extend", "7", "--organization", organization.name)

    with inside(organization):
        ends_at = Subscription.objects.get().trial_ends_at
        entry = AuditEntry.objects.get(action="trial.extended")
        assert Flow.objects.get().state == Flow.State.ACTIVE
    assert ends_at is not None
    assert (ends_at - timezone.now()).days == 18
    assert entry.who == "manage.py billing"


def test_refuses_to_extend_by_nothing_or_what_has_not_begun(organization: Organization):
    make_organization("Fresh BV")

    with pytest.raises(CommandError, match="at least one day"):
        call_command("billing", "extend", "0", "--organization", organization.name)
    with pytest.raises(CommandError, match="have not begun"):
        call_command("billing", "extend", "7", "--organization", "Fresh BV")
