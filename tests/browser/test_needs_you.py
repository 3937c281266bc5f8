"""A missing VAT code is chosen on the page from the live list, and all that waited goes out to the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.demo.company import EMAIL, PASSWORD, prepare_demo
from flows.models import CauseTask, Flow, Run, RunRecord, ValueRow
from flows.services import start_run
from tests.browser.conftest import WATCH, Window
from tests.dashboard.setup_site import served_site
from tests.flows.live import work_what_is_due

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
State = RunRecord.State
ODD = "totals.differ"  # export orders of the demo company, which no VAT code brings into line


@pytest.fixture
def demo(tmp_path: Path, env: Callable[..., None]) -> Iterator[tuple[str, Organization]]:
    with served_site(tmp_path, env) as address:
        yield address, prepare_demo(say=lambda text: None)


@pytest.fixture
def window(browser: Browser, demo: tuple[str, Organization]) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    context.add_init_script(WATCH)
    context.set_default_timeout(30_000)
    yield Window(context.new_page(), demo[0])
    context.close()


def hold_orders() -> tuple[Run, ValueRow]:
    """Take away the VAT code that most orders need, and let them run."""
    rows = ValueRow.objects.filter(table__flow__kind="orders", table__name="vat", value="21")
    kept = {row.key: (row.key_label, row.value) for row in rows}
    rows.update(value="", is_confirmed=False)
    run = start_run(Flow.objects.get(kind="orders"), Run.Trigger.MANUAL)
    work_what_is_due()
    keys = [record.params["key"] for record in held(run)]
    most = max(set(keys), key=keys.count)
    assert most in kept
    return run, ValueRow(key=most, key_label=kept[most][0], value=kept[most][1])


def held(run: Run) -> list[RunRecord]:
    return list(RunRecord.objects.filter(run=run, state=State.NEEDS_YOU, code="vat.no_pair"))


def sign_in(window: Window) -> None:
    window.open("/accounts/login/")
    window.page.fill("input[name=login]", EMAIL)
    window.page.fill("input[name=password]", PASSWORD)
    window.page.click("main button[type=submit]")
    window.page.wait_for_url(f"{window.address}/")


def test_a_missing_code_is_chosen_from_the_live_list_and_all_orders_go_out(
    window: Window, demo: tuple[str, Organization]
) -> None:
    with organization_context(demo[1].pk):
        run, missing = hold_orders()
        waiting = [record.pk for record in held(run) if record.params["key"] == missing.key]
    sign_in(window)
    window.open("/needs-you/")
    card = window.page.locator("article.cause", has_text=f"“{missing.key_label}”").first

    expect(card.locator("form.fix")).not_to_be_visible()  # many causes are a list; each is opened by itself
    card.locator("summary").first.click()
    select = card.locator("select[name=value]")
    expect(select).to_have_count(1)  # the list of the other system has been read by then
    expect(card.locator("form.fix")).to_be_visible()  # and the cause is as open as it was
    assert missing.value in select.locator("option").evaluate_all("rows => rows.map(row => row.value)")
    picker = card.locator("button[role=combobox]")
    if picker.count():
        picker.click()
        window.page.keyboard.type(missing.value)
        card.locator("[role=option]", has_text=missing.value).first.click()
    else:
        select.select_option(missing.value)
    words = f"Save and send {len(waiting)} record"
    card.locator("form.fix button[type=submit]", has_text=words).click()
    window.page.wait_for_selector(".toast-x")
    with organization_context(demo[1].pk):
        work_what_is_due()
        codes = list(RunRecord.objects.filter(pk__in=waiting).values_list("code", flat=True))
        sent = RunRecord.objects.filter(pk__in=waiting, state=State.CREATED).count()
        task = CauseTask.objects.get(code="vat.no_pair", params__key=missing.key)

    assert sent == len(waiting) - codes.count(ODD) > 10
    assert (task.state, task.solved_how, str(task.solved_by)) == ("solved", "pair", "Demo user")
    window.open("/needs-you/solved/")
    assert window.problems() == []
