"""The pages in a real browser: strict policy, no console error, no sideways scrolling, in every size and language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboard.company import Company

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [
    (1440, "light", "en"),
    (1440, "dark", "en"),
    (390, "light", "en"),
    (390, "dark", "nl"),
    (1440, "light", "fr"),
    (390, "light", "fr"),
    (1440, "light", "nl"),
]


def paths_of(company: Company) -> dict[str, str]:
    return {
        "overview": "/",
        "needs-you": "/needs-you/",
        "log": "/log/",
        "log-empty": "/log/?q=2026%2F0988",
        "record-sent": f"/log/{company.sent.pk}/",
        "record-held": f"/log/{company.held.pk}/",
        "flow": f"/flows/{company.products.pk}/",
        "flow-map": f"/flows/{company.products.pk}/map/",
        "flow-tables": f"/flows/{company.orders.pk}/tables/",
        "flow-settings": f"/flows/{company.orders.pk}/settings/",
        "connections": "/connections/",
        "password": "/accounts/password/change/",
        "email": "/accounts/email/",
        "two-step": "/accounts/2fa/",
        "sessions": "/accounts/sessions/",
    }


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_every_page_is_clean(open_window: Any, company: Company, width: int, theme: str, language: str) -> None:
    window = open_window(width=width, theme=theme, language=language)
    found: dict[str, list[str]] = {}

    for name, path in {"sign-in": "/accounts/login/", "sign-up": "/accounts/signup/"}.items():
        window.open(path)
        window.shoot(f"{name}-{width}-{theme}-{language}")
        found[name] = window.problems()
    window.sign_in(company)
    for name, path in paths_of(company).items():
        window.open(path)
        window.shoot(f"{name}-{width}-{theme}-{language}")
        found[name] = window.problems()

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

    with window.page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true") as answer:
        window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert "<html" not in answer.value.text()
    assert window.page.locator("#live").count() == 1
    assert window.problems() == []
