"""Orders: what was agreed stands, twice is once, and flows run for what is paid."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from apicenter.audit import Actor, acting_as
from apicenter.billing.details import Details
from apicenter.billing.letters import deliver
from apicenter.billing.models import Coverage, Letter, NotChangeable, Order, Subscription
from apicenter.billing.prices import PriceList
from apicenter.errors import SettingMissing
from apicenter.organizations.models import AuditEntry, Organization
from flows.models import Flow
from flows.plans import charging, ordering, trials
from tests.billing import DETAILS, NOW, charge, make_demo_flow, place
from tests.factories import inside, make_flow, make_organization, make_user

DAY = timedelta(days=1)
END = NOW + 14 * DAY  # 27 November


@pytest.fixture
def organization(db: None, env: Callable[..., None]) -> Organization:
    charge(env)
    return make_organization(owner=make_user())


@pytest.fixture
def flows(organization: Organization) -> list[Flow]:
    with inside(organization):
        made = [make_flow("products"), make_flow("orders"), make_flow("customers")]
        charging.begin_trial(made[0], now=NOW)
    return made


def states(organization: Organization) -> dict[str, str]:
    with inside(organization):
        return {flow.kind: flow.pause_code or flow.state for flow in Flow.objects.all()}


def test_a_plan_ordered_in_the_free_days_starts_when_they_end(organization: Organization, flows: list[Flow]):
    with inside(organization):
        order = place(flows, "77.00", now=NOW + 6 * DAY)
        lines = [(line.text, line.amount) for line in order.lines.all()]

    assert order.starts_at == END
    assert lines == [("Products", Decimal("29.00")), ("Orders", Decimal("29.00")), ("Customers", Decimal("19.00"))]
    assert (order.recurring_amount, order.once_amount) == (Decimal("77.00"), 0)
    assert (order.vat_percent, order.vat_rule) == (21, "domestic")


def test_a_yearly_plan_gives_months_away(organization: Organization, flows: list[Flow]):
    with inside(organization):
        assert place(flows, "770.00", now=NOW, period="year").recurring_amount == Decimal("770.00")


def test_two_clicks_are_one_order(organization: Organization, flows: list[Flow]):
    key = uuid.uuid4()
    with inside(organization):
        first, second = (place(flows, "77.00", now=NOW, key=key) for _click in range(2))

        assert first == second
        assert Order.objects.count() == 1
        assert Letter.objects.filter(name="order_received").count() == 1


def test_another_total_than_the_one_seen_orders_nothing(organization: Organization, flows: list[Flow]):
    with inside(organization):
        with pytest.raises(SettingMissing, match=r"it is now €77\.00"):
            place(flows, "58.00", now=NOW)

        assert not Order.objects.exists()


def test_an_order_keeps_its_prices_whatever_happens_later(
    organization: Organization, flows: list[Flow], env: Callable[..., None]
):
    with inside(organization):
        order = place(flows[:1], "29.00", now=NOW)
        env(PLANS=PriceList(per_flow=Decimal("99.00")))
        Flow.objects.filter(pk=flows[0].pk).update(name="Renamed")
        stored = Order.objects.get(pk=order.pk)
        line = stored.lines.get()

        assert (line.text, line.amount, stored.recurring_amount) == ("Products", Decimal("29.00"), Decimal("29.00"))
        assert stored.terms["prices"]["per_flow"] == "29.00"
        line.amount = Decimal(1)
        with pytest.raises(NotChangeable):
            line.save()


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(0, 1)])
def test_nothing_is_ordered_without_flows_or_before_the_days_begin(
    organization: Organization, env: Callable[..., None], chosen: slice
):
    with inside(organization):
        flow = make_flow("products")
        with pytest.raises(SettingMissing) as refused:
            place([flow][chosen], "29.00", now=NOW)

    assert refused.value.code == "order.not_yet"


def test_no_flow_is_no_plan(organization: Organization, flows: list[Flow]):
    with inside(organization), pytest.raises(SettingMissing) as refused:
        place([], "0.00", now=NOW)

    assert refused.value.code == "order.empty"


def test_where_nothing_is_sold_nothing_is_ordered(
    organization: Organization, flows: list[Flow], env: Callable[..., None]
):
    env(PLANS=None)

    with inside(organization), pytest.raises(SettingMissing) as refused:
        place(flows, "77.00", now=NOW)

    assert refused.value.code == "order.off"


def test_the_same_plan_again_is_no_order(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows, "77.00", now=NOW)
        with pytest.raises(SettingMissing) as refused:
            place(flows, "77.00", now=NOW + DAY)

    assert refused.value.code == "order.same"


def test_a_flow_left_out_runs_through_the_free_days_and_then_pauses(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows[:2], "58.00", now=NOW)
        trials.look_after(now=END - DAY)
    assert states(organization) == {"products": "active", "orders": "active", "customers": "active"}

    with inside(organization):
        trials.look_after(now=END)

    assert states(organization) == {"products": "active", "orders": "active", "customers": "plan.left_out"}


def test_a_flow_that_is_added_goes_on_at_once_and_is_paid_for_the_rest(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows[:2], "58.00", now=NOW)
        trials.look_after(now=END)
        order = place(flows, "86.50", now=END + 15 * DAY)  # 77.00, and half a month of 19.00
        once = order.lines.get(is_once=True)

    assert states(organization)["customers"] == "active"
    assert (once.text, once.amount, once.until_at) == ("Customers", Decimal("9.50"), END.replace(month=12))
    assert order.starts_at == END.replace(month=12)


def test_a_flow_that_is_dropped_runs_until_its_period_ends(organization: Organization, flows: list[Flow]):
    period_end = END.replace(month=12)
    with inside(organization):
        place(flows, "77.00", now=NOW)
        place(flows[:1], "29.00", now=END + 3 * DAY)
        trials.look_after(now=period_end - DAY)
        assert set(states(organization).values()) == {"active"}

        trials.look_after(now=period_end)

    assert states(organization) == {"products": "active", "orders": "plan.left_out", "customers": "plan.left_out"}


def test_a_flow_dropped_and_taken_back_in_the_same_period_costs_nothing_extra(
    organization: Organization, flows: list[Flow]
):
    with inside(organization):
        place(flows, "77.00", now=NOW)
        place(flows[:1], "29.00", now=END + 3 * DAY)

        assert place(flows, "77.00", now=END + 4 * DAY).once_amount == 0
        assert not Coverage.objects.exclude(until_at=None).exists()


def test_a_cancelled_plan_runs_until_its_period_ends(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows, "77.00", now=NOW)

        ends_at = ordering.cancel_plan(now=END + 40 * DAY)
        assert ordering.cancel_plan(now=END + 41 * DAY) == ends_at
        assert AuditEntry.objects.filter(action="plan.cancelled").count() == 1
        trials.look_after(now=ends_at - DAY)
        assert set(states(organization).values()) == {"active"}
        trials.look_after(now=ends_at)

    assert ends_at == END.replace(year=2027, month=1)
    assert set(states(organization).values()) == {"plan.ended"}


def test_a_cancellation_taken_back_leaves_what_was_dropped_dropped(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows, "77.00", now=NOW)
        place(flows[:1], "29.00", now=END + 3 * DAY)
        ordering.cancel_plan(now=END + 4 * DAY)

        assert ordering.keep_plan(now=END + 5 * DAY)
        assert not ordering.keep_plan(now=END + 5 * DAY)
        assert Subscription.objects.get().ends_at is None
        assert [one.flow_id for one in Coverage.objects.filter(until_at=None)] == [flows[0].pk]


def test_a_plan_after_a_plan_starts_at_once(organization: Organization, flows: list[Flow]):
    with inside(organization):
        place(flows, "77.00", now=NOW)
        ends_at = ordering.cancel_plan(now=END + DAY)
        assert ends_at is not None
        trials.look_after(now=ends_at)

        order = place(flows, "77.00", now=ends_at + 10 * DAY)

    assert (order.starts_at, order.once_amount) == (ends_at + 10 * DAY, 0)
    assert set(states(organization).values()) == {"active"}


def test_customer_and_operator_are_told(organization: Organization, flows: list[Flow]):
    with inside(organization), acting_as(Actor(make_user("lotte@example.com", name="Lotte Maes"))):
        order = place(flows, "77.00", now=NOW)
        deliver(now=NOW)

    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert letters.keys() == {"sofie@example.com", "operator@example.com"}
    assert "€93.17" in letters["sofie@example.com"].body
    assert "Placed by Lotte Maes." in letters["operator@example.com"].body
    assert f"manage.py billing handled {order.reference}" in letters["operator@example.com"].body


def test_the_package_is_one_sum_with_the_wishes_for_the_call(organization: Organization):
    key = uuid.uuid4()
    wishes = {"phone": "+32 9 000 00 00", "times": "Tuesday morning", "remarks": ""}
    with inside(organization):
        for _click in range(2):
            order = ordering.order_onboarding(
                details=Details(**DETAILS), wishes=wishes, key=key, seen_total=Decimal("495.00"), now=NOW
            )

        assert Order.objects.count() == 1
        assert Subscription.objects.get().trial is None  # buying help starts no days

    assert (order.once_amount, order.recurring_amount, order.wishes["phone"]) == (495, 0, "+32 9 000 00 00")


def test_the_demo_company_is_never_part_of_a_bill(organization: Organization, flows: list[Flow]):
    with inside(organization):
        demo = make_demo_flow()

        assert demo not in charging.costly_flows()
        assert charging.cause_against(demo, now=END + 99 * DAY) == ""


def test_an_order_is_handled_once(organization: Organization, flows: list[Flow]):
    with inside(organization):
        order = place(flows, "77.00", now=NOW)

        assert ordering.mark_handled(order, now=NOW)
        assert not ordering.mark_handled(order, now=NOW)
        assert Order.objects.get().handled_at == NOW
