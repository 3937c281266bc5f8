"""The platform notices by itself what is wrong with it, and says so once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apicenter.notifications.events import TRIAL
from apicenter.notifications.models import Delivery, Notification
from apicenter.organizations.models import Organization
from connectors.models import Lane
from flows.models import Alarm, Heartbeat, Job, Run
from flows.running import held_up
from flows.watching.silence import quiet_flows, usual_count
from flows.watching.watchdog import is_worker_silent, look
from tests.dashboard.company import Company, make_company
from tests.factories import inside, make_flow, make_run

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def company() -> Iterator[Company]:
    company = make_company()
    with inside(company.organization):
        yield company


@pytest.fixture
def operator(env: Callable[..., None]) -> None:
    env(OPERATOR_EMAIL="operator@example.com")


def found() -> set[str]:
    return {one.code for one in look()}


def test_a_dispatcher_that_died_is_told_once_and_ends_when_it_is_back(operator: None):
    heart = Heartbeat.objects.create(name="dispatcher", owner="a:1", beat_at=timezone.now() - HOUR)

    assert (found(), found()) == ({"worker.silent"}, {"worker.silent"})
    assert [letter.to for letter in mail.outbox] == [["operator@example.com"]]
    assert is_worker_silent()

    Heartbeat.objects.filter(pk=heart.pk).update(beat_at=timezone.now())
    assert found() == set()
    assert Alarm.objects.get().over_at is not None


def test_a_machine_on_which_nothing_was_started_is_not_alarmed():
    assert found() == set()


def test_the_web_process_notices_for_those_who_cannot(operator: None):
    Heartbeat.objects.create(name="dispatcher", owner="a:1", beat_at=timezone.now() - HOUR)

    Client().get("/readyz")

    assert Alarm.objects.get().code == "worker.silent"


def test_a_full_disk_is_told_to_the_operator_while_it_lasts(company: Company, operator: None):
    run = make_run(company.orders)
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.RUNNING,
        problem_code="database.full",
        held_up=held_up.begun([], "database.full", {}, at=timezone.now()),
    )
    assert found() == {"disk.full"}

    Run.objects.filter(pk=run.pk).update(problem_code="")
    assert found() == set()


def test_jobs_that_nobody_takes_up_are_noticed_but_not_those_a_vendor_holds_back(company: Company, operator: None):
    late = timezone.now() - HOUR
    lane = company.orders.target.lane
    Job.objects.create(run=make_run(company.orders), lane=lane, next_at=late)
    Lane.objects.filter(pk=lane.pk).update(served_at=late)
    assert found() == {"queue.late"}

    Lane.objects.filter(pk=lane.pk).update(blocked_until=timezone.now() + HOUR)
    assert found() == set()


def test_a_run_that_says_that_the_disk_is_full_is_told_to_the_operator(company: Company, operator: None):
    since = timezone.now().isoformat()
    run = make_run(company.orders, state=Run.State.RUNNING, problem_code="database.full", held_up=[{"since": since}])
    assert found() == {"disk.full"}

    Run.objects.filter(pk=run.pk).update(problem_code="")
    assert found() == set()


def test_letters_that_do_not_go_out_are_noticed_until_one_does(company: Company, operator: None):
    told = Notification.objects.create(event=TRIAL, key="trial", params={"number": 3, "name": "Ours"})
    one = Delivery.objects.create(notification=told, channel="email", target="email:1", user=company.owner, tries=3)
    assert found() == {"mail.unsent"}
    assert "could not be sent" in mail.outbox[0].body

    Delivery.objects.filter(pk=one.pk).update(state=Delivery.State.SENT, sent_at=timezone.now())
    assert found() == set()


@pytest.mark.parametrize(
    ("now", "earlier", "usual"),
    [
        (0, [40, 38, 44, 41], 40),
        (1, [40, 38, 44, 41], None),  # something came
        (0, [40, 38, 44], None),  # too young to know
        (0, [40, 0, 44, 41], None),  # a holiday happens
        (0, [5, 5, 9, 30], 7),
    ],
)
def test_what_is_usual_is_what_came_on_the_same_day_of_earlier_weeks(now: int, earlier: list[int], usual: int | None):
    assert usual_count(now, earlier) == usual


def test_a_flow_that_fell_silent_is_a_fact_until_something_comes(company: Company):
    flow = make_flow(every_minutes=15, created_at=timezone.now() - WEEK * 10)
    for weeks in range(1, 5):
        make_run(flow, minutes_ago=(WEEK * weeks + HOUR).total_seconds() / 60, tally={"created": 40})
    assert [(one.flow_id, one.params) for one in quiet_flows()] == [(flow.pk, {"usual": "40"})]

    make_run(flow, tally={"unchanged": 1})

    assert list(quiet_flows()) == []


def test_metrics_are_for_whoever_has_the_token(company: Company, env: Callable[..., None]):
    Organization.objects.update(name="Secret name")
    assert Client().get("/metrics").status_code == 404
    env(METRICS_TOKEN="let-me-see")
    assert Client().get("/metrics").status_code == 404

    text = Client().get("/metrics", headers={"authorization": "Bearer let-me-see"}).content.decode()

    assert 'apicenter_flows{state="active"}' in text
    assert "Secret name" not in text
