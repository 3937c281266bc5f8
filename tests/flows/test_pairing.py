"""Looking a record up in the target: once when it is read, not at each try under a tight limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apicenter.errors import RateLimited, Rejected
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Existing, Window
from flows.engine import intake
from flows.engine.writing import Interrupted, write
from flows.models import Flow, Run, RunRecord
from flows.needs.replays import replay
from tests.flows.memory import Memory, MemoryTarget, make_flow, make_row, make_run, work_on

pytestmark = pytest.mark.django_db


class CountedTarget(MemoryTarget):
    asked: list[str]

    def __init__(self, connector: Any) -> None:
        super().__init__(connector)
        self.asked = []

    def find(self, by: str, value: str) -> list[Existing]:
        self.asked.append(value)
        return super().find(by, value)


class Counted(Memory):
    targets = {"products": CountedTarget}

    @property
    def asked(self) -> list[str]:
        return self.target("products").asked  # type: ignore[attr-defined]


@pytest.fixture
def flow() -> Iterator[Flow]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        flow = make_flow()
        flow.adopted_at = timezone.now()
        flow.save(update_fields=["adopted_at"])
        yield flow


def read(flow: Flow, left: Memory, right: Memory) -> Run:
    """Read the only page and try to write it."""
    run = make_run(flow)
    with work_on(flow, run, left, right) as work:
        planned = intake.take_page(work, work.source.page(Window(), None))
        try:
            write(work, "products", planned)
        except Interrupted:
            return run
    return run


def go_on(flow: Flow, left: Memory, right: Memory, run: Run) -> None:
    with work_on(flow, run, left, right) as work:
        intake.take_waiting(work, list(RunRecord.objects.filter(run=run, state="waiting")))


def test_a_record_the_limit_stopped_is_not_looked_up_again(flow: Flow):
    left, right = Memory(), Counted()
    left.rows = [make_row("A")]
    right.fail("A", RateLimited(system="Memory"))
    run = read(flow, left, right)

    go_on(flow, left, right, run)

    assert right.asked == ["A"]
    assert right.writes == [("create", "A")]


def test_a_record_that_was_found_is_still_adopted_after_the_limit_stopped_it(flow: Flow):
    left, right = Memory(), Counted()
    left.rows = [make_row("A")]
    right.things["T9"] = {"code": "A", "name": "Made by hand"}
    right.fail("A", RateLimited(system="Memory"))
    run = read(flow, left, right)

    go_on(flow, left, right, run)

    assert right.asked == ["A"]
    assert right.writes == [("update", "A")]


def test_a_record_that_is_sent_again_by_a_person_is_looked_up_again(flow: Flow):
    left, right = Memory(), Counted()
    left.rows = [make_row("A")]
    right.fail("A", Rejected(system="Memory", answer="no"))
    run = read(flow, left, right)
    replay(RunRecord.objects.filter(run=run))

    go_on(flow, left, right, run)

    assert right.asked == ["A", "A"]


def test_a_look_up_of_long_ago_is_done_again(flow: Flow):
    left, right = Memory(), Counted()
    left.rows = [make_row("A")]
    right.fail("A", RateLimited(system="Memory"))
    run = read(flow, left, right)
    RunRecord.objects.update(created_at=timezone.now() - timedelta(days=1))

    go_on(flow, left, right, run)

    assert right.asked == ["A", "A"]
