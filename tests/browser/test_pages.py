"""The pages in a real browser: strict policy, no console error, no sideways scrolling, in every size and language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import LOOKS
from tests.dashboard.company import Company

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN_TO_ALL = {
    "help-open": "/help/value-tables/",
    "landing": "/",
    "privacy": "/privacy/",
    "data-processing": "/data-processing/",
    "terms": "/terms/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
}


def paths_of(company: Company) -> dict[str, str]:
    return {
        "overview": "/",
        "needs-you": "/needs-you/",
        "log": "/log/",
        "log-filtered": "/log/?kind=orders&state=needs_you&time=week&cause=vat.no_pair",
        "log-empty": "/log/?q=2026%2F0988",
        "record-sent": f"/log/{company.sent.pk}/",
        "record-held": f"/log/{company.held.pk}/",
        "flow": f"/flows/{company.products.pk}/",
        "flow-map": f"/flows/{company.products.pk}/map/",
        "flow-map-field": f"/flows/{company.products.pk}/map/?field=name",
        "flow-map-history": f"/flows/{company.products.pk}/map/history/",
        "flow-tables": f"/flows/{company.orders.pk}/tables/",
        "flow-settings": f"/flows/{company.products.pk}/settings/",
        "flow-filters": f"/flows/{company.orders.pk}/filters/",
        "flow-schedule": f"/flows/{company.orders.pk}/schedule/",
        "flow-check": f"/flows/{company.orders.pk}/check/",
        "flow-backfill": f"/flows/{company.orders.pk}/backfill/",
        "flow-delete": f"/flows/{company.orders.pk}/delete/",
        "run": f"/flows/{company.products.pk}/runs/{company.run.pk}/",
        "tables": "/tables/",
        "table": f"/tables/{company.vat.pk}/",
        "table-import": f"/tables/{company.vat.pk}/import/",
        "needs-solved": "/needs-you/solved/",
        "needs-aside": "/needs-you/aside/",
        "connections": "/connections/",
        "api-access": "/api-access/",
        "api-reference": "/api/docs/",
        "use": "/plan/use/",
        "team": "/company/team/",
        "invite": "/company/team/invite/",
        "trail": "/company/trail/",
        "company-settings": "/company/settings/",
        "company-data": "/company/data/",
        "you": "/you/",
        "disconnect": f"/connections/{company.visma_net.pk}/disconnect/",
        "messages": "/notifications/",
        "notifications": "/notifications/mine/",
        "notifications-company": "/notifications/company/",
        "webhooks": "/notifications/webhooks/",
        "help": "/help/",
        "help-found": "/help/?q=btw",
        "help-article": "/help/connect-visma-net/",
        "password": "/accounts/password/change/",
        "email": "/accounts/email/",
        "two-step": "/accounts/2fa/",
        "sessions": "/accounts/sessions/",
    }


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_every_page_is_clean(open_window: Any, company: Company, width: int, theme: str, language: str) -> None:
    window = open_window(width=width, theme=theme, language=language)
    found: dict[str, list[str]] = {}

    for name, path in OPEN_TO_ALL.items():
        window.open(path)
        window.shoot(f"{name}-{width}-{theme}-{language}")
        found[name] = window.problems() + window.barriers()
    window.sign_in(company)
    for name, path in paths_of(company).items():
        window.open(path)
        window.shoot(f"{name}-{width}-{theme}-{language}")
        found[name] = window.problems() + window.barriers()

    assert {name: problems for name, problems in found.items() if problems} == {}
    assert window.page.get_attribute("html", "lang") == language


def test_the_log_filters_while_one_types_and_keeps_the_address(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    window.open("/log/")

    window.page.fill("#log-q", "VV-1042")
    window.page.wait_for_url("**/log/?q=VV-1042*")

    assert window.page.locator("#log-list tbody tr").count() == 1
    assert window.problems() == []


def test_the_theme_switch_outlives_the_page(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)

    window.page.click("header details summary")
    window.page.click("button[name=theme][value=dark]")
    window.page.wait_for_selector("html[data-bs-theme=dark]")
    window.open("/log/")

    assert window.page.get_attribute("html", "data-bs-theme") == "dark"
    assert window.problems() == []


def test_slash_goes_to_the_search(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)

    window.page.keyboard.press("/")
    window.page.keyboard.type("2026/1193")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/log/?q=2026*1193")

    assert window.page.locator("#log-list tbody tr").count() == 1


def test_choosing_a_counterpart_sends_what_waits(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    window.open("/needs-you/")

    window.page.locator("form.fix input[name=value]").fill("FR055")
    window.page.click("form.fix button[type=submit]")
    window.page.wait_for_selector(".toast-x")

    assert "4 records are sent again" in window.page.inner_text(".toast-x")
    assert window.page.locator("form.fix").count() == 0


def test_a_live_part_refreshes_itself_in_place(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)

    with window.page.expect_response(f"{window.address}/") as answer:
        window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert "<html" not in answer.value.text()
    assert window.page.locator("#live").count() == 1
    assert window.problems() == []


def test_the_chart_is_drawn_from_the_table_and_outlives_a_refresh(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    page = window.page

    page.wait_for_selector(".plot canvas")
    page.click(".as-table summary")
    with page.expect_response(lambda answer: "/chart/" in answer.url):
        page.click("#chart >> text=14 days")
    page.wait_for_selector("#chart-table tbody tr:nth-child(14)")
    with page.expect_response(f"{window.address}/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    window.settle()

    assert page.locator(".plot canvas").count() == 1
    assert page.locator("#chart-details").get_attribute("open") is not None
    assert page.locator("#chart-table tbody tr").count() == 14
    assert window.problems() == []


def test_keys_go_through_the_list_select_and_open(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    window.open("/log/?kind=orders&state=needs_you")
    page = window.page

    for key in ("j", "j", "k", "x"):
        page.keyboard.press(key)
    page.wait_for_selector(".bulk:has-text('1 selected')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".bulk", state="hidden")
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#keys", state="hidden")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url("**/log/*-*/")

    assert window.problems() == []


def test_keys_that_are_switched_off_do_nothing(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    page = window.page
    page.click("[data-keys]")
    page.click("#keys-on")
    page.keyboard.press("Escape")

    page.keyboard.press("?")

    assert page.locator("dialog#keys[open]").count() == 0
    window.open("/log/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_a_filter_is_a_chip_and_stays_while_one_types(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    window.open("/log/")
    page = window.page

    page.click("#log-chips summary:has-text('Kind')")
    page.click("#log-chips details[open] .menu a:has-text('Order')")
    page.wait_for_url("**/log/?kind=orders")
    page.fill("#log-q", "1193")
    page.wait_for_url("**/log/?q=1193&kind=orders")
    page.wait_for_selector("#log-chips .off[href='?q=1193']")

    assert page.locator("#log-list tbody tr").count() == 1
    assert page.get_attribute("#log-export", "href").endswith("?q=1193&kind=orders")
    assert window.problems() == []


def test_the_lines_of_a_pane_are_copied_as_they_stand(open_window: Any, company: Company) -> None:
    window = open_window()
    window.sign_in(company)
    window.open(f"/log/{company.sent.pk}/")

    text = window.page.locator("#received").evaluate("element => element.textContent")

    assert text.startswith('{\n  "inventoryNumber": "VV-1042-BRS",\n')
    assert "very-secret" not in text
