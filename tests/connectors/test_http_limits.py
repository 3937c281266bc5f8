from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from apicenter.errors import (
    RateLimited,
    RetryableError,
)
from connectors.answers import read_rate_word, read_retry_at
from connectors.http import RateWord
from tests.connectors.http_client import NOW, NotingBudget, client_for, make_client


def test_tells_the_budget_what_the_headers_say():
    budget = NotingBudget()
    headers = {
        "X-RateLimit-Limit": "200",
        "X-RateLimit-Remaining": "12",
        "X-RateLimit-Reset": "2026-03-01T12:00:30+0000",
    }
    api, router = client_for(httpx.Response(200, json={}, headers=headers), budget=budget)

    with router:
        api.call("GET", "x")

    assert budget.words == [RateWord(200, 12, NOW + timedelta(seconds=30))]


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("2026-03-01T13:00:30.500+0100", NOW + timedelta(seconds=30.5)),
        ("2026-03-01T12:00:30Z", NOW + timedelta(seconds=30)),
        ("2026-03-01T12:00:30+00:00", NOW + timedelta(seconds=30)),
        ("45", NOW + timedelta(seconds=45)),
        (str(int(NOW.timestamp()) + 90), NOW + timedelta(seconds=90)),
        ("soon", None),
    ],
)
def test_reads_every_form_of_a_reset(word: str, moment: datetime | None):
    told = read_rate_word({"x-ratelimit-reset": word, "x-ratelimit-remaining": "1"}, now=NOW)

    assert told == RateWord(None, 1, moment)


@pytest.mark.parametrize(
    ("word", "moment"),
    [("120", NOW + timedelta(minutes=2)), ("Sun, 01 Mar 2026 12:05:00 GMT", NOW + timedelta(minutes=5)), ("?", None)],
)
def test_reads_both_forms_of_retry_after(word: str, moment: datetime | None):
    assert read_retry_at({"retry-after": word}, now=NOW) == moment


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "120"}, 120), ({"X-RateLimit-Reset": "20"}, 20), ({}, 60)]
)
def test_too_many_calls_stops_the_lane(headers: dict[str, str], seconds: int):
    budget = NotingBudget()
    api, router = client_for(httpx.Response(429, headers=headers), budget=budget)

    with router, pytest.raises(RateLimited) as caught:
        api.call("POST", "x", is_create=True)

    assert caught.value.retry_at == budget.blocked[0]
    assert abs((budget.blocked[0] - datetime.now(UTC)).total_seconds() - seconds) < 5


def test_a_create_is_not_sent_when_the_lease_would_end_before_the_call():
    api = make_client("http://127.0.0.1:9", send_before=lambda: 29.0)

    with pytest.raises(RetryableError) as caught:
        api.call("POST", "x", is_create=True)

    assert caught.value.code == "remote.unavailable"
    assert api.calls == 0
