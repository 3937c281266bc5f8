from __future__ import annotations

from decimal import Decimal

import httpx
import pytest
import respx

from apicenter.errors import (
    MappingError,
)
from tests.connectors.http_client import API, NOW, client_for, make_client


def test_sends_json_with_every_digit_and_no_more():
    api, router = client_for(httpx.Response(204))

    with router:
        api.call("POST", "x", json={"a": Decimal("19.90"), "b": Decimal("3"), "day": NOW.date(), "at": NOW, "c": "é"})

    sent = router.sent[0]
    assert sent.content.decode() == '{"a":19.9,"b":3,"day":"2026-03-01","at":"2026-03-01T12:00:00+00:00","c":"é"}'
    assert sent.headers["authorization"] == "Bearer secret-token"
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize("number", [Decimal("12345678901234567.89"), Decimal("NaN"), Decimal("Infinity")])
def test_a_number_that_would_arrive_as_another_is_a_mapping_error(number: Decimal):
    with pytest.raises(MappingError) as caught:
        make_client().call("POST", "x", json={"lines": [{"price": number}]})

    assert caught.value.field == "lines.0.price"


def test_the_query_repeats_lists_and_leaves_out_none():
    api, router = client_for(httpx.Response(200, json=[]))

    with router:
        api.call("GET", "/v1/items", query={"id": ["a b", "c&d"], "open": True, "none": None, "at": NOW})

    url = str(router.sent[0].url)
    assert url == f"{API}/v1/items?id=a%20b&id=c%26d&open=true&at=2026-03-01T12%3A00%3A00%2B00%3A00"


def test_sends_a_form_and_keeps_the_path_of_the_base_address():
    router = respx.MockRouter(base_url=API)
    router.post("/sandbox/token").respond(json={"ok": True})

    with router:
        make_client(f"{API}/sandbox/").call("POST", "/token", form={"a": "1", "b": "ü"})
        content = router.calls.last.request.content

    assert content == b"a=1&b=%C3%BC"


def test_numbers_with_a_point_arrive_as_decimal():
    api, router = client_for(httpx.Response(200, content=b'{"price": 0.10, "count": 3}', headers={"X-Total": "7"}))

    with router:
        answer = api.call("GET", "x")

    assert str(answer.body["price"]) == "0.10"
    assert answer.body["count"] == 3
    assert answer.headers["x-total"] == "7"


def test_no_content_is_none():
    api, router = client_for(httpx.Response(204))

    with router:
        assert api.call("POST", "x").body is None
