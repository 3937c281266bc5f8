"""The mapping editor in a real browser: a field is edited, tried, published, and its new value arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from apicenter.tenancy import organization_context
from connectors.sandbox.models import Thing
from flows.demo.company import EMAIL, PASSWORD, prepare_demo
from flows.models import Flow, Run, RunRecord
from flows.services import start_run
from tests.browser.conftest import WATCH, Window
from tests.dashboard.setup_site import served_site
from tests.flows.live import work_what_is_due

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ITEMS = 8


@pytest.fixture
def site(tmp_path: Path, env: Callable[..., None]) -> Iterator[str]:
    with served_site(tmp_path, env) as address:
        yield address


@pytest.fixture
def flow(site: str) -> Iterator[Flow]:
    """The demo's products flow after its first run, with a handful of items so that a run takes a moment."""
    organization = prepare_demo(say=lambda text: None)
    with organization_context(organization.pk):
        items = Thing.objects.filter(account__system="visma_net", kind="inventory").order_by("pk")
        items.exclude(pk__in=items.values_list("pk", flat=True)[:ITEMS]).delete()
        made = Flow.objects.get(kind="products")
        run_flow(made)
        yield made


def run_flow(flow: Flow) -> Run:
    run = start_run(flow, Run.Trigger.MANUAL, since=LONG_AGO)
    work_what_is_due()
    run.refresh_from_db()
    return run


@pytest.fixture
def open_window(browser: Browser, site: str) -> Iterator[Callable[..., Window]]:
    contexts: list[BrowserContext] = []

    def open_one(*, width: int = 1440, theme: str = "light", scripts: bool = True) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en", java_script_enabled=scripts
        )
        contexts.append(context)
        if scripts:
            context.add_init_script(WATCH)
        context.set_default_timeout(30_000)
        window = Window(context.new_page(), site)
        window.open("/accounts/login/")
        window.page.fill("input[name=login]", EMAIL)
        window.page.fill("input[name=password]", PASSWORD)
        window.page.click("main button[type=submit]")
        window.page.wait_for_url(f"{site}/")
        return window

    yield open_one
    for context in contexts:
        context.close()


def editor(flow: Flow, query: str = "") -> str:
    return f"/flows/{flow.pk}/map/{query}"


def test_an_edit_is_tried_published_and_arrives(open_window: Callable[..., Window], flow: Flow) -> None:
    window = open_window()
    page = window.page
    window.open(editor(flow))

    page.click('tr:has(.c-tgt b:text-is("Name")) a.src')
    page.click("#add-function > summary")
    page.fill("#function-q", "put in front")
    page.keyboard.press("Enter")
    expect(page.locator("#step-1")).to_be_visible()
    page.fill("#arg-1-text", "New ")
    expect(page.locator(".step.out .now")).to_contain_text("New ")
    expect(page.locator("#arg-1-text")).to_be_focused()
    assert page.input_value("#arg-1-text") == "New "
    page.click("text=Dry run")
    page.click("text=Start the dry run")
    page.wait_for_selector(".trial-line")
    expect(page.locator(".trial-line .now").first).to_contain_text("New ")
    page.click("text=Go on to publish")
    page.fill("#note", "Say that they are new")
    page.click(".pubform button")
    page.wait_for_selector(".toast-x")
    run = run_flow(flow)
    record = RunRecord.objects.filter(run=run, state=RunRecord.State.UPDATED).first()

    assert record is not None
    window.open(f"/log/{record.pk}/")
    assert '"New ' in page.inner_text("#sent")
    window.open(editor(flow, "history/"))
    expect(page.locator("h1")).to_have_text("What changed from version 1 to version 2")
    assert window.problems() == []


def test_the_keyboard_alone_is_enough(open_window: Callable[..., Window], flow: Flow) -> None:
    window = open_window()
    page = window.page
    window.open(editor(flow))

    for key in ("j", "j"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#inspector h2")).to_have_text("Name")
    page.click("#add-function > summary")
    page.fill("#function-q", "capitals")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#step-1")).to_be_visible()
    page.locator("#step-1").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#chain li").first).not_to_contain_text("Trim")
    expect(page.locator("#step-0")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#inspector")).to_have_count(0)
    expect(page.locator("#f-products--name-open")).to_be_focused()
    page.click("#undo")
    expect(page.locator("#redo")).to_be_enabled()
    page.click("#undo")
    expect(page.locator(".ed-head .pill")).to_contain_text("Live")
    assert window.problems() == []


def test_functions_change_places_by_mouse(open_window: Callable[..., Window], flow: Flow) -> None:
    window = open_window()
    page = window.page
    window.open(editor(flow, "?field=name"))
    page.click("#add-function > summary")
    page.click("#function-choices button[value=upper]")
    expect(page.locator("#step-1")).to_be_visible()

    page.locator("#step-1 .grip").drag_to(page.locator("#step-0 .grip"))

    expect(page.locator("#chain li").first).to_contain_text("Capitals")
    expect(page.locator("#chain li").first).to_have_attribute("data-index", "0")


def test_the_editor_works_without_javascript(open_window: Callable[..., Window], flow: Flow) -> None:
    window = open_window(scripts=False)
    page = window.page
    window.open(editor(flow, "?field=name"))

    page.click("#source-picker > summary")
    page.click("#source-choices button[value=long_text] >> nth=0")
    expect(page.locator(".step.io .sh")).to_contain_text("long_text")
    page.click('tr:has(.c-tgt b:text-is("Name")) button[value=toggle_update]')
    expect(page.locator('tr:has(.c-tgt b:text-is("Name")) button[value=toggle_update]')).to_have_attribute(
        "aria-checked", "false"
    )
    page.click("#revert")

    expect(page.locator(".ed-head .pill")).to_contain_text("Live")


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (390, "dark"), (1440, "dark")])
def test_every_page_of_the_editor_is_clean(
    open_window: Callable[..., Window], flow: Flow, width: int, theme: str
) -> None:
    window = open_window(width=width, theme=theme)
    found: dict[str, list[str]] = {}

    orders = Flow.objects.get(kind="orders")
    paths = {
        "editor": editor(flow),
        "field": editor(flow, "?field=tax_rate_id"),
        "orders": editor(orders, "?field=unitOfMeasure&list=orderLines"),
        "customers": editor(orders, "?kind=customers"),
        "trial": editor(flow, "trial/"),
        "publish": editor(flow, "publish/"),
        "history": editor(flow, "history/"),
    }
    for name, path in paths.items():
        window.open(path)
        window.shoot(f"mapping-{name}-{width}-{theme}")
        found[name] = window.problems()

    assert {name: problems for name, problems in found.items() if problems} == {}
