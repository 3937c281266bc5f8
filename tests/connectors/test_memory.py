from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from apicenter.errors import RateLimited
from connectors import memory as memory_module
from connectors.memory import KEPT_FOR, Memory
from tests.connectors.http_client import client_for

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read_page(*answers: httpx.Response) -> dict[str, object]:
    """Read two things of a portion of which the second is refused, and return what is kept."""
    api, router = client_for(*answers, httpx.Response(429))
    api.memory = Memory(now=NOW)
    with router:
        api.call("GET", "/one")
        with pytest.raises(RateLimited):
            api.call("POST", "/two", json={"id": 2}, is_read=True)
    return api.memory.to_json()


def test_the_next_attempt_asks_only_what_was_not_answered():
    kept = read_page(httpx.Response(200, json={"price": 0.1}, headers={"ETag": "v1", "X-Other": "no"}))
    api, router = client_for(httpx.Response(200, json="two"))
    api.memory = Memory(kept, now=NOW + timedelta(minutes=1))

    with router:
        one, two = api.call("GET", "/one"), api.call("POST", "/two", json={"id": 2}, is_read=True)

    assert (one.body, one.headers, two.body) == ({"price": Decimal("0.1")}, {"etag": "v1"}, "two")
    assert [request.url.path for request in router.sent] == ["/two"]
    assert api.memory.has_grown


def test_a_question_that_differs_in_its_query_or_body_is_another_one():
    kept = read_page(httpx.Response(200, json=1))
    api, router = client_for(httpx.Response(200, json=2), httpx.Response(200, json=3))
    api.memory = Memory(kept, now=NOW)

    with router:
        answers = [api.call("GET", "/one", query={"page": 2}).body, api.call("POST", "/one", json=1, is_read=True).body]

    assert answers == [2, 3]


def test_within_one_attempt_every_question_is_asked_as_often_as_it_is_put():
    api, router = client_for(httpx.Response(200, json=1), httpx.Response(200, json=2))
    api.memory = Memory(now=NOW)

    with router:
        assert [api.call("GET", "/one").body for _ in range(2)] == [1, 2]


def test_a_write_makes_everything_be_asked_again():
    kept = read_page(httpx.Response(200, json=1))
    api, router = client_for(httpx.Response(201), httpx.Response(200, json=2))
    api.memory = Memory(kept, now=NOW)

    with router:
        api.call("POST", "/made", json={}, is_create=True)
        assert api.call("GET", "/one").body == 2


@pytest.mark.parametrize("age", [KEPT_FOR + timedelta(seconds=1), -timedelta(seconds=1)])
def test_what_is_too_old_or_from_the_future_is_asked_again(age: timedelta):
    kept = read_page(httpx.Response(200, json=1))
    api, router = client_for(httpx.Response(200, json=2))
    api.memory = Memory(kept, now=NOW + age)

    with router:
        assert api.call("GET", "/one").body == 2


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory_module, "KEPT_CHARACTERS", 10)

    assert read_page(httpx.Response(200, json="x" * 20)) == {}
