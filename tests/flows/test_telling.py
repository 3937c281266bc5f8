"""From records that need a person to messages: one per cause, a reminder a day, one when it is solved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail

from apicenter.notifications import care
from apicenter.notifications.inbox import unread_count
from apicenter.notifications.look import look_at
from apicenter.notifications.models import Delivery, Incident, Notification, Preferences, Watch
from apicenter.organizations.models import Membership
from apicenter.tenancy import organization_context
from connectors.models import Connection
from flows.models import CauseTask, Flow, Run, RunRecord
from flows.needs.cause_tasks import assign, take_care
from flows.watching.facts import aftermath, came_in, facts
from tests.dashboard.company import Company, make_company
from tests.factories import add_member, inside, make_run, make_user
from tests.flows.telling import NOON, VAT, hold, look, minutes, tell

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def company() -> Iterator[Company]:
    """One flow with nothing held back so far, seen from inside the organization."""
    company = make_company()
    with inside(company.organization):
        RunRecord.objects.all().delete()
        yield company


def test_a_storm_of_one_cause_is_one_message(company: Company):
    hold(company, 300)
    first = tell(company, NOON)
    hold(company, 200)

    assert first == []
    subjects = tell(company, NOON + minutes(1))

    assert [subject[:45] for subject in subjects] == ["500 orders need you: VAT “FR 5.5 %” has no co"]
    assert tell(company, NOON + minutes(2)) == []
    assert Notification.objects.count() == 1
    assert unread_count(company.owner) == 1


def test_each_cause_is_a_message_of_its_own(company: Company):
    hold(company, 2)
    hold(company, 1, params={**VAT, "key": "other", "value": "FR 2.1 %"})
    tell(company, NOON)

    assert len(tell(company, NOON + minutes(1))) == 2


def test_more_of_a_cause_that_was_told_are_not_told_again(company: Company):
    hold(company, 1)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    hold(company, 3)

    assert tell(company, NOON + minutes(20)) == []
    assert Incident.objects.get().count == 4


def test_what_is_gone_before_it_was_told_is_never_told(company: Company):
    record = hold(company, 1)[0]
    tell(company, NOON)
    RunRecord.objects.filter(pk=record.pk).update(state=State.CREATED)

    assert tell(company, NOON + minutes(0.5)) == []
    assert tell(company, NOON + minutes(2)) == []
    assert Incident.objects.get().closed_at is not None


def test_an_open_cause_is_reminded_of_once_a_day(company: Company):
    hold(company, 4)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    day = timedelta(days=1)

    sent = [tell(company, NOON + minutes(1) + timedelta(hours=hours)) for hours in range(6, 54, 6)]

    reminders = [subjects for subjects in sent if any("orders need you" in subject for subject in subjects)]
    assert len(reminders) == 2
    assert Incident.objects.get().reminded_at == NOON + minutes(1) + 2 * day


def test_a_cause_is_solved_when_its_last_record_is_through(company: Company):
    first, second = hold(company, 2)
    tell(company, NOON)
    tell(company, NOON + minutes(1))

    RunRecord.objects.filter(pk=first.pk).update(state=State.CREATED)
    assert tell(company, NOON + minutes(10)) == []
    RunRecord.objects.filter(pk=second.pk).update(state=State.SKIPPED)
    assert tell(company, NOON + minutes(11)) == []
    assert tell(company, NOON + minutes(13)) == ["Solved: 2 records are no longer held back"]
    assert "1 was sent. 1 was set aside." in mail.outbox[0].body
    assert tell(company, NOON + minutes(20)) == []


def test_records_on_their_way_again_are_not_solved_yet(company: Company):
    record = hold(company, 1)[0]
    tell(company, NOON)
    tell(company, NOON + minutes(1))

    RunRecord.objects.filter(pk=record.pk).update(state=State.WAITING)
    assert tell(company, NOON + minutes(30)) == []
    RunRecord.objects.filter(pk=record.pk).update(state=State.NEEDS_YOU)
    assert tell(company, NOON + minutes(31)) == []
    assert Incident.objects.get().gone_at is None


def test_a_lost_connection_is_told_once_with_the_way_to_reconnect(company: Company):
    connection = company.visma_net
    connection.mark_problem("token.revoked", {"system": "Visma.net"})

    assert tell(company, NOON) == ["The connection “Visma.net” stopped"]
    assert f"%2Fsetup%2Fconnections%2F{connection.pk}%2F" in mail.outbox[0].body
    assert tell(company, NOON + minutes(60)) == []
    Connection.objects.get(pk=connection.pk).mark_ok()
    assert tell(company, NOON + minutes(61)) == ["The connection “Visma.net” works again"]


def test_a_flow_that_pauses_by_itself_is_told_and_one_paused_by_a_person_is_not(company: Company):
    company.orders.pause("setting.missing", {"setting": "Branch"})
    company.products.pause()

    assert tell(company, NOON) == ["The flow “Orders” paused by itself"]
    assert "The setting “Branch” is empty." in mail.outbox[0].body


def test_a_run_that_does_not_get_on_is_told_after_an_hour(company: Company):
    problem = {"problem_code": "remote.unavailable", "problem_params": {"system": "Visma.net"}}
    run = make_run(company.products, state=Run.State.RUNNING, **problem)

    assert tell(company, NOON) == []
    Run.objects.filter(pk=run.pk).update(problem_code="")  # being tried just now
    assert tell(company, NOON + minutes(30)) == []
    Run.objects.filter(pk=run.pk).update(problem_code="remote.unavailable")
    assert tell(company, NOON + minutes(30.5)) == []
    assert tell(company, NOON + minutes(60)) == ["The flow “Products” does not get on"]
    Run.objects.filter(pk=run.pk).update(problem_code="")
    tell(company, NOON + minutes(61))
    assert tell(company, NOON + minutes(63)) == ["The flow “Products” gets on again"]


def test_everybody_reads_their_own_language(company: Company):
    company.owner.language = "fr"
    company.owner.save()
    add_member(company.organization, make_user("joris@example.com", name="Joris", language="nl"))
    hold(company, 2)
    tell(company, NOON)
    tell(company, NOON + minutes(1))

    words = {message.to[0]: message.alternatives[0][0] for message in mail.outbox}
    assert '<html lang="fr">' in words["sofie@example.com"]
    assert '<html lang="nl">' in words["joris@example.com"]


def test_viewers_are_told_only_what_they_ask_for(company: Company):
    viewer = make_user("viewer@example.com", name="V")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    hold(company, 1)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    assert unread_count(viewer) == 0

    care.choose(viewer, {"connection.lost": {"email": "now"}})
    company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})
    tell(company, NOON + minutes(2))
    assert {message.to[0] for message in mail.outbox} == {"sofie@example.com", "viewer@example.com"}


def test_names_are_cut_unless_the_company_wants_them_whole(company: Company):
    hold(company, 1)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    assert "Delattre" not in mail.outbox[0].body
    assert "bruno@example.fr" not in mail.outbox[0].alternatives[0][0]

    company.organization.masks_mail = False
    company.organization.save(update_fields=["masks_mail"])
    tell(company, NOON + minutes(1) + timedelta(days=1))
    assert "Bruno Delattre, bruno@example.fr" in mail.outbox[0].body


def test_what_came_in_quiet_hours_goes_out_as_one(company: Company):
    care.save_company({"quiet_from": time(20), "quiet_until": time(7), "breaks_quiet": False})
    evening = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
    hold(company, 1)
    company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})
    tell(company, evening)

    assert tell(company, evening + minutes(2)) == []
    assert unread_count(company.owner) == 2
    assert tell(company, datetime(2026, 11, 19, 6, 0, 30, tzinfo=UTC)) == ["2 messages from Verhaegen Licht"]


def test_a_lost_connection_breaks_through_quiet_hours_by_choice(company: Company):
    care.save_company({"quiet_from": time(20), "quiet_until": time(7), "breaks_quiet": True})
    company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})

    assert len(tell(company, datetime(2026, 11, 18, 22, 0, tzinfo=UTC))) == 1


def test_what_is_over_by_the_morning_is_not_told_then(company: Company):
    care.save_company({"quiet_from": time(20), "quiet_until": time(7), "breaks_quiet": False})
    evening = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
    company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})
    tell(company, evening)
    Connection.objects.get(pk=company.visma_net.pk).mark_ok()
    tell(company, evening + minutes(30))

    assert tell(company, datetime(2026, 11, 19, 6, 1, tzinfo=UTC)) == []


def test_only_who_takes_care_is_reminded(company: Company):
    joris = make_user("joris@example.com", name="Joris")
    add_member(company.organization, joris)
    hold(company, 1)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    care.take(Incident.objects.get(), joris)

    tell(company, NOON + minutes(1) + timedelta(days=1))

    assert [message.to for message in mail.outbox] == [["joris@example.com"]]


def test_a_muted_flow_is_not_told(company: Company):
    Preferences.objects.create(user=company.owner, muted_flows=[str(company.orders.pk)])
    hold(company, 1)
    tell(company, NOON)

    assert tell(company, NOON + minutes(1)) == []
    assert unread_count(company.owner) == 0


MORNING = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)  # 08:00 in Brussels


def test_the_summary_says_what_needs_you_once_a_day(company: Company):
    care.choose(company.owner, {"records.held": {"email": "daily"}, "records.reminder": {"email": "off"}})
    hold(company, 3)
    tell(company, NOON)
    assert tell(company, NOON + minutes(1)) == []

    assert tell(company, MORNING) == ["Verhaegen Licht, daily summary: 3 records need you"]
    assert "3 orders need you" in mail.outbox[0].body
    assert tell(company, MORNING + minutes(5)) == []
    assert not Delivery.objects.filter(state=Delivery.State.COLLECTED).exists()


def test_there_is_no_summary_when_all_is_well(company: Company):
    assert tell(company, MORNING) == []

    Preferences.objects.filter(user=company.owner).update(summed_up_on=None, summary_always=True)
    Run.objects.update(created_at=MORNING - timedelta(hours=2))
    assert tell(company, MORNING) == ["Verhaegen Licht, daily summary: Nothing needs you"]


def test_something_that_comes_up_after_the_summarys_hour_waits_for_the_next(company: Company):
    tell(company, MORNING)
    hold(company, 1)
    tell(company, MORNING + minutes(10))

    assert not any("summary" in subject for subject in tell(company, MORNING + minutes(11)))


def test_two_workers_look_once(company: Company):
    look(company, NOON)
    options = {"facts": facts, "ask": aftermath, "came_in": came_in, "now": NOON}

    Watch.objects.update(is_changed=True)
    looked = [look_at(company.organization.pk, **options) for _ in range(2)]

    assert looked == [True, False]


def test_the_same_facts_told_by_two_workers_are_told_once(company: Company):
    hold(company, 1)
    tell(company, NOON)

    look(company, NOON + minutes(1))
    look(company, NOON + minutes(1))

    assert Notification.objects.count() == 1


def test_what_needs_a_person_marks_the_organization_as_changed(
    company: Company, django_capture_on_commit_callbacks: Any
):
    look(company, NOON)
    with django_capture_on_commit_callbacks(execute=True):
        Flow.objects.get(pk=company.orders.pk).pause("internal")

    with organization_context(company.organization.pk):
        assert Watch.objects.get().is_changed


def test_whoever_takes_care_of_a_message_is_the_assignee_of_its_cause_and_the_other_way_round(company: Company):
    joris = make_user("joris@example.com", name="Joris")
    add_member(company.organization, joris)
    hold(company, 1)
    tell(company, NOON)
    incident = Incident.objects.get()

    assert take_care(incident, joris)
    task = CauseTask.objects.get()
    assert task.assignee == joris
    assign(task, None)
    incident.refresh_from_db()
    assert incident.taken_by is None
