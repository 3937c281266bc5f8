"""Paging, keys in paths and keys out of answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import respx
from hypothesis import example, given
from hypothesis import strategies as st

from apicenter.errors import OutcomeUnknown, RemoteUnavailable
from connectors.http import Answer
from connectors.visma_net.api import Erp, created_keys, earliest_local, path_key
from tests.connectors.visma_net.calling import API, company, counted, make_client, reply

ZONES = f"{API}/v1/vatZone"


def zones(first: int, count: int) -> list[dict[str, Any]]:
    return [{"id": str(number)} for number in range(first, first + count)]


@pytest.mark.parametrize(
    ("key", "segment"),
    [
        ("10012", "10012"),
        ("A 1", "A%201"),
        ("Ø-1", "%C3%98-1"),
        (":/?", "b64(Oi8_)"),
        ("A&B", "b64(QSZC)"),
        ("A/1", "b64(QS8x)"),
    ],
)
def test_keys_with_reserved_characters_are_encoded(key: str, segment: str):
    assert path_key(key) == segment


@pytest.mark.parametrize(
    ("location", "count", "keys"),
    [
        ("https://api.finance.visma.net/v1/customer/10012", 1, ("10012",)),
        ("https://salesorder.visma.net/api/v3/SalesOrders/SO/000417", 2, ("SO", "000417")),
        ("https://api.finance.visma.net/v1/customer/A%201%20%20", 1, ("A 1",)),
        ("https://api.finance.visma.net/v1/inventory/b64(QS8x)", 1, ("A/1",)),
    ],
)
def test_the_key_of_a_new_record_stands_at_the_end_of_its_address(location: str, count: int, keys: tuple[str, ...]):
    assert created_keys(Answer(201, {"location": location}, None, ""), count) == keys


@pytest.mark.parametrize("headers", [{}, {"location": ""}, {"location": "https://api.finance.visma.net"}])
def test_an_answer_without_a_key_leaves_the_outcome_open(headers: dict[str, str]):
    with pytest.raises(OutcomeUnknown):
        created_keys(Answer(201, headers, None, ""))


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ([counted(zones(1, 3))], 3),
        ([counted(zones(1, 500), total=502), counted(zones(501, 2), total=502)], 502),
        ([counted(zones(1, 100), total=150, cap=100), counted(zones(101, 50), total=150, cap=100)], 150),
        ([zones(1, 3)], 3),
        ([zones(1, 600)], 600),
        ([zones(1, 500), zones(1, 500)], 500),
        ([zones(1, 500), []], 500),
        ([[]], 0),
    ],
    ids=["one page", "two pages", "lowered", "bare", "no pages", "no pages, and full", "bare and full", "empty"],
)
def test_a_list_is_read_to_its_end(answers: list[list[dict[str, Any]]], count: int):
    with company() as (connector, routes):
        routes.get(ZONES).mock(side_effect=[reply(rows) for rows in answers])

        assert len(connector.options("vat_zones")) == count


@pytest.mark.parametrize("last", [[], counted(zones(1, 500), total=900)], ids=["empty page", "same page again"])
def test_a_list_that_ends_before_its_total_is_no_list(last: list[dict[str, Any]]):
    with company() as (connector, routes):
        routes.get(ZONES).mock(side_effect=[reply(counted(zones(1, 500), total=900)), reply(last)])

        with pytest.raises(RemoteUnavailable):
            connector.options("vat_zones")


@respx.mock
def test_something_else_than_a_list_is_a_bad_answer():
    respx.get(f"{API}/v1/customer/customerClass").mock(return_value=reply(None))

    with make_client() as api, pytest.raises(RemoteUnavailable) as failed:
        Erp(api, {}).rows("/v1/customer/customerClass")

    assert failed.value.code == "remote.bad_answer"


@given(
    zone=st.sampled_from(["Europe/Brussels", "Europe/Oslo", "Australia/Lord_Howe", "America/St_Johns", "UTC"]),
    begin=st.datetimes(datetime(2026, 10, 24, 20), datetime(2026, 11, 2, 4)),
    minutes=st.integers(0, 24 * 60),
)
@example(zone="Europe/Brussels", begin=datetime(2026, 10, 25, 0, 50), minutes=20)  # 02:50, then 02:10 again
def test_no_change_after_a_moment_bears_a_time_before_the_filter(zone: str, begin: datetime, minutes: int):
    moment = begin.replace(tzinfo=UTC)

    asked = earliest_local(moment, ZoneInfo(zone))

    stamp = (moment + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert stamp >= asked
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - asked <= timedelta(hours=1)
