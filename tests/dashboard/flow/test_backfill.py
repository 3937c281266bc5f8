"""Older records: counted first, then read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apicenter.errors import RemoteUnavailable
from flows.models import Flow, Job, Run
from flows.services import start_run
from tests.dashboard.flow.pages import address, said, text_of, work
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.django_db


def day(moment: object) -> str:
    return timezone.localtime(moment).date().isoformat()  # type: ignore[arg-type]


def test_older_records_are_counted_first_and_then_read(client: Client, flow: Flow, shelf: Shelf, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: (START + timedelta(days=30)).date())
    shelf.rows = [make_row(f"L{number}", minutes=number) for number in range(6)]
    period = {"since": day(START), "until": day(START)}

    page = client.get(address(flow, "backfill/"), period).content.decode()
    assert "About 6 records would be read." in page
    assert "Read 6 records again" in page
    assert not Run.objects.exists()

    client.post(address(flow, "backfill/start/"), {**period, "expected": "6"})
    run = Run.objects.get()
    assert (run.trigger, run.expected, run.started_by) == (Run.Trigger.BACKFILL, 6, flow.organization.members.get())
    work()
    flow.refresh_from_db()
    assert flow.cursor is None
    assert len(shelf.things) == 6


def test_dates_that_make_no_sense_are_told_at_their_box(client: Client, flow: Flow):
    page = client.get(address(flow, "backfill/"), {"since": "2020-02-02", "until": "2020-02-01"}).content.decode()

    assert "The last day is before the first one." in page
    assert 'value="2020-02-01"' in page
    assert client.post(address(flow, "backfill/start/"), {"since": "x", "until": "2999-01-01"}).status_code == 200
    assert not Run.objects.exists()


def test_a_count_that_fails_says_why(client: Client, flow: Flow, shelf: Shelf):
    def fail(_position: object) -> None:
        raise RemoteUnavailable(system="Memory")

    shelf.before_page = fail

    page = client.get(address(flow, "backfill/"), {"since": "2020-02-01", "until": "2020-02-02"}).content.decode()

    assert "Memory cannot be reached at the moment." in page


def test_a_stopped_backfill_goes_on_or_is_closed(client: Client, flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    run = start_run(flow, Run.Trigger.BACKFILL, since=START)
    client.post(address(flow, f"runs/{run.pk}/stop/"))
    assert "was stopped." in text_of(client, address(flow))

    assert "goes on where it stopped" in said(client, address(flow, f"runs/{run.pk}/go-on/"))
    client.post(address(flow, f"runs/{run.pk}/stop/"))
    assert "0 records are left out." in said(client, address(flow, f"runs/{run.pk}/leave/"))

    run.refresh_from_db()
    assert (run.state, run.phase) == (Run.State.STOPPED, Run.Phase.END)
    assert "was stopped." not in text_of(client, address(flow))
    assert not Job.objects.exists()
