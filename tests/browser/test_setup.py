"""From sign-up to a running pair without a terminal, in a real browser, against the sandbox."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core import mail
from playwright.sync_api import Browser, expect

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from dashboard.setup.inquiries import Recipient, send_inquiry
from flows.models import Flow, RunRecord, ValueTable
from tests.browser.conftest import LOOKS, WATCH, Window
from tests.dashboard.people import signed_in
from tests.dashboard.setup_site import choose_flows, served_site
from tests.factories import PASSWORD, make_organization, make_user
from tests.flows.live import work_what_is_due

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# a sign-up takes a minute: one for each language, both widths and both themes among them
SETUP_LOOKS = LOOKS if os.environ.get("EVERY_LOOK") else [LOOKS[0], LOOKS[1], LOOKS[3]]


@pytest.fixture
def site(tmp_path: Path, env: Callable[..., None]) -> Iterator[str]:
    with served_site(tmp_path, env) as address:
        yield address


@pytest.fixture(params=SETUP_LOOKS, ids=lambda look: f"{look[0]}-{look[1]}-{look[2]}")
def window(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Window]:
    width, theme, language = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale=language)
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
    window.page.wait_for_selector("main a[href='/setup/']")


def switch_on(window: Window, kind: str) -> None:
    """Switch a flow on; it is saved by itself."""
    window.page.locator(f"#id_{kind}-is_on").check()
    window.page.wait_for_selector(f"#flow-{kind} span.ok")


def choose_where_open(window: Window) -> None:
    """Answer every value that would hold records back: each choice is saved by itself."""
    rows = window.page.locator("tr.todo")
    for left in range(rows.count() - 1, -1, -1):
        rows.first.locator("select").select_option(index=1)
        expect(rows).to_have_count(left)
    expect(window.page.locator("#open-count.ok")).to_be_visible()


def is_hidden_by_the_foot(window: Window) -> bool:
    """Whether the control that has the focus lies under the bar at the bottom."""
    return bool(
        window.page.evaluate(
            """() => {
              const place = document.activeElement.getBoundingClientRect();
              const bar = document.querySelector(".wz-foot").getBoundingClientRect();
              return !document.activeElement.closest(".wz-foot") && place.bottom > bar.top && place.top < bar.bottom;
            }"""
        )
    )


def tab_through(window: Window, count: int) -> list[str]:
    """Go on with the Tab key and return the controls that the bar at the bottom hides."""
    hidden: list[str] = []
    window.page.emulate_media(reduced_motion="reduce")  # without motion, a place is reached at once
    for _step in range(count):
        window.page.keyboard.press("Tab")
        if is_hidden_by_the_foot(window):
            hidden.append(window.page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    window.page.emulate_media(reduced_motion="no-preference")
    return hidden


def test_from_sign_up_to_the_first_order_in_the_log(window: Window, request: pytest.FixtureRequest) -> None:
    look = request.node.callspec.id
    page, found = window.page, dict[str, list[str]]()

    def shoot(name: str) -> None:
        width = page.viewport_size["width"]
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(900, height)})  # the bar at the bottom is sticky
        window.shoot(f"setup-{name}-{look}")
        page.set_viewport_size({"width": width, "height": 900})
        found[name] = window.problems()

    sign_up(window)
    shoot("0-empty")
    page.click("main a[href='/setup/']")
    page.wait_for_selector("form[action='/setup/systems/']")
    shoot("1-systems")
    window.open("/setup/production/authorise/")
    shoot("2-authorise-own")
    window.open("/setup/systems/")
    page.click("form[action='/setup/systems/'] button")
    page.wait_for_selector("#teamleader")
    page.locator("#visma_net form[action$='/check/'] button").click()
    page.wait_for_selector("#visma_net .checklist")
    shoot("2-authorise")
    page.locator("#teamleader summary").click()
    page.locator("#teamleader .entry button[type=submit]").click()
    page.wait_for_selector("#teamleader .checklist")
    shoot("2-signed-in")
    page.click(".wz-foot a.btn-primary")
    page.wait_for_selector("#flow-products .found:not(:empty)")
    for kind in ("products", "orders"):
        switch_on(window, kind)
    with page.expect_response(lambda answer: answer.url.endswith("/flows/orders/")):
        page.fill("#id_orders-start", "2026-01-01")
    page.wait_for_selector("#flow-orders .found:has-text('1 jan')")
    shoot("3-flows")
    page.click(".wz-foot button.btn-primary")
    page.wait_for_selector("#open-count")
    shoot("4-questions")
    assert tab_through(window, 40) == []
    page.click("form[action$='/questions/confirm/'] button")
    page.wait_for_selector(".toast-x")
    choose_where_open(window)
    page.locator("details.setgroup:has([name=settings-orders-text_line_item]) > summary").click()
    page.locator("input[name=settings-orders-text_line_item]").fill("SRV-10085")
    page.locator("form[action$='/settings/']").last.locator("button[type=submit]").click()
    page.wait_for_selector(".toast-x")
    shoot("4-answered")
    page.locator("a[href$='/ask/']").first.click()
    page.wait_for_selector("#ask_email")
    shoot("4-ask")
    window.open("/setup/sandbox/test/")
    expect(page.locator(".lightgroup .i.spin")).to_have_count(0, timeout=60_000)
    page.locator("form[hx-target='#trial'] button").click()
    page.wait_for_selector("#foot-act form[action$='/activate/'] .btn-primary")
    page.locator(".tline summary").first.click()
    shoot("5-test")
    page.click("form[action$='/activate/'] button")
    page.wait_for_selector("#live")
    shoot("6-started")
    organization = Organization.objects.get()
    with organization_context(organization.pk):
        work_what_is_due()
        states = set(Flow.objects.values_list("state", flat=True))
        order = RunRecord.objects.filter(kind="orders", state=RunRecord.State.CREATED).order_by("created_at")[0]
    page.reload()
    shoot("6-done")
    window.open(f"/log/?q={quote(order.natural_key)}")
    page.wait_for_selector(f"#log-list >> text={order.natural_key}")
    shoot("7-log")

    assert {name: problems for name, problems in found.items() if problems} == {}
    assert states == {Flow.State.ACTIVE}
    assert page.get_attribute("html", "lang") == look.rpartition("-")[2]


def test_somebody_without_an_account_answers_by_link(window: Window, site: str) -> None:
    owner = make_user()
    organization = make_organization(owner=owner)
    client = signed_in(owner)
    choose_flows(client)
    with organization_context(organization.pk):
        table = ValueTable.objects.filter(flow__kind="orders", name="customer_class").get()
        to = Recipient("Marie Peeters", "marie@example.com", "fr", "Which class, please?")
        send_inquiry(table, to, rows=[], asked_by=owner)
    link = re.search(r"/setup/answer/\S+", str(mail.outbox[-1].body))
    assert link is not None

    window.open(link.group(0))
    window.page.locator("select").first.select_option(index=1)
    window.page.click("main button[type=submit]")
    window.page.wait_for_selector(".note.ok")
    window.shoot(f"setup-inquiry-{window.page.viewport_size['width']}")

    assert window.problems() == []
    assert window.page.get_attribute("html", "lang") == "fr"
    assert window.page.locator("a[href='/'], nav").count() == 0
