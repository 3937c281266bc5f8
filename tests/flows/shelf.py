"""The connectors in memory as the runner opens them: each opening sees the same rows and the same things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from connectors import registry
from connectors.auth import Tokens
from connectors.base import Page, ReadRecord, Window
from connectors.core import JSONDict
from connectors.models import Connection
from connectors.tokens import store_tokens
from flows.models import Flow, Run, Tally
from flows.running.queue import Queue
from flows.running.runner import drain
from tests.flows.memory import Memory, MemorySource, MemoryTarget, make_flow, make_row

MOST_SLICES = 50


class ShelfSource(MemorySource):
    """Tells a test which pages are asked for, before it answers."""

    def page(self, window: Window, position: Any | None) -> Page:
        self.connector.asked.append((window.since, position))
        self.connector.before_page(position)
        return super().page(window, position)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        found = super().fetch(keys)
        self.connector.after_fetch(keys)
        return found


class ShelfTarget(MemoryTarget):
    """Lets a test do something while a create is under way."""

    def create(self, payload: JSONDict, *, reference: str) -> Any:
        self.connector.before_create(payload["code"])
        return super().create(payload, reference=reference)


class Shelf(Memory):
    """Left and right at once: `rows` are read, `things` are written."""

    sources = {"products": ShelfSource}
    targets = {"products": ShelfTarget}
    state: ClassVar[dict[str, Any]] = {}
    asked: list[tuple[datetime | None, Any]]
    before_page: Callable[[Any], object]
    after_fetch: Callable[[Sequence[str]], object]
    before_create: Callable[[str], object]

    def __init__(self, api: Any, settings: Any) -> None:
        super().__init__()
        self.asked = []
        self.before_page = self.after_fetch = self.before_create = lambda what: nullcontext()
        self.state.setdefault("kept", self.__dict__)
        self.__dict__ = self.state["kept"]
        self.settings = settings


def use_shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Put the shelf in the registry as the connector “memory”, empty."""
    monkeypatch.setitem(registry.CONNECTORS, Shelf.key, f"{__name__}:{Shelf.__name__}")
    monkeypatch.setattr(Shelf, "state", {})
    return Shelf(None, {})


def make_authorised_flow(**settings: Any) -> Flow:
    """Make a flow whose connections hold a token, in the organization's context."""
    flow = make_flow(**settings)
    flow.adopted_at = timezone.now()
    flow.save(update_fields=["adopted_at"])
    for connection in Connection.objects.all():
        audience = next(iter(Shelf.auth.audiences))
        store_tokens(connection, Tokens("access", "", 3600), audience=audience, asked_at=timezone.now())
    return flow


def work_until_idle(queue: Queue = Queue.BULK) -> int:
    """Drain until nothing is due; returns the number of slices."""
    for slices in range(MOST_SLICES):
        if not drain(queue):
            return slices
    raise AssertionError("the work never ends")


def rows(count: int, *, first: int = 0) -> list[dict]:
    """Return so many products for the left side, L00, L01 …, each changed a minute after the one before."""
    return [make_row(f"L{number:02}", minutes=number) for number in range(first, first + count)]


def finished(run: Run) -> Run:
    """Return the run as it stands, which must be through with sums that add up."""
    run.refresh_from_db()
    assert run.state == Run.State.DONE, (run.state, run.phase, run.problem)
    assert all(tally.is_balanced for tally in Tally.objects.filter(run=run))
    return run
