from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from apicenter.errors import (
    ApicenterError,
    AuthError,
    MappingError,
    NotFound,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    RemoteUnavailable,
    RetryableError,
)
from connectors.answers import read_rate_word, read_retry_at
from connectors.http import ApiClient, Explanation, RateWord, StaticAuth, Unlimited, close_idle_connections
from connectors.threads import on_owner

API = "https://api.example.com"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class RotatingAuth:
    """Gives t1, and t2 after t1 was refused."""

    def __init__(self) -> None:
        self.current = "t1"
        self.owners: list[int] = []

    def token(self, host: str) -> str:
        return self.current

    def renew(self, host: str, seen: str) -> str:
        self.current = "t2"
        on_owner(lambda: self.owners.append(threading.get_ident()))
        return self.current


class NotingBudget(Unlimited):
    def __init__(self) -> None:
        self.words: list[RateWord] = []
        self.blocked: list[datetime] = []

    def heard(self, word: RateWord) -> None:
        self.words.append(word)

    def block(self, until: datetime) -> None:
        self.blocked.append(until)


def make_client(url: str = API, **options: Any) -> ApiClient:
    options.setdefault("auth", StaticAuth("secret-token"))
    options.setdefault("budget", Unlimited())
    return ApiClient(system="Fake", hosts={"api": url}, **options)


