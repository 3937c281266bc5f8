"""The free days: begun once, reminded of once, and at the end a pause that loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail

from apicenter.billing.letters import deliver
from apicenter.billing.models import Letter, Subscription
from apicenter.errors import SettingMissing
from apicenter.organizations.models import AuditEntry, Membership, Organization
from dashboard.setup.activation import activate
from flows import services
from flows.models import Flow, Job, Run
from flows.plans import charging, trials
from tests.billing import NOW, charge, make_demo_flow, place
from tests.factories import add_member, inside, make_flow, make_organization, make_run, make_user

DAY = timedelta(days=1)


@pytest.fixture
def organization(db: None, env: Callable[..., None]) -> Organization:
    charge(env)
    return make_organization(owner=make_user(language="nl"))


def look(organization: Organization, *, days: float) -> None:
    with inside(organization):
        trials.look_after(now=NOW + days * DAY)


def begin(organization: Organization, **values: object) -> Flow:
    with inside(organization):
        flow = make_flow("orders", **values)
        charging.begin_trial(flow, now=NOW)
    return flow


def state_of(flow: Flow) -> tuple[str, str]:
    with inside(flow.organization):
        found = Flow.objects.get(pk=flow.pk)
    return found.state, found.pause_code


def test_the_first_activation_starts_the_days_and_no_later_one(organization: Organization):
    with inside(organization):
        first, second = make_flow("products"), make_flow("orders")

        assert charging.begin_trial(first, now=NOW)
        assert not charging.begin_trial(second, now=NOW + DAY)
        trial = Subscription.objects.get().trial
        assert AuditEntry.objects.filter(action="trial.started").count() == 1

    assert trial is not None
    assert (trial.started_at, trial.ends_at) == (NOW, NOW + 14 * DAY)


def test_activating_in_the_set_up_starts_them_and_signing_up_does_not(organization: Organization):
    with inside(organization):
        flow = make_flow("orders", state=Flow.State.DRAFT)
        assert charging.find_subscription() is None

        assert activate([flow]) == []

        assert Subscription.objects.get().trial_started_at is not None


def test_the_demo_company_starts_no_days(organization: Organization):
    with inside(organization):
        assert not charging.begin_trial(make_demo_flow(), now=NOW)
        assert charging.find_subscription() is None


def test_where_nothing_is_sold_nothing_begins_and_nothing_ends(organization: Organization, env: Callable[..., None]):
    flow = begin(organization)
    env(PLANS=None)

    trials.look_after_all(now=NOW + 30 * DAY)

    assert state_of(flow) == (Flow.State.ACTIVE, "")


def test_flows_that_ran_before_prices_were_set_begin_their_days_when_they_are_seen(organization: Organization):
    with inside(organization):
        make_flow("orders")

    look(organization, days=0)

    with inside(organization):
        assert Subscription.objects.get().trial_started_at == NOW


@pytest.mark.django_db(transaction=True)
def test_reminders_are_sent_once_each_to_owners_and_admins_in_their_language(env: Callable[..., None]):
    charge(env)
    organization = make_organization(owner=make_user(language="nl"))
    add_member(organization, make_user("admin@example.com"), role=Membership.Role.ADMIN)
    add_member(organization, make_user("viewer@example.com"), role=Membership.Role.VIEWER)
    begin(organization)

    for days in (6, 7.1, 7.1, 8, 11.1, 11.2, 13.1, 13.5):
        look(organization, days=days)

    assert [(letter.to[0], letter.subject.count("7")) for letter in mail.outbox[:2]] == [
        ("sofie@example.com", 1),
        ("admin@example.com", 1),
    ]
    assert len(mail.outbox) == 6
    assert settings.SITE_URL + "/plan/" in mail.outbox[1].body
    assert mail.outbox[1].alternatives


def test_two_workers_at_once_write_one_reminder(organization: Organization):
    begin(organization)
    with inside(organization):
        seen_by_both = Subscription.objects.get()
        trial = seen_by_both.trial
        assert trial is not None
        trials._remind(seen_by_both, trial, NOW + 7.1 * DAY)
        trials._remind(seen_by_both, trial, NOW + 7.1 * DAY)

        assert Letter.objects.count() == 1


def test_a_worker_that_slept_sends_the_nearest_reminder_only(organization: Organization):
    begin(organization)

    look(organization, days=13.2)
    look(organization, days=13.3)

    with inside(organization):
        assert [letter.context["days_left"] for letter in Letter.objects.all()] == [1]


def test_a_plan_ordered_in_time_needs_no_reminder_and_no_pause(organization: Organization):
    flow = begin(organization)
    with inside(organization):
        place([flow], "29.00", now=NOW + 2 * DAY)
        Letter.objects.all().delete()

    for days in (7, 11, 13.5, 14.1, 20):
        look(organization, days=days)

    with inside(organization):
        assert not Letter.objects.exists()
    assert state_of(flow) == (Flow.State.ACTIVE, "")


def test_the_end_pauses_what_costs_and_nothing_else(organization: Organization):
    paying = begin(organization)
    with inside(organization):
        demo, by_hand = make_demo_flow(), make_flow("products", state=Flow.State.PAUSED)

    look(organization, days=14)

    assert state_of(paying) == (Flow.State.PAUSED, "trial.ended")
    assert state_of(demo) == (Flow.State.ACTIVE, "")
    assert state_of(by_hand) == (Flow.State.PAUSED, "")


def test_the_end_is_told_once_even_if_it_was_noticed_late(organization: Organization):
    begin(organization)

    for days in (20, 20.1, 21):
        look(organization, days=days)

    with inside(organization):
        letter = Letter.objects.get()
    assert (letter.name, letter.context["flows"]) == ("trial_ended", ["Orders"])


def test_a_plan_resumes_exactly_what_the_end_paused(organization: Organization):
    paying = begin(organization)
    with inside(organization):
        by_hand = make_flow("products", state=Flow.State.PAUSED)
        run = make_run(paying, state=Run.State.RUNNING, phase=Run.Phase.READ)
        Job.objects.update(next_at=NOW + 100 * DAY)
    look(organization, days=14)

    with inside(organization):
        place([paying, by_hand], "58.00", now=NOW + 15 * DAY)
        assert Job.objects.get(run=run).next_at == NOW + 15 * DAY

    assert state_of(paying) == (Flow.State.ACTIVE, "")
    assert state_of(by_hand) == (Flow.State.PAUSED, "")


def test_after_the_end_no_run_starts_and_the_reason_is_said(organization: Organization):
    with inside(organization):
        flow = make_flow("orders")
        charging.begin_trial(flow, now=NOW - 400 * DAY)  # before the clock has paused anything

        with pytest.raises(SettingMissing, match="The free days are over"):
            services.start_run(flow, Run.Trigger.MANUAL)

        assert not Run.objects.exists()


def test_after_the_end_nobody_resumes_or_activates_for_nothing(organization: Organization):
    with inside(organization):
        flow, draft = make_flow("orders"), make_flow("products", state=Flow.State.DRAFT)
        charging.begin_trial(flow, now=NOW - 400 * DAY)
        trials.look_after(now=NOW)
        flow.refresh_from_db()

        with pytest.raises(SettingMissing) as refused:
            services.resume(flow)
        problems = activate([draft])

    assert refused.value.code == "trial.ended"
    assert "choose a plan" in problems[0]
    assert state_of(flow) == (Flow.State.PAUSED, "trial.ended")
    assert state_of(draft) == (Flow.State.DRAFT, "")


def test_more_free_days_let_the_flows_go_on(organization: Organization):
    flow = begin(organization)
    look(organization, days=14)

    with inside(organization):
        subscription = trials.extend_trial(7, now=NOW + 16 * DAY)

    assert subscription is not None
    assert subscription.trial_ends_at == NOW + 23 * DAY
    assert state_of(flow) == (Flow.State.ACTIVE, "")


def test_there_is_nothing_to_extend_before_the_days_begin(organization: Organization):
    with inside(organization):
        assert trials.extend_trial(7, now=NOW) is None


def test_a_letter_that_the_mail_server_refuses_waits_and_is_sent_later(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
):
    def down(self: object, *args: object, **kwargs: object) -> int:
        raise OSError("connection refused")

    begin(organization)
    look(organization, days=7.1)
    with inside(organization):
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
            assert deliver(now=NOW) == 0

        assert deliver(now=NOW) == 1
        assert deliver(now=NOW) == 0

    assert len(mail.outbox) == 1
