"""Deleting log rows whose time is up: the sums of old runs stay right, and work is never deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.organizations.models import AuditEntry, Invitation, Organization
from apicenter.tenancy import organization_context
from dashboard.setup.models import Inquiry
from flows.log import retention
from flows.log.retention import purge_all, purge_expired
from flows.models import Flow, Run, RunRecord, Tally, ValueTable
from flows.services import start_run
from tests.dashboard.people import signed_in
from tests.factories import make_organization, make_user
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


def test_invitations_go_some_time_after_their_link_has_ended():
    organization = make_organization()
    with organization_context(organization.pk):
        for name, days in (("old", 91), ("young", 89)):
            ended = timezone.now() - timedelta(days=days)
            Invitation.objects.create(email=f"{name}@example.com", token_hash=name, expires_at=ended)
        Invitation.objects.filter(token_hash="old").update(accepted_at=timezone.now() - timedelta(days=95))

    purge_all()

    with organization_context(organization.pk):
        assert [one.token_hash for one in Invitation.objects.all()] == ["young"]


def test_questions_to_people_without_an_account_go_too(shelf_flow: Flow):
    with organization_context(shelf_flow.organization_id):
        table = ValueTable.objects.filter(flow=shelf_flow).first()
        for name, days in (("old", 91), ("young", 89)):
            ended = timezone.now() - timedelta(days=days)
            Inquiry.objects.create(table=table, name=name, email="a@b.example", token_hash=name, expires_at=ended)

    purge_all()

    with organization_context(shelf_flow.organization_id):
        assert [one.name for one in Inquiry.objects.all()] == ["young"]


def test_of_a_session_that_ended_neither_browser_nor_address_is_kept():
    keys, seen = {}, timezone.now() - timedelta(hours=2)
    for name in ("ended", "running"):
        user = make_user(f"{name}@example.com")
        keys[name] = signed_in(user).session.session_key
        UserSession.objects.create(user=user, session_key=keys[name], ip="192.0.2.1", last_seen_at=seen)
    Session.objects.filter(pk=keys["ended"]).update(expire_date=timezone.now() - timedelta(seconds=1))

    purge_all()

    assert [one.pk for one in Session.objects.all()] == [keys["running"]]
    assert [one.session_key for one in UserSession.objects.all()] == [keys["running"]]
