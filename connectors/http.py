"""The way out: every call to another system goes through an `ApiClient`. Only this module knows statuses.

A call ends as an `Answer` or as one of the errors in apicenter/errors.py. On a create the difference between "surely
nothing happened" and "nobody knows" is kept: only a failure before the request left is the first (design 2.4).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NoReturn, TypeVar

import httpx

from apicenter.crypto import REDACTED
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
from connectors.answers import Answer, Dialect, Explanation, RateWord, read_rate_word, read_retry_at, read_wait
from connectors.memory import Memory, request_key
from connectors.payloads import (
    Query,
    RawHeaders,
    Unreadable,
    write_content,
    write_headers,
    write_query,
)
from connectors.permits import Auth, Budget, StaticAuth, Unlimited
from connectors.threads import Crew
from connectors.transport import exchange
from connectors.wire import CONNECT_SECONDS, set_deadline

__all__ = [
    "Answer",
    "ApiClient",
    "Auth",
    "Budget",
    "Dialect",
    "Explanation",
    "RateWord",
    "StaticAuth",
    "Unlimited",
]

T = TypeVar("T")
R = TypeVar("R")

URLS_KEPT = 200
REDIRECTS = range(300, 400)
FORBIDDEN = 403
GONE = frozenset({404, 410})
TOO_MANY = 429
BLIP_SECONDS = 3.0
BREATH_SECONDS = (0.1, 0.3)
NEW_TOKEN_SECONDS = (0.5, 1.0)
OLD_VERSION = 412  # the record is not any more as the caller saw it
TOO_LATE = 408  # the peer gave up on our request, perhaps half way
FAULTS = range(500, 600)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    host: str
    path: str
    url: httpx.URL
    headers: RawHeaders
    content: bytes
    is_create: bool
    is_read: bool


class ApiClient:
    """Calls one system for one connection, within its rate limit and with its token."""

    def __init__(
        self,
        *,
        system: str,
        hosts: Mapping[str, str],
        auth: Auth,
        budget: Budget,
        dialect: Dialect | None = None,
        deadline_seconds: float = 30,
        threads: int = 6,
        headers: Mapping[str, str] | None = None,
        send_before: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.system = system
        self.calls = 0
        self.failure: AuthError | PermissionMissing | None = None  # the last one this client itself raised
        self.memory: Memory | None = None  # of the portion that is being read
        self.before_each: Callable[[], object] = lambda: None  # runs before each call, on the thread that makes it
        self.deadline_seconds = deadline_seconds
        self._hosts = {name: url.rstrip("/") for name, url in hosts.items()}
        self._auth = auth
        self._budget = budget
        self._dialect = dialect or Dialect()
        self._send_before = send_before
        self._sleep = sleep
        self._crew = Crew(threads)
        self._count = threading.Lock()
        self._urls: dict[tuple[str, str], httpx.URL] = {}
        self._extensions = {"timeout": {"connect": CONNECT_SECONDS, "pool": CONNECT_SECONDS}}
        own = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "APIcenter", **(headers or {})}
        self._headers = write_headers(own)
        self._bearers: dict[str, tuple[bytes, bytes]] = {}

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        host: str = "api",
        query: Query | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        is_create: bool = False,
        is_read: bool | None = None,
    ) -> Answer:
        """Send one request and return the answer, which is a success. Raises every kind of ApicenterError.

        A read (every GET, and what the caller calls one) is tried again after a blip. A query may hold lists
        (repeated), booleans, moments and None (left out).
        """
        content, kind = write_content(json, form)
        request = _Call(
            method=method,
            host=host,
            path=path,
            url=self._url(host, path, query),
            headers=kind + (write_headers(headers) if headers else ()),
            content=content,
            is_create=is_create,
            is_read=method == "GET" if is_read is None else is_read,
        )
        try:
            return self._remembered(request) if self.memory is not None else self._call(request)
        except (AuthError, PermissionMissing) as error:
            self.failure = error
            raise

    def _remembered(self, call: _Call) -> Answer:
        """Answer a read as an interrupted attempt was answered before, and note what is new."""
        memory = self.memory
        assert memory is not None
        if not call.is_read:
            memory.forget()
            return self._call(call)
        key = request_key(call.method, str(call.url), call.content)
        answer = memory.find(key)
        if answer is None:
            answer = self._call(call)
            memory.note(key, answer)
        return answer

    def _send_twice(self, call: _Call, token: str) -> Answer:
        """Try once more after a blip: a page of a hundred reads should not be lost to one of them.

        Never a write: one that was done and not answered would be refused the second time, as the record has changed.
        A server that takes its time to fail, or says when to come back, is not pressed.
        """
        started = time.monotonic()
        try:
            answer = self._send(call, token)
            if answer.status not in FAULTS or "retry-after" in answer.headers or _is_slow(started):
                return answer
        except RemoteUnavailable as error:
            if error.code == "remote.bad_answer" or _is_slow(started):
                raise
        self._sleep(random.uniform(*BREATH_SECONDS))  # noqa: S311 - spreads load, hides nothing
        return self._send(call, token)

    def _call(self, call: _Call) -> Answer:
        token = self._auth.token(call.host)
        answer = self._send_twice(call, token) if call.is_read else self._send(call, token)
        if self._dialect.is_auth_failure(answer):  # not processed, so the same request may go again
            renewed = self._auth.renew(call.host, token)
            if renewed != token:
                token = renewed
                answer = self._send_renewed(call, token)
        if answer.status >= REDIRECTS.start:
            self._refuse(call, answer, token)
        self._auth.accepted(call.host)
        return answer

    def _send_renewed(self, call: _Call, token: str) -> Answer:
        """Send with a new token; one that was made just now may not be known there yet, so it gets a second try."""
        answer = self._send(call, token)
        if not self._dialect.is_auth_failure(answer):
            return answer
        self._sleep(random.uniform(*NEW_TOKEN_SECONDS))  # noqa: S311 - spreads load, hides nothing
        return self._send(call, token)

    def overlap(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Call the function with each item, side by side. Raises the first error after all have ended."""
        return [outcome.result() for outcome in self._crew.run(function, items)]

    def settle(self, function: Callable[[T], R], items: Iterable[T]) -> list[R | ApicenterError]:
        """The same, with errors in place of results; an unknown exception is raised after all have ended."""
        outcomes = self._crew.run(function, items)
        return [row.error if isinstance(row.error, ApicenterError) else row.result() for row in outcomes]

    def close(self) -> None:
        """End the threads and give back the calls that were not made."""
        self._crew.close()
        self._budget.close()

    def _url(self, host: str, path: str, query: Query | None) -> httpx.URL:
        url = self._urls.get((host, path))
        if url is None:
            url = httpx.URL(f"{self._hosts[host]}/{path.lstrip('/')}")
            if len(self._urls) < URLS_KEPT:
                self._urls[host, path] = url
        return url.copy_with(query=write_query(query)) if query else url

    def _send(self, call: _Call, token: str) -> Answer:
        self._budget.take()
        self.before_each()
        if call.is_create and self._send_before and self._send_before() < self.deadline_seconds:
            raise RemoteUnavailable(detail="The lease would end before the call; nothing was sent.", system=self.system)
        with self._count:
            self.calls += 1
        set_deadline(self.deadline_seconds)
        try:
            answer = self._exchange(call, token)
        except NOT_SENT as error:
            raise self._unavailable(type(error).__name__) from error
        except httpx.TransportError as error:
            raise self._no_answer(call, type(error).__name__) from error
        except Unreadable as error:
            raise self._not_taken_in(call, error) from error
        word = read_rate_word(answer.headers, now=datetime.now(UTC))
        if word:
            self._budget.heard(word)
        return answer

    def _exchange(self, call: _Call, token: str) -> Answer:
        headers = [*self._headers, *call.headers, *([self._bearer(token)] if token else [])]
        request = httpx.Request(
            call.method, call.url, headers=headers, content=call.content, extensions=self._extensions
        )
        return exchange(request)

    def _bearer(self, token: str) -> tuple[bytes, bytes]:
        bearer = self._bearers.get(token)
        if bearer is None:
            bearer = self._bearers[token] = (b"Authorization", b"Bearer " + token.encode())
        return bearer

    def _unavailable(self, detail: str, *, code: str = "", retry_at: datetime | None = None) -> RemoteUnavailable:
        return RemoteUnavailable(code, retry_at=retry_at, detail=detail, system=self.system)

    def _no_answer(self, call: _Call, detail: str, *, code: str = "") -> RemoteUnavailable | OutcomeUnknown:
        if call.is_create:
            return OutcomeUnknown(detail=detail, system=self.system)
        return self._unavailable(detail, code=code)

    def _not_taken_in(self, call: _Call, error: Unreadable) -> RemoteUnavailable | OutcomeUnknown:
        failure = self._no_answer(call, str(error), code="remote.bad_answer")
        if isinstance(failure, RemoteUnavailable):
            failure.beginning = error.beginning
        return failure

    def _refuse(self, call: _Call, answer: Answer, token: str) -> NoReturn:
        now = datetime.now(UTC)
        said = self._explain(answer, token)
        detail = f"{answer.status} {said.text}"
        what = call.path.strip("/")
        if answer.status == TOO_MANY:
            retry_at = read_wait(answer.headers, now=now)
            self._budget.block(retry_at)
            raise RateLimited(retry_at=retry_at, detail=detail, system=self.system)
        if self._dialect.is_auth_failure(answer):
            if not said.code and (later := self._auth.refused(call.host)):
                raise self._unavailable(detail, code="token.not_taken_yet", retry_at=later)
            raise AuthError(said.code, detail=detail, **{"system": self.system, **said.params})
        if answer.status == OLD_VERSION:
            raise ChangedMeanwhile(detail=detail, system=self.system)
        if self._dialect.is_refusal(answer):
            self._reject(said)
        if answer.status == FORBIDDEN:
            raise PermissionMissing(said.code, detail=detail, **{"system": self.system, "what": what, **said.params})
        if answer.status in GONE:
            raise NotFound(said.code, detail=detail, **{"system": self.system, "what": what, **said.params})
        if answer.status in REDIRECTS:
            raise self._unavailable(f"{answer.status} redirect")
        if answer.status in FAULTS or answer.status == TOO_LATE:
            if call.is_create:
                raise OutcomeUnknown(detail=detail, system=self.system)
            raise self._unavailable(detail, retry_at=read_retry_at(answer.headers, now=now))
        self._reject(said)

    def _reject(self, said: Explanation) -> NoReturn:
        params = {"system": self.system, "answer": said.text, **said.params}
        raise Rejected(said.code, field=said.field, detail=said.text, **params)

    def _explain(self, answer: Answer, token: str) -> Explanation:
        said = self._dialect.explain(answer)
        if not token or token not in said.text:
            return said
        return Explanation(said.text.replace(token, REDACTED), said.field, said.code, said.params)


def _is_slow(started: float) -> bool:
    return time.monotonic() - started > BLIP_SECONDS
