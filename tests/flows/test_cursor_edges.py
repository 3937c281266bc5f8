"""The whole of reading against a model of a source that people work on meanwhile: every version that is there in the
end was sent, or is held in that version. Clocks differ, tell seconds, name zones, and some changes show late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone as django_timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors import registry
from connectors.base import Page, Window
from connectors.core import JSONDict
from flows.models import Flow, Run, RunRecord, Tally
from flows.services import start_run
from tests.flows.memory import MemorySource, _at
from tests.flows.shelf import Shelf, make_authorised_flow, work_until_idle

pytestmark = pytest.mark.django_db
BEGIN = datetime.now(UTC).replace(microsecond=0)  # tokens look at the real clock
LAG_SECONDS = 300
MOST_RUNS = 40  # each takes at least one step
HELD_VAT = "12"  # has no pair
ZONES = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30)))
Step = tuple[str, int, int]  # what; which record or how late; seconds before it


class World:
    """A source with a clock of its own; a step of its people happens before each page that is read."""

    def __init__(self, skew: int, steps: list[Step]) -> None:
        self.now, self.skew, self.steps = BEGIN, timedelta(seconds=skew), list(steps)
        self.rows: dict[str, JSONDict] = {}
        self.late: list[tuple[datetime, JSONDict]] = []
        self.versions = 0

    def step(self) -> None:
        if self.steps:
            what, which, seconds = self.steps.pop(0)
            self.now += timedelta(seconds=seconds)
            self._do(what, which)
        for due, row in list(self.late):
            if due <= self.now and self.late.remove((due, row)) is None:
                self.rows[row["id"]] = row

    def _do(self, what: str, which: int) -> None:
        key = sorted(self.rows)[which % len(self.rows)] if self.rows else ""
        if what in {"make", "make held"} or not key:
            row = self._row(f"L{self.versions:02}", is_held=what == "make held")
            self.rows[row["id"]] = row
        elif what == "make late":
            row = self._row(f"L{self.versions:02}")
            self.late.append((self.now + timedelta(seconds=min(which * 40, LAG_SECONDS - 60)), row))
        elif what == "delete":
            del self.rows[key]
        else:
            self.rows[key] = self._row(self.rows[key]["sku"], is_held=what == "edit held")

    def _row(self, sku: str, *, is_held: bool = False) -> JSONDict:
        self.versions += 1
        at = (self.now + self.skew).replace(microsecond=0).astimezone(ZONES[self.versions % len(ZONES)])
        vat = HELD_VAT if is_held else "21"
        return {"id": sku, "sku": sku, "name": "Lamp", "price": self.versions, "vat": vat, "at": at.isoformat()}


class WorldSource(MemorySource):
    """Gives pages of three in the order of keys."""

    def page(self, window: Window, position: Any | None) -> Page:
        world: World = self.connector.world
        world.step()
        rows = [row for key, row in sorted(world.rows.items()) if key > (position or "")]
        rows = [row for row in rows if window.since is None or _at(row) >= window.since]
        following = rows[2]["id"] if len(rows) > 3 else None
        return Page(tuple(self.read(row) for row in rows[:3]), following, max(map(_at, rows[:3]), default=None))


class WorldShelf(Shelf):
    sources = {"products": WorldSource}
    world: World


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[tuple[Flow, WorldShelf]]:
    """A company on this world and its clock; nothing of it is left afterwards."""
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(django_timezone, "now", lambda: world.now)
        patch.setitem(registry.CONNECTORS, WorldShelf.key, f"{__name__}:{WorldShelf.__name__}")
        patch.setattr(Shelf, "state", {})
        shelf = WorldShelf(None, {})
        shelf.world = world
        organization = Organization.objects.create(name="Ours")
        with organization_context(organization.pk):
            yield make_authorised_flow(), shelf
        transaction.set_rollback(True)


def pass_over(flow: Flow) -> None:
    start_run(flow, Run.Trigger.MANUAL)
    work_until_idle()


actions = st.sampled_from(["make", "make", "make held", "make late", "edit", "edit", "edit held", "delete"])
steps = st.lists(st.tuples(actions, st.integers(0, 8), st.sampled_from([0, 0, 1, 30, 200])), max_size=14)


@given(skew=st.sampled_from([-200, 0, 45, 86_400]), steps=steps)
@example(skew=0, steps=[("make held", 0, 0), ("edit", 0, 0)])  # put right within the same second
@example(skew=-200, steps=[("make held", 0, 30), ("edit held", 0, 0)])  # the same, by a clock that is behind
@example(skew=86_400, steps=[("make", 0, 0), ("make", 0, 0), ("edit", 0, 1)])  # from the future
@example(skew=0, steps=[("make late", 6, 0), ("make", 0, 200), ("edit", 1, 0)])  # stamped before, seen after
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_version_that_is_there_in_the_end_is_read(monkeypatch: pytest.MonkeyPatch, skew: int, steps: list[Step]):
    world = World(skew, steps)
    with opened(monkeypatch, world) as (flow, shelf):
        for _ in range(MOST_RUNS):
            if not world.steps and not world.late:
                break
            pass_over(flow)
            world.now += timedelta(seconds=0 if world.steps else LAG_SECONDS)
        assert not world.steps
        pass_over(flow)

        sent = {one["code"]: int(one["price"]) for one in shelf.things.values()}
        held = {
            row.source_key: int(row.read_source()["price"])
            for row in RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU)
        }
        wanted = {key: (row["price"], row["vat"] == HELD_VAT) for key, row in world.rows.items()}
        assert {key: ((held if is_held else sent).get(key), is_held) for key, (_, is_held) in wanted.items()} == wanted
        assert all(tally.is_balanced for tally in Tally.objects.all())
