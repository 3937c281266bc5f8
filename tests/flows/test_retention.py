"""Deleting log rows whose time is up: the sums of old runs stay right, and work is never deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.organizations.models import AuditEntry, Organization
from apicenter.tenancy import organization_context
from flows.log import retention
from flows.log.retention import purge_all, purge_expired
from flows.models import Flow, Run, RunRecord, Tally
from flows.services import start_run
from tests.factories import make_organization
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def run(shelf_flow: Flow, shelf: Shelf) -> Run:
    shelf.rows = [make_row(f"L{number}") for number in range(5)] + [make_row("V", vat="6")]
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()
    return run


def expire(**which: object) -> None:
    RunRecord.objects.filter(**which).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_rows_go_when_their_time_is_up_and_the_tally_stays(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    expire(state=State.CREATED)

    assert purge_expired(run.flow.organization) == 5
    assert RunRecord.objects.count() == 1
    assert Tally.objects.get().created == 5


def test_what_is_kept_for_the_time_the_organization_chose(shelf_flow: Flow, shelf: Shelf):
    Organization.objects.update(log_days=3)
    shelf.rows = [make_row("A"), make_row("V", vat="6")]

    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()

    days = {row.state: round((row.expires_at - timezone.now()) / timedelta(days=1)) for row in RunRecord.objects.all()}
    assert days == {State.CREATED: 3, State.NEEDS_YOU: 30}


def test_a_record_nobody_dealt_with_counts_as_skipped_in_the_end(run: Run):
    expire()

    purge_expired(run.flow.organization)

    tally = Tally.objects.get()
    assert tally.is_balanced
    assert (tally.created, tally.skipped, tally.needs_you) == (5, 1, 0)
    assert not RunRecord.objects.exists()


def test_waiting_records_are_work_and_stay(run: Run):
    RunRecord.objects.filter(state=State.NEEDS_YOU).update(state=State.WAITING)
    expire()

    purge_expired(run.flow.organization)

    assert RunRecord.objects.get().state == State.WAITING


def test_every_organization_is_purged_and_each_on_its_own(run: Run):
    expire(state=State.CREATED)
    other = Organization.objects.create(name="Theirs")

    assert purge_expired(other) == 0
    assert purge_all() == 5
    with organization_context(other.pk):
        assert not RunRecord.objects.exists()


def test_the_trail_goes_when_its_time_is_up(env: Callable[..., None]):
    env(AUDIT_DAYS=30)
    organization = make_organization()
    with organization_context(organization.pk):
        for name, days in (("old", 31), ("young", 29)):
            entry = record_change("flow.paused", subject=name)
            AuditEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - timedelta(days=days))

    purge_all()

    with organization_context(organization.pk):
        assert [one.subject for one in AuditEntry.objects.all()] == ["young"]
