"""The plan page in a real browser: the total follows the choice, an order is placed, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apicenter.billing.models import Order
from flows.plans import charging
from tests.billing import DETAILS, charge
from tests.dashboard.company import Company
from tests.factories import inside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "en"), (390, "dark", "fr")])
def test_a_plan_is_chosen_and_ordered(
    open_window: Any, company: Company, env: Callable[..., None], width: int, theme: str, language: str
) -> None:
    charge(env)
    with inside(company.organization):
        charging.begin_trial(company.products, now=timezone.now() - timedelta(days=5))
    window = open_window(width=width, theme=theme, language=language)
    window.sign_in(company)
    window.open("/plan/")
    window.shoot(f"plan-{width}-{theme}-{language}")
    assert window.problems() == []

    window.page.locator("input[name=period][value=year] + span").click()
    window.page.wait_for_selector("#plan-sum input[name=total][value='580.00']", state="attached")
    window.page.locator("input[name=flow]").nth(1).uncheck()
    window.page.wait_for_selector("#plan-sum input[name=total][value='290.00']", state="attached")
    for name in ("street", "postal_code", "city", "vat_number"):
        window.page.fill(f"input[name={name}]", DETAILS[name])
    with window.page.expect_response(lambda answer: "vat_number=BE" in answer.url):  # it changes the total
        window.page.press("input[name=vat_number]", "Tab")
    window.page.wait_for_load_state("networkidle")
    window.page.click(".ordbox button")
    window.page.wait_for_url("**/plan/orders/*/")

    with inside(company.organization):
        order = Order.objects.get()
    assert (str(order.recurring_amount), order.period) == ("290.00", "year")
    assert window.problems() == []
