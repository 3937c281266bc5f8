"""Journal transactions: booked once, found again among the lines of a period, released afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import NotFinished, OutcomeUnknown, RemoteUnavailable
from connectors.base import Period, Sent
from connectors.core import JournalLine
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, company, reply, sent_json

PATH = f"{API}/v2/journaltransaction"
PERIODS = f"{API}/v1/financialPeriod"
REFERENCE = "A1B2C3D4E5F6G7H"
DEBIT = {"accountNumber": "1500", "debitAmountInCurrency": Decimal("121.00"), "referenceNumber": REFERENCE}
CREDIT = {"accountNumber": "3000", "creditAmountInCurrency": Decimal("121.00"), "vatCodeId": None}
PAYLOAD: dict[str, Any] = {
    "description": "2026/15 Fjord Atelier",
    "transactionDate": date(2026, 11, 20),
    "financialPeriod": "202611",
    "hold": False,
    "release": True,
    "journalTransactionLines": [DEBIT, CREDIT],
}
SENT = Sent(REFERENCE, "", PAYLOAD, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))
DONE = {"actionId": "1", "actionResult": "Done", "errorInfo": None}


def made(number: str = "000012") -> Any:
    return reply(None, 201, Location=f"{PATH}/{number}")


def batch(number: str, *references: str | None, total: int, **changes: Any) -> dict[str, Any]:
    lines = [{"lineNumber": at, "referenceNumber": one} for at, one in enumerate(references, 1)]
    head = {"batchNumber": number, "status": "Unposted", "description": "x", "metadata": {"totalCount": total}}
    head["metadata"] = {"totalCount": total, "maxPageSize": 3}
    return {**head, "journalTransactionLines": lines, **changes}


def test_our_reference_stands_in_the_description_and_on_each_line():
    with company() as (connector, routes):
        route = routes.post(PATH).mock(return_value=made())

        written = connector.target("journal_transactions").create(PAYLOAD | {"release": False}, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert written.number == "000012"
    assert body["description"] == f"2026/15 Fjord Atelier {REFERENCE}"
    assert (body["transactionDate"], "release" in body) == ("2026-11-20", False)
    assert body["journalTransactionLines"] == [
        {"operation": "Insert", "accountNumber": "1500", "debitAmountInCurrency": 121, "referenceNumber": REFERENCE},
        {"operation": "Insert", "accountNumber": "3000", "creditAmountInCurrency": 121, "referenceNumber": REFERENCE},
    ]


def test_a_batch_is_released_after_it_was_made():
    with company() as (connector, routes):
        routes.post(PATH).mock(return_value=made())
        release = routes.post(f"{PATH}/000012/action/release").mock(return_value=reply(DONE))

        connector.target("journal_transactions").create(PAYLOAD, reference=REFERENCE)

    assert release.called


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({"message": "The period is not open."}, 400), NotFinished),
        (reply({**DONE, "actionResult": "Failed", "errorInfo": "No."}), NotFinished),
        (reply({"message": "Bad gateway"}, 502), OutcomeUnknown),
    ],
)
def test_one_that_is_made_but_not_released_is_never_made_again_at_once(answer: Any, error: type[Exception]):
    with company() as (connector, routes):
        routes.post(PATH).mock(return_value=made())
        routes.post(f"{PATH}/000012/action/release").mock(return_value=answer)

        with pytest.raises(error):
            connector.target("journal_transactions").create(PAYLOAD, reference=REFERENCE)


def test_a_batch_that_two_pages_share_is_found_once_and_released():
    first = [batch("1", None, None, total=5), batch("2", None, total=5, status="Balanced")]
    second = [batch("2", REFERENCE, REFERENCE, total=5, status="Balanced")]
    with company() as (connector, routes):
        lists = routes.get(PATH).mock(side_effect=[reply(first), reply(second)])
        release = routes.post(f"{PATH}/2/action/release").mock(return_value=reply(DONE))

        found = connector.target("journal_transactions").find_created(SENT)

    assert [one.number for one in found] == ["2"]
    assert [call.request.url.params["pageNumber"] for call in lists.calls] == ["1", "2"]
    assert lists.calls[0].request.url.params["periodId"] == "202611"
    assert release.called


def test_a_list_that_ends_too_early_proves_nothing():
    with company() as (connector, routes):
        routes.get(PATH).mock(side_effect=[reply([batch("1", None, None, total=5)]), reply([])])

        with pytest.raises(RemoteUnavailable):
            connector.target("journal_transactions").find_created(SENT)


def test_a_period_is_looked_up_as_the_financial_year_may_begin_in_july():
    rows = [
        {"period": "202701", "startDate": "2026-07-01T00:00:00", "endDate": "2026-08-01T00:00:00",
         "closedInGeneralLedger": True},
        {"period": "202702", "startDate": "2026-08-01T00:00:00", "endDate": "2026-09-01T00:00:00", "active": True},
        {"period": "202713", "startDate": "2026-07-31T00:00:00", "endDate": "2026-07-31T00:00:00"},
    ]  # fmt: skip
    with company() as (connector, routes):
        routes.get(PERIODS).mock(return_value=reply(rows))
        target = connector.target("journal_transactions")

        assert target.find_period(date(2026, 7, 31)) == Period("202701", is_open=False)
        assert target.find_period(date(2026, 7, 31), is_next_open=True) == Period("202702", is_open=True)
        assert target.find_period(date(2025, 1, 1)) is None


def test_a_payload_is_read_as_the_entry_it_is():
    with company() as (connector, _routes):
        entry = connector.target("journal_transactions").read_entry(PAYLOAD)

    assert entry is not None
    assert entry.total == Decimal(121)
    assert entry.lines[1] == JournalLine(account="3000", credit=Decimal(121))
