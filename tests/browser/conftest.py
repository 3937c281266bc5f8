"""Chromium for the browser tests: one browser, a fresh context per test that remembers everything that went wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.dashboard.company import Company, make_company
from tests.factories import PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = settings.BASE_DIR / "screenshots"
# A violation is an event in the page; it is kept where the test can read it.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(
  event.violatedDirective + " " + event.blockedURI + " " + (event.sample || "")));
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or "/usr/bin/chromium"
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv(
            "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
        )  # Playwright's own loop runs in this thread; we write no async
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Window:
    """A page of one size, language and theme, and what went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("load")

    def sign_in(self, company: Company) -> None:
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", company.owner.email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(f"{self.address}/")

    def problems(self) -> list[str]:
        """Return console errors, policy violations and a page wider than its window."""
        violations = self.page.evaluate("window.violations || []")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*self.errors, *violations, *([f"{wide} px too wide"] if wide > 0 else [])]

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=Path(SHOTS / f"{name}.png"), full_page=True)


@pytest.fixture
def company(transactional_db: None) -> Company:
    return make_company()


@pytest.fixture
def open_window(browser: Browser, company: Company, live_server: Any) -> Iterator[Any]:
    """Return a function that opens a window: open_window(width=390, theme="dark", language="nl")."""
    contexts: list[BrowserContext] = []

    def open_one(*, width: int = 1440, theme: str = "light", language: str = "en") -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            timezone_id="Europe/Brussels",
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        context.set_default_timeout(15_000)
        return Window(context.new_page(), live_server.url)

    yield open_one
    for context in contexts:
        context.close()
