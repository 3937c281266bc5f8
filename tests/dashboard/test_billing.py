"""The plan page by role, the order from click to letter, and what others may not see."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apicenter.billing.models import Order, Subscription
from apicenter.organizations.models import Membership
from flows.models import Flow
from flows.plans import charging, trials
from flows.plans.usage import use_since
from tests.billing import DETAILS, charge, make_demo_flow, place
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db
POSTS = ["/plan/order/", "/plan/cancel/", "/plan/keep/", "/plan/onboarding/"]


@pytest.fixture
def company(env: Callable[..., None]) -> Company:
    charge(env)
    company = make_company()
    with inside(company.organization):
        charging.begin_trial(company.products, now=timezone.now() - timedelta(days=5))
    return company


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def member(company: Company, role: str) -> Client:
    user = make_user(f"{role}@example.com")
    add_member(company.organization, user, role=role)
    return signed_in(user)


def text_of(client: Client, path: str = "/plan/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def form(company: Company, total: str = "58.00", **values: Any) -> dict[str, Any]:
    flows = [str(company.products.pk), str(company.orders.pk)]
    return {"flow": flows, "period": "month", "total": total, "key": str(uuid.uuid4()), **DETAILS, **values}


def orders(company: Company) -> list[Order]:
    with inside(company.organization):
        return list(Order.objects.all())


def end_trial(company: Company) -> None:
    with inside(company.organization):
        Subscription.objects.update(trial_ends_at=timezone.now() - timedelta(hours=1))
        trials.look_after(now=timezone.now())


def test_the_page_shows_the_days_and_what_every_flow_would_cost(client: Client):
    page = text_of(client)

    assert "9 free days left, until" in page
    assert page.count("€29.00<span") == 2
    assert '<input type="hidden" name="total" value="58.00">' in page
    assert "€58.00" in page


def test_the_days_stand_at_the_side_of_every_page_and_above_the_overview(client: Client):
    assert "Free day 6 of 14." in text_of(client, "/")
    log = text_of(client, "/log/")
    assert "9 days left" in log
    assert "trial-banner" not in log


def test_after_the_end_every_page_says_what_to_do(company: Company, client: Client):
    end_trial(company)

    assert "2 flows are paused." in text_of(client, "/log/")
    assert "The free days ended on" in text_of(client)


def test_after_the_end_everything_can_still_be_read_and_edited(company: Company, client: Client):
    end_trial(company)
    pair = {"key": "c6b8", "value": "FR055", "label": "FR 5.5 %"}

    assert client.get(f"/log/{company.held.pk}/").status_code == 200
    assert client.get(f"/flows/{company.orders.pk}/map/").status_code == 200
    assert client.post(f"/flows/{company.orders.pk}/tables/{company.vat.pk}/pairs/", pair).status_code == 302
    with inside(company.organization):
        assert company.vat.rows.filter(key="c6b8", value="FR055").exists()


def test_resuming_by_hand_after_the_end_says_why_not(company: Company, client: Client):
    end_trial(company)

    page = client.post(f"/flows/{company.orders.pk}/resume/", follow=True).content.decode()

    assert "The free days are over and no plan is chosen." in page


def test_ordering_makes_one_order_and_shows_it(company: Company, client: Client):
    filled = form(company)

    answers = [client.post("/plan/order/", filled) for _click in range(2)]

    assert len(orders(company)) == 1
    assert {answer["Location"] for answer in answers} == {f"/plan/orders/{orders(company)[0].pk}/"}
    page = text_of(client, answers[0]["Location"])
    assert "BE0417497106" in page
    assert "The invoice adds 21 % VAT." in page
    assert "Your plan starts on" in text_of(client)
    assert "trial-banner" not in text_of(client, "/")


def test_ordering_after_the_end_lets_the_flows_go_on(company: Company, client: Client):
    end_trial(company)

    client.post("/plan/order/", form(company))

    with inside(company.organization):
        assert {flow.state for flow in Flow.objects.all()} == {Flow.State.ACTIVE}


def test_a_wrong_vat_number_keeps_what_was_typed(company: Company, client: Client):
    page = client.post("/plan/order/", form(company, vat_number="BE123", street="Markt 5")).content.decode()

    assert "This is not a VAT number of Belgium" in page
    assert 'value="Markt 5"' in page
    assert orders(company) == []


def test_a_total_that_was_not_seen_orders_nothing(company: Company, client: Client):
    page = client.post("/plan/order/", form(company, total="1.00")).content.decode()

    assert "it is now €58.00" in page
    assert orders(company) == []


@pytest.mark.parametrize("wrong", [{"total": "sNaN"}, {"total": ""}, {"key": "x", "flow": ["x"], "total": "0.00"}])
def test_nonsense_orders_nothing(company: Company, client: Client, wrong: dict[str, Any]):
    assert client.post("/plan/order/", form(company, **wrong)).status_code == 200
    assert orders(company) == []


def test_the_total_follows_the_choice(company: Company, client: Client):
    part = text_of(client, f"/plan/?flow={company.orders.pk}&period=year&country=NL", hx_request="true")

    assert "<html" not in part
    assert 'value="290.00"' in part
    assert f'<span class="num nowrap right" id="price-{company.products.pk}" hx-swap-oob="true">€290.00<' in part
    assert "no VAT number of another EU country" in part


def test_flows_of_others_and_of_the_demo_company_cannot_be_ordered(company: Company, client: Client):
    other = make_company("other@example.com", name="Other")
    with inside(company.organization):
        demo = make_demo_flow(name="Demo products")

    client.post("/plan/order/", form(company, total="0.00", flow=[str(other.products.pk), str(demo.pk)]))

    assert orders(company) == []
    assert "of the demo company: never charged" in text_of(client)


def test_the_plan_is_cancelled_at_the_end_of_the_period_and_kept_again(company: Company, client: Client):
    client.post("/plan/order/", form(company))

    assert "The plan is cancelled" in client.post("/plan/cancel/", follow=True).content.decode()
    client.post("/plan/keep/")

    with inside(company.organization):
        assert Subscription.objects.get().ends_at is None


def test_the_package_is_ordered_with_wishes(company: Company, client: Client):
    assert "A video call of 45 minutes" in text_of(client, "/plan/onboarding/")
    filled = form(company, total="495.00", phone="+32 9 000 00 00", times="Tuesday")

    client.post("/plan/onboarding/", filled)
    client.post("/plan/onboarding/", filled)

    assert [(order.kind, order.wishes["times"]) for order in orders(company)] == [("onboarding", "Tuesday")]


def test_the_package_needs_a_telephone_number(company: Company, client: Client):
    page = client.post("/plan/onboarding/", form(company, total="495.00", times="Tuesday")).content.decode()

    assert 'id="id_phone_error"' in page
    assert orders(company) == []


@pytest.mark.parametrize("role", [Membership.Role.VIEWER, Membership.Role.EDITOR])
def test_who_does_not_administer_sees_the_state_and_orders_nothing(company: Company, role: str):
    client = member(company, role)

    page = text_of(client)

    assert "9 free days left" in page
    assert "with obligation to pay" not in page
    assert 'name="vat_number"' not in page
    assert {client.post(path, form(company)).status_code for path in POSTS} == {403}
    assert client.get("/plan/use/").status_code == 200


def test_an_admin_sees_the_plan_and_does_not_order(company: Company):
    client = member(company, Membership.Role.ADMIN)

    assert client.get("/plan/").status_code == 200
    assert client.post("/plan/order/", form(company)).status_code == 403
    assert not orders(company)


def test_an_order_is_nobody_elses_business(company: Company):
    with inside(company.organization):
        order = place([company.products], "29.00", now=timezone.now())
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)

    assert signed_in(stranger).get(f"/plan/orders/{order.pk}/").status_code == 404
    assert member(company, Membership.Role.VIEWER).get(f"/plan/orders/{order.pk}/").status_code == 403


def test_a_visitor_signs_in_first(company: Company):
    for path in ("/plan/", "/plan/use/", "/plan/onboarding/"):
        assert Client().get(path)["Location"].startswith("/accounts/login/?next=")


def test_what_orders_cannot_be_reached_by_a_link(client: Client):
    assert {client.get(path).status_code for path in POSTS[:3]} == {405}


def test_use_adds_up_what_every_flow_sent(company: Company, client: Client):
    page = re.sub(r"\s+", " ", text_of(client, "/plan/use/"))

    with inside(company.organization):
        used = use_since(None)[company.products.pk]
    assert used.sent == 30 * 12 + 2
    assert "Records sent" in page


def test_where_nothing_is_sold_the_page_shows_the_use_only(company: Company, client: Client, env: Callable[..., None]):
    env(PLANS=None)

    page = text_of(client)

    assert "<h1>Usage</h1>" in page
    assert "charges for nothing" in page
    assert "trial-banner" not in text_of(client, "/")
    assert client.get("/plan/onboarding/").status_code == 404
    assert client.post("/plan/order/", form(company)).status_code == 404
