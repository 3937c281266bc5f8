"""From sign-up to a running pair without a terminal, in a real browser, against the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Browser, expect

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow, Run
from tests.browser.conftest import WATCH, Window
from tests.dashboard.setup_site import served_site
from tests.factories import PASSWORD
from tests.flows.live import work_what_is_due

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light")]


@pytest.fixture
def site(tmp_path: Path, env: Callable[..., None]) -> Iterator[str]:
    with served_site(tmp_path, env) as address:
        yield address


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def window(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Window]:
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="en")
    context.add_init_script(WATCH)
    context.set_default_timeout(30_000)
    yield Window(context.new_page(), site)
    context.close()


def sign_up(window: Window) -> None:
    window.open("/accounts/signup/")
    window.page.fill("input[name=name]", "Joris De Wilde")
    window.page.fill("input[name=company]", "De Wilde BV")
    window.page.fill("input[name=email]", "joris@example.com")
    window.page.fill("input[name=password1]", PASSWORD)
    window.page.click("main button[type=submit]")
    window.page.wait_for_url("**/accounts/confirm-email/")
    link = re.search(r"(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    window.open(link.group(1))
    window.page.click("main button[type=submit]")
    window.page.wait_for_url("**/accounts/login/**")
    window.page.fill("input[name=login]", "joris@example.com")
    window.page.fill("input[name=password]", PASSWORD)
    window.page.click("main button[type=submit]")
    window.page.wait_for_selector("text=Link your first two systems")


def choose_where_open(window: Window) -> None:
    """Answer every value that would hold records back: each choice is saved by itself."""
    rows = window.page.locator("tr.todo")
    for left in range(rows.count() - 1, -1, -1):
        rows.first.locator("select").select_option(index=1)
        expect(rows).to_have_count(left)
    expect(window.page.locator("#open-count")).to_be_empty()


def test_from_sign_up_to_a_running_pair(window: Window, request: pytest.FixtureRequest) -> None:
    look = request.node.callspec.id
    found: dict[str, list[str]] = {}

    def shoot(name: str) -> None:
        width = window.page.viewport_size["width"]
        height = window.page.evaluate("document.documentElement.scrollHeight")
        window.page.set_viewport_size({"width": width, "height": max(900, height)})  # the bar at the bottom is sticky
        window.shoot(f"setup-{name}-{look}")
        window.page.set_viewport_size({"width": width, "height": 900})
        found[name] = window.problems()

    sign_up(window)
    shoot("0-empty")
    window.page.click("main >> text=Set up")
    window.page.wait_for_selector("h1:has-text('Which two systems')")
    shoot("1-systems")
    window.open("/setup/production/authorise/")
    shoot("2-authorise-own")
    window.open("/setup/systems/")
    window.page.click("text=Try with a demo company")
    window.page.wait_for_selector("h1:has-text('Let us in')")
    window.page.locator("#visma_net >> text=Check now").click()
    window.page.wait_for_selector("text=What we tried just now")
    shoot("2-authorise")
    window.page.locator("#teamleader summary").click()
    window.page.locator("#teamleader >> text=Sign in to Teamleader").click()
    window.page.wait_for_selector("#teamleader .checklist")
    shoot("2-signed-in")
    window.page.click(".wz-foot >> text=Continue")
    window.page.wait_for_selector("h1:has-text('What should go where')")
    window.page.locator("input[name=customers-is_on]").uncheck()
    shoot("3-flows")
    window.page.click(".wz-foot >> text=Continue")
    window.page.wait_for_selector("h1:has-text('Only what we cannot know')")
    shoot("4-questions")
    choose_where_open(window)
    window.page.locator("form.panel:has(.pill.brand) button[type=submit]").first.click()
    window.page.wait_for_selector("text=Saved.")
    window.page.locator("input[name=settings-orders-text_line_item]").fill("SRV-10085")
    window.page.click("text=Save these settings")
    window.page.wait_for_selector("text=Saved.")
    shoot("4-answered")
    window.page.click("text=Continue to the test")
    window.page.click("text=Start the dry run")
    window.page.wait_for_selector("h1:has-text('This is what would happen')")
    shoot("5-test")
    window.page.click("text=Looks right, activate")
    window.page.wait_for_selector("text=First runs")
    shoot("6-started")
    organization = Organization.objects.get()
    with organization_context(organization.pk):
        work_what_is_due()
        states = set(Flow.objects.values_list("state", flat=True))
        runs = Run.objects.filter(state=Run.State.DONE).count()
    window.page.reload()
    shoot("6-done")

    assert {name: problems for name, problems in found.items() if problems} == {}
    assert states == {Flow.State.ACTIVE}
    assert runs >= 1
