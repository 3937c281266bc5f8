"""What a run tells, while it is at work and afterwards."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connectors.models import Lane
from flows.models import Flow, Run
from flows.running import held_up
from flows.services import start_run
from tests.dashboard.company import Company, make_company
from tests.dashboard.flow.pages import State, address, client_of, text_of
from tests.factories import inside, make_record, make_run
from tests.flows.memory import START

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


def test_a_run_at_work_shows_its_progress_and_can_be_stopped(company: Company):
    with inside(company.organization):
        run = make_run(
            company.products,
            state=Run.State.RUNNING,
            phase=Run.Phase.READ,
            trigger=Run.Trigger.BACKFILL,
            expected=97,
            minutes_ago=1,
            started_by=company.owner,
            tally={"created": 30, "unchanged": 30, "waiting": 2},
        )
        Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    client = client_of(company.organization)

    page = text_of(client, f"/flows/{company.products.pk}/")
    assert "<b>60</b> of 97" in page
    assert re.search(r"\b(60|[1-5]\d) a minute", page)  # fewer when the machine is slow
    assert "About 1 minute left." in page
    assert "Sofie Claes" in page
    assert "The next one can start as soon as it has read everything." in page
    assert 'hx-trigger="every 2s, look"' in page

    client.post(f"/flows/{company.products.pk}/runs/{run.pk}/stop/")
    with inside(company.organization):
        run.refresh_from_db()
    assert run.stop_requested
    assert "Stopping after the records it is at" in text_of(client, f"/flows/{company.products.pk}/")


def test_a_first_run_tells_what_it_has_found_there(client: Client, flow: Flow):
    Flow.objects.update(adopted_at=None)
    start_run(flow, Run.Trigger.MANUAL)

    assert "records found in Memory so far" in text_of(client, address(flow))


def test_a_run_tells_what_it_did_record_by_record(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{company.run.pk}/"

    page = text_of(client, path)
    assert "<b>5</b> read" in page
    assert "1 created" in page
    assert page.count("/log/") > 3
    assert f"/log/export/?run={company.run.pk}" in page

    only = client.get(path, {"state": "updated"}).context["page"].records.records
    assert [record.state for record in only] == [State.UPDATED]


def test_a_run_tells_what_held_it_up_and_is_over(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{company.run.pk}/"
    assert "Was held up" not in text_of(client, path)
    entries = held_up.begun([], "database.full", {}, at=START)
    company.run.held_up = held_up.over(entries, at=START + timedelta(minutes=5))
    with inside(company.organization):
        company.run.save(update_fields=["held_up"])

    text = text_of(client, path)
    assert "Was held up" in text
    assert "The disk of this platform is full" in text


def test_a_long_run_is_shown_in_pages(company: Company):
    with inside(company.organization):
        run = make_run(company.products, minutes_ago=600, tally={"created": 60})
        for number in range(60):
            make_record(run, f"N{number:02}")
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{run.pk}/"

    first = client.get(path).context["page"].records
    second = client.get(path, {"older": first.older}).context["page"].records

    assert (len(first.records), len(second.records)) == (50, 10)


def test_runs_are_shown_in_pages_and_by_what_they_did(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.orders.pk}/"

    first = client.get(path).context["page"].run_page
    second = client.get(f"{path}?{first.older}").context["page"].run_page
    needs = client.get(path, {"show": "needs"}).context["page"].run_page
    nonsense = client.get(path, {"show": "x", "older": "y"})

    assert (len(first.lines), len(second.lines)) == (20, 1)
    assert [line.sums.needs_you for line in needs.lines] == [7]
    assert nonsense.status_code == 200


def test_a_run_belongs_to_its_flow(company: Company):
    client = client_of(company.organization)

    assert client.get(f"/flows/{company.orders.pk}/runs/{company.run.pk}/").status_code == 404
