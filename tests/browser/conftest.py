"""Chromium for the browser tests: one browser, a fresh context per test that remembers everything that went wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from apicenter.organizations.models import User
from tests.dashboard.company import Company, make_company
from tests.factories import PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = settings.BASE_DIR / "docs" / "screenshots"
SETTLE_ATTEMPTS, SETTLE_STEP = 100, 50  # milliseconds
Look = tuple[int, str, str]  # width, theme, language
# Each width, theme and language once with each other kind; all of them for `make screenshots`.
LOOKS: list[Look] = [(1440, "light", "en"), (1440, "dark", "fr"), (390, "light", "fr"), (390, "dark", "nl")]
IS_SHOOTING = bool(os.environ.get("EVERY_LOOK"))
if IS_SHOOTING:
    LOOKS = list(product((1440, 390), ("light", "dark"), ("en", "fr", "nl")))
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

    def __init__(self, page: Page, address: str, *, language: str = "en") -> None:
        self.page = page
        self.address = address
        self.language = language
        self.errors: list[str] = []
        self.asked: set[Request] = set()  # and not answered yet
        page.on("request", lambda request: self.asked.add(request))
        page.on("requestfinished", lambda request: self.asked.discard(request))
        page.on("requestfailed", lambda request: self.asked.discard(request))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("load")

    def settle(self) -> None:
        """Wait until nothing is being answered: a late request would meet the database while it is emptied."""
        for _attempt in range(SETTLE_ATTEMPTS):
            if not self.asked:
                return
            self.page.wait_for_timeout(SETTLE_STEP)

    def sign_in(self, company: Company) -> None:
        User.objects.filter(pk=company.owner.pk).update(language=self.language)  # a profile wins over the browser
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

    def barriers(self) -> list[str]:
        """Return what axe finds on this page that is serious or critical: rule, help and the first elements."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(
                AXE.read_text()
            )  # run by the debugger, so the policy of the page stays as strict as it is
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)")
        return [
            f"{one['id']}: {one['help']}: " + ", ".join(str(node["target"]) for node in one["nodes"][:4])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    def shoot(self, name: str) -> None:
        """Take a picture of the whole page for `make screenshots`; a test looks at none, and they take a while."""
        if not IS_SHOOTING:
            return
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=Path(SHOTS / f"{name}.png"), full_page=True)


@pytest.fixture
def company(transactional_db: None) -> Company:
    return make_company()


@pytest.fixture
def open_window(browser: Browser, company: Company, live_server: Any) -> Iterator[Any]:
    """Return a function that opens a window: open_window(width=390, theme="dark", language="nl")."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def open_one(*, width: int = 1440, theme: str = "light", language: str = "en") -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            timezone_id="Europe/Brussels",
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        context.set_default_timeout(60_000)  # only ends what hangs
        windows.append(Window(context.new_page(), live_server.url, language=language))
        return windows[-1]

    yield open_one
    for window in windows:
        window.settle()
    for context in contexts:
        context.close()
