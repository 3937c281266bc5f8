"""Runs that a program starts, stops and asks about."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apicenter.organizations.models import AuditEntry
from apicenter.tenancy import platform_context
from flows.models import Flow, Job, Run, RunRecord
from flows.running import held_up
from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company
from tests.factories import inside

pytestmark = pytest.mark.django_db


def test_a_run_is_started_once(program: Program, company: Company):
    first = program.call("POST", f"flows/{company.products.pk}/runs/", {})
    second = program.call("POST", f"flows/{company.products.pk}/runs/", {})

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["trigger"] == "api"


def test_dates_of_a_backfill_must_make_sense(program: Program, company: Company):
    answer = program.call(
        "POST",
        f"flows/{company.products.pk}/runs/",
        {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    )

    assert error_of(answer) == (400, "validation_failed")
    assert "until" in answer.json()["error"]["fields"]


def test_a_paused_flow_says_why_it_does_not_run(program: Program, company: Company):
    assert program.call("POST", f"flows/{company.products.pk}/pause/").json()["state"] == "paused"

    assert error_of(program.call("POST", f"flows/{company.products.pk}/runs/", {})) == (409, "flow.inactive")
    assert program.call("POST", f"flows/{company.products.pk}/resume/").json()["state"] == "active"


def test_what_a_program_changes_stands_in_the_audit_trail(program: Program, company: Company):
    program.call("POST", f"flows/{company.products.pk}/pause/")

    with inside(company.organization):
        entry = AuditEntry.objects.get(action="flow.paused")
    assert (entry.user, entry.via) == (company.owner, "Warehouse")


def test_integrations_join_both_connections(program: Program, company: Company):
    (pair,) = program.get("integrations/")

    assert {one["connector"] for one in pair["connections"]} == {"visma_net", "teamleader"}
    with platform_context():
        assert len(pair["flows"]) == Flow.unscoped.count()


def test_a_dry_run_of_a_flow_without_connection_says_so_and_writes_nothing(program: Program, company: Company):
    with platform_context():
        before = (Run.unscoped.count(), RunRecord.unscoped.count(), Job.unscoped.count())

    answer = program.call("POST", f"flows/{company.products.pk}/dry-runs/", {"limit": 5})

    assert answer.status_code in {409, 502}
    with platform_context():
        assert (Run.unscoped.count(), RunRecord.unscoped.count(), Job.unscoped.count()) == before


def test_a_run_tells_what_held_it_up(program: Program, company: Company):
    company.run.held_up = held_up.begun([], "database.lost", {}, at=timezone.now())
    with inside(company.organization):
        company.run.save(update_fields=["held_up"])

    (entry,) = program.call("GET", f"runs/{company.run.pk}/").json()["held_up"]

    assert entry["reason"].startswith("The database of this platform did not answer")
    assert (entry["until"], entry["times"]) == (None, 1)


def test_a_run_is_stopped_and_goes_on(program: Program, company: Company):
    run = program.call("POST", f"flows/{company.products.pk}/runs/", {}).json()["id"]

    assert program.call("POST", f"runs/{run}/stop/").json()["state"] == "stopped"
    assert error_of(program.call("POST", f"runs/{run}/stop/")) == (409, "run_not_running")
    assert program.call("POST", f"runs/{run}/go-on/").json()["state"] in {"waiting", "running"}
    assert error_of(program.call("POST", f"runs/{company.run.pk}/go-on/")) == (409, "run_not_stopped")
