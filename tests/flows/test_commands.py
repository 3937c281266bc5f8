"""The commands people script: they do the work, say what came of it, and end with the right code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apicenter.organizations.models import Organization
from flows.demo.company import NAME
from flows.models import Flow, Run, RunRecord
from flows.services import start_run
from tests.flows.live import Company, shared_database
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

State = RunRecord.State


def said(name: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_sync_runs_the_flow_and_shows_the_equation(company: Company):
    text = said("sync", "orders", "--patience", "5")

    tally = company.tally(Run.objects.get(), "orders")
    assert (tally.read, tally.waiting) == (47, 0)
    assert " = │" in text
    assert str(tally.created) in text


@pytest.mark.django_db(transaction=True)
def test_preview_shows_what_would_happen_and_does_nothing(company: Company):
    text = said("preview", "orders", "--limit", "5", "--payload")

    assert "Orders: 5 records" in text
    assert '"refNo"' in text
    assert not company.things("visma_net", "salesorder")
    assert not RunRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_demo_ends_well_with_nothing_sent_the_second_time(
    transactional_db: None, tmp_path: Path, env: Callable[..., None]
):
    with shared_database(tmp_path):
        text = said("demo")

        assert Organization.objects.get().name == NAME
        assert "the second run sent nothing" in text


@pytest.mark.django_db
def test_sync_without_waiting_only_queues(shelf_flow: Flow):
    said("sync", "--no-wait")

    assert Run.objects.get().trigger == Run.Trigger.COMMAND


@pytest.mark.django_db
def test_sync_says_why_a_flow_cannot_start(shelf_flow: Flow, shelf: Shelf):
    Flow.objects.update(state=Flow.State.PAUSED)

    with pytest.raises(CommandError):
        said("sync", "--no-wait")


@pytest.mark.django_db
def test_an_unknown_flow_is_named_with_the_ones_there_are(shelf_flow: Flow):
    with pytest.raises(CommandError, match=r"No flow is called stock. There are: Products."):
        said("sync", "stock", "--no-wait")


@pytest.mark.django_db
def test_the_organization_is_asked_for_when_there_are_several(shelf_flow: Flow):
    Organization.objects.create(name="Theirs")

    with pytest.raises(CommandError, match="Say which organization"):
        said("sync", "--no-wait")

    said("sync", "--no-wait", "--organization", "Ours")
    assert Run.objects.count() == 1


@pytest.mark.django_db
def test_replay_sends_the_records_of_one_cause_again(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", vat="6"), make_row("B", broken=True)]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()
    table = shelf_flow.value_tables.get()
    table.rows.create(organization_id=shelf_flow.organization_id, key="6", value="low", is_confirmed=True)

    assert "1 records are sent again." in said("replay", "--cause", "vat.no_pair")
    work_until_idle()

    assert {row.natural_key: row.state for row in RunRecord.objects.all()} == {
        "A": State.CREATED,
        "B": State.NEEDS_YOU,
    }


@pytest.mark.django_db
def test_replay_says_when_nothing_fits(shelf_flow: Flow):
    with pytest.raises(CommandError, match="No record"):
        said("replay", "--record", "nothing")


@pytest.mark.django_db
def test_purge_logs_says_how_many(shelf_flow: Flow):
    assert said("purge_logs") == "0 log rows deleted.\n"


@pytest.mark.parametrize(
    ("site", "port", "is_told"),
    [("http://127.0.0.1:8000", 8123, True), ("http://127.0.0.1:8000", 8000, False), ("https://a.example", 8123, False)],
)
def test_serve_says_when_links_lead_to_another_port(
    monkeypatch: pytest.MonkeyPatch, settings: Any, site: str, port: int, is_told: bool
):
    settings.SITE_URL = site
    monkeypatch.setattr("flows.management.commands.serve.Dispatcher", nullcontext)
    monkeypatch.setattr("flows.management.commands.serve.spare_what_was_loaded", lambda: None)
    monkeypatch.setattr("waitress.serve", lambda *args, **options: None)
    err = StringIO()

    said("serve", "--port", str(port), stderr=err)

    assert ("SITE_URL=http://127.0.0.1:8123" in err.getvalue()) is is_told
