"""The demo organization at work: several causes that need a person, a past in balance, a life that can rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apicenter.organizations.zones import zone_of
from connectors.sandbox.models import Account, Thing
from flows.demo.history import DAYS, seed_demo_history
from flows.demo.life import SCHEDULES, enliven, life_at_rest, live_sandboxes
from flows.models import Flow, Run, RunRecord, Tally
from flows.services import start_run
from tests.flows.live import Company, live_company, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(tmp_path: Path, env: Callable[..., None]) -> Iterator[Company]:
    with live_company(tmp_path, env) as company:
        yield company


def run(flow: Flow) -> None:
    start_run(flow, Run.Trigger.COMMAND)
    work_what_is_due()


def test_it_is_a_company_at_work(company: Company):
    enliven(company.organization, run=run, say=lambda text: None)

    causes = set(RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).values_list("code", flat=True))
    assert causes >= {
        "vat.no_pair",
        "match.ambiguous",
        "product.missing",
        "totals.differ",
        "customer.inactive",
        "order.changed",
    }
    schedule = dict(Flow.objects.values_list("kind", "every_minutes"))
    assert schedule == SCHEDULES
    assert not Flow.objects.exclude(state=Flow.State.ACTIVE).exists()
    past = Run.objects.filter(created_at__lt=timezone.now() - timedelta(days=1))
    assert len({run.created_at.date() for run in past}) >= 13
    assert all(tally.is_balanced for tally in Tally.objects.all())
    assert not RunRecord.objects.filter(run__in=past).exists()
    _and_it_lives_and_rests(company)


def _and_it_lives_and_rests(company: Company) -> None:
    runs = Run.objects.count()
    enliven(company.organization, run=run, say=lambda text: None)  # a second time changes nothing
    assert Run.objects.count() == runs
    before = Thing.objects.filter(kind="deal").count()
    assert live_sandboxes() == 2
    assert Thing.objects.filter(kind="deal").count() == before + 1
    with life_at_rest():
        assert live_sandboxes() == 0
        assert not Flow.objects.exclude(next_run_at=None).exists()
    assert live_sandboxes() >= 1
    assert Flow.objects.exclude(next_run_at=None).count() == len(SCHEDULES)


@pytest.mark.parametrize("prepared", ["2026-11-25T23:20:00+00:00", "2026-11-26T13:00:00+00:00"])
def test_the_past_fills_every_day_up_to_yesterday_whatever_the_hour(company: Company, prepared: str):
    flow = Flow.objects.get(kind="products")
    seed_demo_history([flow], now=datetime.fromisoformat(prepared))  # in Brussels 26 November, also the first

    zone = zone_of(company.organization)
    days = {at.astimezone(zone).date() for at in Run.objects.filter(flow=flow).values_list("created_at", flat=True)}
    assert days == {date(2026, 11, 12) + timedelta(days=day) for day in range(DAYS)}


def test_the_repeatable_demo_does_not_live(company: Company):
    assert live_sandboxes() == 0
    assert not Flow.objects.exclude(every_minutes=None).exists()


def test_without_the_sandbox_nothing_lives(company: Company, env: Callable[..., None]):
    Account.objects.update(options={"life": True})
    env(SANDBOX_ENABLED=False)

    assert live_sandboxes() == 0
