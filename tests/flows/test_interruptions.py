"""An answer that was read is not read again because another one of the same portion was refused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apicenter.errors import ApicenterError, RemoteUnavailable
from connectors.answers import Answer
from connectors.memory import KEPT_FOR, Memory
from connectors.sandbox import services as sandbox
from connectors.sandbox.models import Call
from flows.engine import intake
from flows.engine.work import open_work
from flows.log.retention import purge_expired
from flows.models import Flow, PortionMemory, Run, RunRecord
from flows.running.portions import LEFTOVER, Part, remembered
from tests.flows.live import Company, let_time_pass
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.django_db(transaction=True)
ONE_PORTION = {"limit": 8}
MOST_RESTS = 60


def run_one_portion(company: Company) -> Run:
    run = company.run("orders", **ONE_PORTION)
    for _ in range(MOST_RESTS):
        if run.state == Run.State.DONE:
            return run
        let_time_pass()
        run.refresh_from_db()
    raise AssertionError("the run never ends")


def count_calls(company: Company, **of: int) -> int:
    return Call.objects.filter(account=company.account("teamleader"), **of).count()


@pytest.mark.parametrize(("rate", "chance", "status"), [("limited_rate", 0.2, 429), ("error_rate", 0.4, 500)])
def test_a_refused_call_costs_itself_and_no_others(company: Company, rate: str, chance: float, status: int):
    company.run("orders", **ONE_PORTION)
    usual = count_calls(company)
    Call.objects.all().delete()
    sandbox.set_faults(company.account("teamleader"), **{rate: chance})

    run_one_portion(company)

    refused = count_calls(company, status=status)
    assert refused > 2
    assert count_calls(company) <= usual + refused
    assert not PortionMemory.objects.exists()


def orders_looked_for() -> int:
    """Return how often an order was looked for under our reference and answered."""
    return Call.objects.filter(method="GET", path__endswith="/SalesOrders", status=200).count()


def limit_orders(company: Company, rate: float) -> None:
    sandbox.set_faults(company.account("visma_net"), limited_rate=rate, only=("/SalesOrders",))


def test_an_order_the_limit_stopped_is_not_looked_for_again(company: Company):
    limit_orders(company, 0.5)

    run = run_one_portion(company)

    assert Call.objects.filter(path__endswith="/SalesOrders", method="POST", status=429).count() > 2
    once_more = 1  # making the customers in between ended what the target had said
    assert orders_looked_for() <= company.tally(run, "orders").created + once_more


def test_an_order_the_limit_stopped_a_while_ago_is_looked_for_again(company: Company):
    limit_orders(company, 0.5)
    run = company.run("orders", **ONE_PORTION)
    waiting = RunRecord.objects.filter(run=run, kind="orders", state=RunRecord.State.WAITING, attempts=0)
    while not waiting.exists():
        let_time_pass()
    assert waiting.update(created_at=timezone.now() - KEPT_FOR) > 1
    limit_orders(company, 0)
    count, _ = waiting.count(), Call.objects.all().delete()

    let_time_pass()

    assert orders_looked_for() == count


def test_what_was_kept_is_sealed_and_goes_with_time(company: Company):
    sandbox.set_faults(company.account("teamleader"), limited_rate=1, only=("quotations.info",))
    company.run("orders", **ONE_PORTION)

    kept = PortionMemory.objects.get()
    assert any('"lead"' in str(row) for row in kept.read_answers()["source"].values())
    assert b"lead" not in bytes(kept.answers or b"")

    PortionMemory.objects.update(created_at=timezone.now() - 2 * LEFTOVER)
    purge_expired(company.organization)
    assert not PortionMemory.objects.exists()


def test_what_decides_about_a_write_is_asked_anew_and_a_write_ends_what_the_target_said(shelf_flow: Flow, shelf: Shelf):
    with open_work(shelf_flow, None, ensure=intake.ensure_dry) as work:
        kept = {name: Memory(now=timezone.now()) for name in work.clients}
        for name, api in work.clients.items():
            api.memory = kept[name]
            kept[name].note("question", Answer(200, {}, 1, "1"))

        with work.live():
            assert [api.memory for api in work.clients.values()] == [None, None]
        assert all(kept[name].to_json() for name in kept)

        with work.live(is_writing=True):
            pass
        assert (bool(kept["source"].to_json()), bool(kept["target"].to_json())) == (True, False)


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [
        (RemoteUnavailable(system="Fake"), True),
        (RemoteUnavailable("remote.bad_answer", system="Fake"), False),
    ],
)
def test_answers_that_do_not_fit_together_are_not_kept(shelf_flow: Flow, error: ApicenterError, is_kept: bool):
    run = Run.objects.create(flow=shelf_flow, trigger=Run.Trigger.MANUAL)

    with open_work(shelf_flow, run, ensure=intake.ensure) as work:
        for failure in (RemoteUnavailable(system="Fake"), error):
            with pytest.raises(type(failure)), remembered(work, Part.READ):
                raise failure

    assert PortionMemory.objects.exists() is is_kept
