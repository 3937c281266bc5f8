"""The fake Visma.net: journal transactions."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apicenter.organizations.models import Organization
from connectors.sandbox import services
from connectors.sandbox.models import Account
from tests.connectors.sandbox.company import Company, number_of, wrap

pytestmark = pytest.mark.django_db
PATH = "/v2/journaltransaction"
DEBIT: dict[str, Any] = {"accountNumber": "400000", "debitAmountInCurrency": 121, "referenceNumber": "TL-47"}
CREDIT: dict[str, Any] = {"accountNumber": "700000", "creditAmountInCurrency": 121, "vatCodeId": "21"}


@pytest.fixture
def company(company: Company) -> Company:
    services.set_options(company.account, strict=True)
    return company


def batch(*rows: dict[str, Any], **head: Any) -> dict[str, Any]:
    lines = rows or (DEBIT, CREDIT)
    return {
        **wrap(**{"transactionDate": f"{timezone.now():%Y-%m-%d}", "description": "TL", **head}),
        "journalTransactionLines": [{"operation": "Insert", **wrap(**row)} for row in lines],
    }


def this_period() -> str:
    return f"{timezone.now():%Y%m}"


def test_a_batch_is_found_by_its_period_and_released(company: Company):
    number = number_of(company.call("POST", PATH, body=batch(ledger="1")))
    found = company.get(PATH, periodId=this_period(), module="GL")
    released = company.call("POST", f"{PATH}/{number}/action/release", body={})

    assert [line["referenceNumber"] for line in found[0]["journalTransactionLines"]] == ["TL-47", None]
    assert released.json()["actionResult"] == "Done"
    assert company.get(f"{PATH}/{number}")["status"] == "Unposted"
    assert company.get(PATH, periodId=this_period(), module="AR") == []


@pytest.mark.parametrize(
    ("rows", "head", "word"),
    [
        ((DEBIT, {**CREDIT, "creditAmountInCurrency": 120.99}), {}, "not balanced"),
        ((DEBIT, {**CREDIT, "accountNumber": "999999"}), {}, "Account"),
        ((DEBIT, {**CREDIT, "accountNumber": "499000"}), {}, "not active"),
        ((DEBIT, {**CREDIT, "vatCodeId": "77"}), {}, "VAT category"),
        ((DEBIT, {**CREDIT, "vatId": "77"}), {}, "VAT ID"),
        (({**DEBIT, "creditAmountInCurrency": 5}, CREDIT), {}, "both"),
        ((), {"ledger": "9"}, "Ledger"),
        ((), {"controlTotalInCurrency": 120}, "control total"),
        ((), {"financialPeriod": "199901"}, "period"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(company: Company, rows: Any, head: Any, word: str):
    assert word in company.refused("POST", PATH, batch(*rows, **head))


def test_a_closed_period_takes_neither_a_batch_nor_its_release(company: Company):
    number = number_of(company.call("POST", PATH, body=batch()))
    services.set_options(company.account, closed_periods=(this_period(),))

    assert "closed in the general ledger" in company.refused("POST", PATH, batch())
    assert "closed" in company.refused("POST", f"{PATH}/{number}/action/release", {})


def test_a_batch_on_hold_is_not_released(company: Company):
    number = number_of(company.call("POST", PATH, body=batch(hold=True)))

    assert "Hold" in company.refused("POST", f"{PATH}/{number}/action/release", {})


def test_pages_count_lines_and_may_cut_a_batch_in_two(company: Company):
    numbers = [number_of(company.call("POST", PATH, body=batch())) for _ in range(3)]

    pages = [company.get(PATH, periodId=this_period(), pageNumber=page, pageSize=3) for page in (1, 2, 3)]

    assert [[row["batchNumber"] for row in page] for page in pages] == [numbers[:2], numbers[1:], []]
    assert {row["metadata"]["totalCount"] for page in pages for row in page} == {6}


def test_an_account_seeded_before_a_list_existed_gets_just_that_list():
    organization = Organization.objects.create(name="Lumière")
    account = services.open_account(organization, Account.System.VISMA_NET)
    account.counters |= {"CUSTOMER": 77_000}
    account.save(update_fields=["counters"])
    account.things.filter(kind="ledger").delete()
    before = account.things.count()

    again = services.open_account(organization, Account.System.VISMA_NET)

    assert again.things.filter(kind="ledger").exists()
    assert again.things.count() == before + again.things.filter(kind="ledger").count()
    again.refresh_from_db()
    assert again.counters["CUSTOMER"] == 77_000
