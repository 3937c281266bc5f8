"""An `ApiClient` whose answers a test gives in turn."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import respx

from connectors.http import ApiClient, RateWord, StaticAuth, Unlimited
from connectors.threads import on_owner

API = "https://api.example.com"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class RotatingAuth:
    """Gives t1, and t2 after t1 was refused. `later` is when to come back where t2 is refused too."""

    def __init__(self, *, later: datetime | None = None) -> None:
        self.current = "t1"
        self.later = later
        self.accepted_count = 0
        self.owners: list[int] = []

    def token(self, host: str) -> str:
        return self.current

    def renew(self, host: str, seen: str) -> str:
        self.current = "t2"
        on_owner(lambda: self.owners.append(threading.get_ident()))
        return self.current

    def refused(self, host: str) -> datetime | None:
        return self.later

    def accepted(self, host: str) -> None:
        self.accepted_count += 1


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
    options.setdefault("sleep", lambda seconds: None)
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