class Wire(respx.MockRouter):
    """Gives the answers in turn and keeps what was sent."""

    def __init__(self, answers: tuple[httpx.Response, ...]) -> None:
        super().__init__(base_url=API, assert_all_called=True)
        self.sent: list[httpx.Request] = []
        self._answers = list(answers)
        self.route().mock(side_effect=self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._answers.pop(0)


def client_for(*answers: httpx.Response, **options: Any) -> tuple[ApiClient, Wire]:
    return make_client(**options), Wire(answers)


# what goes out


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


# what an answer means


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
        (412, Rejected, Rejected),
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


# tokens


def test_renews_a_refused_token_once_and_sends_the_same_again():
    api, router = client_for(httpx.Response(401), httpx.Response(201, json={"id": 1}), auth=RotatingAuth())

    with router:
        answer = api.call("POST", "x", json={"a": 1}, is_create=True)

    assert answer.status == 201
    assert [request.headers["authorization"] for request in router.sent] == ["Bearer t1", "Bearer t2"]
    assert api.calls == 2


def test_a_second_refusal_is_final_and_noted():
    api, router = client_for(httpx.Response(401), httpx.Response(401), auth=RotatingAuth())

    with router, pytest.raises(AuthError) as caught:
        api.call("GET", "x")

    assert caught.value.code == "token.revoked"
    assert api.failure is caught.value


# limits


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


# the wire


class Peer:
    """A server whose every connection is handled by the test's own function."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._behave = behave
        self._threads = [threading.Thread(target=self._accept)]
        self.connections = 0
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._handle, args=(peer,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, peer: socket.socket) -> None:
        with closing(peer):
            try:
                self._behave(peer)
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Peer]]:
    peers: list[Peer] = []

    def start(behave: Callable[[socket.socket], None]) -> Peer:
        peers.append(Peer(behave))
        return peers[-1]

    yield start
    close_idle_connections()
    for peer in peers:
        peer.close()


def answer_json(peer: socket.socket) -> None:
    while peer.recv(65536):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def drip(head: bytes) -> Callable[[socket.socket], None]:
    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(head)
        for _ in range(40):
            peer.sendall(b"x")
            time.sleep(0.05)

    return behave


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_a_dripping_answer_ends_at_the_deadline(serve: Any, head: bytes):
    api = make_client(serve(drip(head)).url, deadline_seconds=0.4)
    started = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        api.call("POST", "x", is_create=True)

    assert 0.3 < time.monotonic() - started < 0.8


def test_a_reset_leaves_a_create_unknown_and_a_read_to_try_again(serve: Any):
    api = make_client(serve(lambda peer: peer.recv(10)).url)

    with pytest.raises(OutcomeUnknown):
        api.call("POST", "x", json={"a": 1}, is_create=True)
    with pytest.raises(RemoteUnavailable):
        api.call("GET", "x")


def test_a_peer_that_is_not_there_was_surely_not_asked():
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    with pytest.raises(RemoteUnavailable) as caught:
        make_client(f"http://127.0.0.1:{port}").call("POST", "x", is_create=True)

    assert caught.value.detail == "ConnectError"


def test_a_peer_without_tls_was_surely_not_asked(serve: Any):
    url = serve(lambda peer: peer.sendall(b"plain text")).url.replace("http:", "https:")

    with pytest.raises(RemoteUnavailable):
        make_client(url).call("POST", "x", is_create=True)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_over_the_cap_is_not_taken_in(serve: Any, encoding: str):
    big = b"[" + b"1," * 15_000_000 + b"1]"
    body = gzip.compress(big, 1, mtime=0) if encoding == "gzip" else big
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"

    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(head.encode() + body)

    with pytest.raises(RemoteUnavailable) as caught:
        make_client(serve(behave).url).call("GET", "x")

    assert caught.value.code == "remote.bad_answer"


PACKED = gzip.compress(json.dumps({"a": "x" * 1000}).encode(), mtime=0)


def pack(body: bytes) -> Callable[[socket.socket], None]:
    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return behave


def test_reads_a_compressed_answer(serve: Any):
    assert make_client(serve(pack(PACKED)).url).call("GET", "x").body == {"a": "x" * 1000}


@pytest.mark.parametrize("body", [b"\x1f\x8bbroken", PACKED[:-9]])
def test_a_broken_compressed_answer_leaves_a_create_unknown(serve: Any, body: bytes):
    with pytest.raises(OutcomeUnknown):
        make_client(serve(pack(body)).url).call("POST", "x", is_create=True)


def test_connections_are_kept_for_the_next_client(serve: Any):
    peer = serve(answer_json)

    for _ in range(3):
        with make_client(peer.url) as api:
            api.call("GET", "x")

    assert peer.connections == 1


# side by side


def test_overlap_keeps_the_order_and_raises_the_first_error_after_all_have_ended():
    seen: list[int] = []

    def work(number: int) -> int:
        time.sleep(0.02 if number % 2 else 0)
        seen.append(number)
        if number in {3, 5}:
            raise NotFound(what=str(number), system="Fake")
        return number * 10

    with make_client() as api:
        assert api.overlap(lambda number: number * 10, range(8)) == [0, 10, 20, 30, 40, 50, 60, 70]
        with pytest.raises(NotFound) as caught:
            api.overlap(work, range(8))

    assert caught.value.params["what"] == "3"
    assert sorted(seen) == list(range(8))


def test_settle_gives_errors_in_place_but_not_unknown_ones():
    def work(number: int) -> int:
        if number == 1:
            raise NotFound(what="1", system="Fake")
        return 10 // (number - 3)

    with make_client() as api:
        first, second, third = api.settle(work, [0, 1, 2])
        with pytest.raises(ZeroDivisionError):
            api.settle(work, [0, 3])

    assert (first, third) == (-4, -10)
    assert isinstance(second, NotFound)


def test_what_needs_the_owner_runs_on_the_owners_thread():
    def work(number: int) -> tuple[bool, int]:
        return threading.get_ident() == owner, on_owner(threading.get_ident)

    owner = threading.get_ident()
    with make_client() as api:
        results = api.overlap(work, range(20))

    assert results == [(False, owner)] * 20


def test_an_error_on_the_owner_is_raised_where_it_was_asked_for():
    def work(number: int) -> str:
        with pytest.raises(ZeroDivisionError):
            on_owner(lambda: number // 0)
        return "went on"

    with make_client() as api:
        assert api.overlap(work, range(4)) == ["went on"] * 4


def test_a_crew_inside_a_crew_runs_in_turn():
    with make_client(threads=2) as api:
        rows = api.overlap(lambda number: api.overlap(lambda inner: number * inner, [1, 2]), [1, 2, 3])

    assert rows == [[1, 2], [2, 4], [3, 6]]


def test_an_interrupted_owner_leaves_no_thread_waiting():
    started = threading.Barrier(3)

    def interrupt() -> None:
        raise KeyboardInterrupt

    def work(number: int) -> None:
        started.wait(5)
        on_owner(interrupt)

    before = set(threading.enumerate())
    api = make_client(threads=3)
    with pytest.raises(KeyboardInterrupt):
        api.overlap(work, range(3))
    api.close()

    assert not set(threading.enumerate()) - before
