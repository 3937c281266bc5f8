"""A journal entry on the page of a record and in the API, and the form that leads to one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.base import Option
from dashboard.flow_settings.setting_form import SettingForm
from flows.flow_settings import chosen_settings
from flows.models import RunRecord
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company, make_company
from tests.dashboard.test_setting_form import LISTS, posted
from tests.factories import inside, make_record, make_run

ON = {"is_on": True, "value": "400000", "uses_table": True, "no_pair": "default"}
pytestmark = pytest.mark.django_db
LINES = [
    {"accountNumber": "400000", "debitAmountInCurrency": 1210.5, "transactionDescription": "2026/1 Peeters"},
    {"accountNumber": "700000", "creditAmountInCurrency": 1210.5, "vatCodeId": "21"},
]
EXCHANGE = {"fields": {"currencyId": "EUR", "journalTransactionLines": LINES}, "sent": {}, "answer": {}}


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def booked(company: Company) -> RunRecord:
    with inside(company.organization):
        run = make_run(company.orders)
        return make_record(run, "2026/1", kind="orders", exchange=EXCHANGE, target_id="000012", target_number="000012")


def test_the_page_of_a_record_shows_what_was_booked(company: Company, booked: RunRecord):
    client = Client()
    client.force_login(company.owner)

    page = client.get(reverse("dashboard:record", args=[booked.pk])).content.decode()

    section = page[page.index('id="entry"') : page.index("</section>", page.index('id="entry"'))]
    cells = [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", section)]
    assert cells[4:8] == ["400000 2026/1 Peeters", "", "1,210.50", ""]
    assert cells[8:12] == ["700000", "21", "", "1,210.50"]
    assert cells[12:] == ["Total EUR", "", "1,210.50", "1,210.50"]


def test_a_program_reads_the_entry(company: Company, booked: RunRecord):
    entry = Program(company.organization, "records:contents").get(f"records/{booked.pk}/contents/")["entry"]

    assert (entry["currency"], float(entry["total"])) == ("EUR", 1210.5)
    assert [(one["account"], float(one["debit"]), float(one["credit"])) for one in entry["lines"]] == [
        ("400000", 1210.5, 0),
        ("700000", 0, 1210.5),
    ]


@pytest.mark.parametrize(
    ("how", "missing"),
    [("simple", {"receivable_account", "revenue_account"}),
     ("complex", {"receivable_account", "revenue_account", "vat_account"})],
)  # fmt: skip
def test_the_form_asks_for_the_accounts_that_every_entry_needs(company: Company, how: str, missing: set[str]):
    def sent(**changes: Any) -> SettingForm:
        lists = {**LISTS, "accounts": [Option("400000", "400000 · Trade debtors")]}
        form = SettingForm(company.orders, lists, [])
        return SettingForm(company.orders, lists, [], posted(form, mutation_type=how, **changes))

    with inside(company.organization):
        assert chosen_settings(company.orders)
        assert set(sent(send_as="financial_mutation").errors) == missing
        assert not sent(send_as="sales_order").errors
        chosen = {name: "400000" if name == "receivable_account" else ON for name in missing}
        assert not sent(send_as="financial_mutation", **chosen).errors


def test_settings_that_play_no_part_are_not_shown(company: Company):
    def shown() -> set[str]:
        return {group.key for group in SettingForm(company.orders, LISTS, []).groups if group.shown}

    with inside(company.organization):
        as_order = shown()
        company.orders.settings = {**company.orders.settings, "send_as": "financial_mutation"}
        as_entry = shown()

    assert "mutation" not in as_order
    assert "mutation" in as_entry
