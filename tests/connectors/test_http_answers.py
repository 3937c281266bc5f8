from __future__ import annotations

from typing import Any

import httpx
import pytest

from apicenter.errors import (
    ApicenterError,
    AuthError,
    ChangedMeanwhile,
    NotFound,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    RemoteUnavailable,
)
from connectors.http import Dialect, Explanation
from tests.connectors.http_client import NOW, RotatingAuth, client_for, make_client


@pytest.mark.parametrize(
    ("status", "on_read", "on_create"),
    [
        (302, RemoteUnavailable, RemoteUnavailable),
        (400, Rejected, Rejected),
        (401, AuthError, AuthError),
        (403, PermissionMissing, PermissionMissing),
        (404, NotFound, NotFound),
        (405, Rejected, Rejected),
        (408, RemoteUnavailable, OutcomeUnknown),
        (409, Rejected, Rejected),
        (412, ChangedMeanwhile, ChangedMeanwhile),
        (422, Rejected, Rejected),
        (429, RateLimited, RateLimited),
        (500, RemoteUnavailable, OutcomeUnknown),
        (502, RemoteUnavailable, OutcomeUnknown),
        (503, RemoteUnavailable, OutcomeUnknown),
    ],
)
@pytest.mark.parametrize("is_create", [False, True])
def test_each_status_becomes_one_error(
    status: int, on_read: type[ApicenterError], on_create: type[ApicenterError], is_create: bool
):
    api, router = client_for(*[httpx.Response(status, text="no") for _try in range(2)])

    with router, pytest.raises(ApicenterError) as caught:
        api.call("POST", "x", is_create=is_create)

    assert type(caught.value) is (on_create if is_create else on_read)
    assert caught.value.params["system"] == "Fake"


def test_a_blip_is_tried_once_more():
    api, router = client_for(httpx.Response(502), httpx.Response(200, json={"a": 1}))

    with router:
        assert api.call("GET", "x").body == {"a": 1}

    assert len(router.sent) == api.calls == 2


LATER = {"Retry-After": "30"}


@pytest.mark.parametrize(
    ("method", "answer"),
    [("POST", httpx.Response(502)), ("PUT", httpx.Response(502)), ("GET", httpx.Response(503, headers=LATER))],
)
def test_a_write_and_a_server_that_asks_for_time_are_not_pressed(method: str, answer: httpx.Response):
    api, router = client_for(answer, httpx.Response(200))

    with router, pytest.raises(ApicenterError):
        api.call(method, "x")

    assert len(router.sent) == 1


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"errors": [{"title": "id invalid uuid"}, {"title": "other"}]}, "id invalid uuid"),
        ({"message": "Customer  cannot\nbe found"}, "Customer cannot be found"),
        ({"title": "Bad", "detail": "No lines"}, "Bad: No lines"),
        ({"errors": {}}, '{"errors":{}}'),
        ([1, 2], "[1,2]"),
    ],
)
def test_a_refusal_carries_the_words_of_the_target(body: Any, text: str):
    api, router = client_for(httpx.Response(400, json=body))

    with router, pytest.raises(Rejected) as caught:
        api.call("POST", "x", is_create=True)

    assert caught.value.params["answer"] == text
    assert caught.value.code == "refused.by_target"


def test_a_dialect_may_know_the_cause_and_call_a_fault_a_refusal():
    class Talkative(make_client()._dialect.__class__):  # type: ignore[misc]
        def is_refusal(self, answer: Any) -> bool:
            return answer.status == 500

        def explain(self, answer: Any) -> Explanation:
            return Explanation("closed", "date", "period.closed", {"date": "2025-12"})

    api, router = client_for(httpx.Response(500), dialect=Talkative())

    with router, pytest.raises(Rejected) as caught:
        api.call("POST", "x", is_create=True)

    assert (caught.value.code, caught.value.field, caught.value.params["date"]) == ("period.closed", "date", "2025-12")


def test_no_error_repeats_the_token():
    api, router = client_for(httpx.Response(400, json={"message": "header was Bearer secret-token"}))

    with router, pytest.raises(Rejected) as caught:
        api.call("POST", "x", json={"note": "private"})

    assert "secret-token" not in f"{caught.value} {caught.value.detail} {caught.value.params}"


@pytest.mark.parametrize(
    "content", [b"<html>login</html>", b'{"data": [1, 2', b'{"a": NaN}', b'{"a": "\xff"}', b"[" * 100_000]
)
def test_a_success_that_cannot_be_read_leaves_a_create_unknown(content: bytes):
    api, router = client_for(httpx.Response(200, content=content), httpx.Response(200, content=content))

    with router:
        with pytest.raises(OutcomeUnknown):
            api.call("POST", "x", is_create=True)
        with pytest.raises(RemoteUnavailable) as caught:
            api.call("GET", "x")

    assert caught.value.code == "remote.bad_answer"


def test_renews_a_refused_token_once_and_sends_the_same_again():
    api, router = client_for(httpx.Response(401), httpx.Response(201, json={"id": 1}), auth=RotatingAuth())

    with router:
        answer = api.call("POST", "x", json={"a": 1}, is_create=True)

    assert answer.status == 201
    assert [request.headers["authorization"] for request in router.sent] == ["Bearer t1", "Bearer t2"]
    assert api.calls == 2


def test_a_token_that_was_made_just_now_is_given_a_moment_to_get_known():
    slept: list[float] = []
    auth = RotatingAuth(later=NOW)
    answers = (httpx.Response(401), httpx.Response(401), httpx.Response(200, json=1))
    api, router = client_for(*answers, auth=auth, sleep=slept.append)

    with router:
        assert api.call("GET", "x").body == 1

    assert [request.headers["authorization"][-2:] for request in router.sent] == ["t1", "t2", "t2"]
    assert [0.5 <= seconds <= 1 for seconds in slept] == [True]
    assert auth.accepted_count == 1


def test_a_renewed_token_that_is_refused_is_tried_again_later():
    api, router = client_for(*[httpx.Response(401)] * 3, auth=RotatingAuth(later=NOW))

    with router, pytest.raises(RemoteUnavailable) as caught:
        api.call("POST", "x", is_create=True)

    assert (caught.value.code, caught.value.retry_at) == ("token.not_taken_yet", NOW)
    assert api.failure is None


def test_a_token_that_is_refused_for_too_long_is_final_and_noted():
    api, router = client_for(*[httpx.Response(401)] * 3, auth=RotatingAuth())

    with router, pytest.raises(AuthError) as caught:
        api.call("GET", "x")

    assert caught.value.code == "token.revoked"
    assert api.failure is caught.value


def test_a_refusal_whose_cause_is_known_is_not_waited_for():
    class Knowing(Dialect):
        def explain(self, answer: Any) -> Explanation:
            return Explanation("no licence", code="tenant.wrong")

    api, router = client_for(*[httpx.Response(401)] * 3, auth=RotatingAuth(later=NOW), dialect=Knowing())

    with router, pytest.raises(AuthError) as caught:
        api.call("GET", "x")

    assert caught.value.code == "tenant.wrong"
