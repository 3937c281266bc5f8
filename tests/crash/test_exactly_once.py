"""Workers killed at random, answers lost and late: every record arrives once and is accounted for.

The naive way goes through the same and duplicates, so a pass means something.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import redis
from django.conf import settings

from apicenter.organizations.models import Organization
from connectors.models import Lane
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.services import set_faults
from flows.models import Binding, Flow, Intent, Run, RunRecord, Tally
from flows.needs.replays import replay
from flows.services import start_run
from tests.crash import processes
from tests.crash.naive import ORDERS
from tests.crash.processes import Process

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "1"))  # passes, each with a seed of its own
MOST_KILLS = 7
FEWEST_KILLS = 3
KILL_AFTER = (0.3, 1.0)  # seconds of work
PATIENCE_SECONDS = 240.0  # a pass takes about 40; this only ends one that hangs
LOOK_SECONDS = 0.05
FEWEST_ORDERS, FEWEST_PRODUCTS = 40, 300  # to be made for the seeded company
OUR_OWN_CAUSES = {"product.missing", "totals.differ", "match.ambiguous", "dependency.failed"}  # of its odd records
WITHOUT_SERVICES = pytest.mark.skipif(bool(settings.ENV.REDIS_URL), reason="has its turn in the run without services")
State = RunRecord.State


def make_hostile(seed: int, *, latency_ms: int = 40) -> None:
    """Both fakes lose a tenth of the answers to writes, and do another tenth late after they said that they failed."""
    rates = {"seed": seed, "lost_rate": 0.1, "late_rate": 0.1, "late_seconds": 1.5, "latency_ms": latency_ms}
    set_faults(Account.objects.get(system="visma_net"), **rates, error_rate=0.005)
    set_faults(
        Account.objects.get(system="teamleader"), **rates, error_rate=0.05, only=("products.add", "products.update")
    )


def wait_for(condition: Callable[[], bool], *, until: float) -> None:
    while not condition():
        assert time.monotonic() < until, report()
        time.sleep(LOOK_SECONDS)


def report() -> str:
    """Say where the runs stand, for the one who reads a failure."""
    runs = [f"{run.flow.kind}: {run.state} {run.phase} {run.problem}" for run in Run.objects.select_related("flow")]
    states = Counter(RunRecord.objects.values_list("kind", "state", "code"))
    return "\n".join([*runs, *(f"{key}: {count}" for key, count in states.items())])


def fences() -> dict[int, int]:
    return dict(Lane.objects.values_list("pk", "fence"))


def work_and_kill(workers: list[Process], is_done: Callable[[], bool], random: Random) -> int:
    """Kill workers while they work until it is done; returns how often."""
    until = time.monotonic() + PATIENCE_SECONDS
    for kills in range(MOST_KILLS):
        before = fences()
        wait_for(lambda before=before: is_done() or fences() != before, until=until)
        time.sleep(random.uniform(*KILL_AFTER))
        if is_done():
            return kills
        random.choice(workers).strike(random)
    wait_for(is_done, until=until)
    return MOST_KILLS


def is_through() -> bool:
    """Whether every run has ended. What was given up after several kills in a row is sent again, as a person would."""
    unresolved = RunRecord.objects.filter(state=State.NEEDS_YOU, code="outcome.unresolved")
    if unresolved.exists():
        dependent = RunRecord.objects.filter(state=State.NEEDS_YOU, code="dependency.failed")
        replay(unresolved | dependent)
    return not Run.objects.exclude(state=Run.State.DONE).exists()


def bodies(system: str, kind: str) -> list[dict]:
    return list(Thing.objects.filter(account__system=system, kind=kind).values_list("body", flat=True))


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def keys(kind: str) -> list[str]:
    return list(Thing.objects.filter(kind=kind).values_list("key", flat=True))


def codes_of_products() -> list[str]:
    return [body["code"] for body in bodies("teamleader", "product") if body["code"]]


def assert_exactly_once(*, customers_before: int, products_before: int) -> None:
    orders = [body["customerRefNo"] for body in bodies("visma_net", "salesorder")]
    customers = bodies("visma_net", "customer")
    products = codes_of_products()
    made = [body["accountReference"] for body in customers if body["accountReference"]]

    counted = {tally.kind: tally for tally in Tally.objects.all()}

    assert (repeated(orders), len(orders)) == ([], counted["orders"].created), report()
    assert (repeated(made), len(customers) - customers_before) == ([], counted["customers"].created), report()
    assert (repeated(products), len(products) - products_before) == ([], counted["products"].created), report()
    assert {binding.target_id for binding in Binding.objects.filter(kind="orders")} == set(keys("salesorder"))


def assert_accounted_for() -> None:
    held = RunRecord.objects.filter(state=State.NEEDS_YOU)
    tallies = {tally.kind: tally for tally in Tally.objects.all()}

    assert all(tally.is_balanced and not tally.waiting for tally in tallies.values()), list(map(str, tallies.values()))
    assert not RunRecord.objects.filter(state=State.WAITING).exists()
    assert (tallies["orders"].read, tallies["products"].read) == (47, 520), report()
    assert tallies["orders"].created >= FEWEST_ORDERS
    assert tallies["products"].created >= FEWEST_PRODUCTS
    assert {row.code for row in held} <= OUR_OWN_CAUSES, report()
    assert not Intent.objects.exclude(source_key__in=held.values("source_key")).exists()


@pytest.fixture(
    params=[
        pytest.param("dispatcher", marks=WITHOUT_SERVICES),
        pytest.param("celery", marks=pytest.mark.services),
    ]
)
def workers(request: pytest.FixtureRequest, sandbox_url: str, tmp_path: Path) -> Iterator[list[Process]]:
    """Those who work and are killed: the embedded dispatcher, or Celery workers with a sweeper that lives on."""
    own = {"SANDBOX_URL": sandbox_url}
    log = tmp_path / "workers.log"
    if request.param == "dispatcher":
        started = killed = [processes.dispatcher(processes.environment(**own), log)]
    else:
        own["REDIS_URL"] = processes.redis_url()
        redis.Redis.from_url(own["REDIS_URL"]).flushdb()
        killed = [processes.celery_worker(processes.environment(**own), log)]
        sweeper = processes.sweeper(processes.environment(**own), log)
        sweeper.start()
        started = [*killed, sweeper]
    try:
        yield killed
    finally:
        for process in started:
            process.kill()


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_every_record_arrives_exactly_once(organization: Organization, workers: list[Process], seed: int):
    before = {"customers_before": len(keys("customer")), "products_before": len(codes_of_products())}
    make_hostile(seed)
    for flow in Flow.objects.all():
        start_run(flow, Run.Trigger.MANUAL)

    for worker in workers:
        worker.start()
    kills = work_and_kill(workers, is_through, Random(seed))

    assert kills >= FEWEST_KILLS
    assert_exactly_once(**before)
    assert_accounted_for()


def test_the_naive_way_duplicates(organization: Organization, sandbox_url: str, tmp_path: Path):
    make_hostile(1, latency_ms=20)
    done = tmp_path / "done"
    done.touch()
    worker = processes.naive_worker(processes.environment(SANDBOX_URL=sandbox_url), tmp_path / "naive.log", done)
    random, until = Random(1), time.monotonic() + PATIENCE_SECONDS

    worker.start()
    for _ in range(3):
        time.sleep(random.uniform(1, 2))
        worker.kill()
        worker.start()
    wait_for(lambda: worker.has_ended, until=until)
    worker.kill()
    time.sleep(2)  # for what is done late

    orders = [body["customerRefNo"] for body in bodies("visma_net", "salesorder")]
    assert len(set(orders)) == ORDERS
    assert len(repeated(orders)) >= 3
