"""The pages of messages: bell, list, who is told what, webhooks, links in letters."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apicenter.notifications import care, events, webhooks
from apicenter.notifications.care import Action, Link, sign
from apicenter.notifications.inbox import unread_count
from apicenter.notifications.models import Delivery, Incident, Preferences, Webhook
from apicenter.notifications.rules import Channel
from apicenter.notifications.services import notify
from apicenter.organizations.models import Membership, User
from flows.watching.facts import facts
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in_just_now
from tests.factories import add_member, inside, make_user

pytestmark = pytest.mark.django_db
BASE = "/notifications/"
OWN_PAGES = ["", "mine/", "bell/"]
ADMIN_PAGES = ["company/", "webhooks/"]


@pytest.fixture
def company() -> Company:
    return make_company()


def signed_in(user: User) -> Client:
    return signed_in_just_now(user)


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def member(company: Company, role: str) -> User:
    user = make_user(f"{role}@example.com", name=role.capitalize())
    add_member(company.organization, user, role=role)
    return user


def make_incident(company: Company) -> Incident:
    """The cause of the company's VAT orders, told to its members."""
    with inside(company.organization):
        fact = next(one for one in facts() if one.code == "vat.no_pair")
        incident = Incident.objects.create(
            kind=fact.kind,
            key=fact.key,
            code=fact.code,
            params=fact.params,
            flow_id=fact.flow_id,
            count=fact.count,
            records=list(fact.records),
            tell_at=timezone.now(),
            told_at=timezone.now(),
        )
        from apicenter.notifications.services import publish

        params = {"count": fact.count, "since": timezone.now().isoformat()}
        publish(events.RECORDS_HELD, key="first", params=params, incident=incident, flow_id=incident.flow_id)
    return incident


def make_webhook(company: Company) -> Webhook:
    with inside(company.organization):
        url = "https://hooks.example.com/secret-part"
        made, _secret = webhooks.create_webhook(name="Books", url=url, form="slack", events=[], language="en")
        return made


def message_of(company: Company, user: User) -> Delivery:
    with inside(company.organization):
        return Delivery.objects.get(channel="app", user=user)


def test_the_bell_counts_what_is_unread(company: Company, client: Client):
    assert "Messages, all read" in client.get("/").content.decode()

    make_incident(company)

    assert "1 unread message" in client.get(f"{BASE}bell/").content.decode()


def test_a_message_leads_to_its_cause_and_is_read_then(company: Company, client: Client):
    incident = make_incident(company)
    page = client.get(BASE).content.decode()

    response = client.get(f"{BASE}{message_of(company, company.owner).pk}/")

    assert "Orders: 4 orders need you" in page
    assert response["Location"] == f"/needs-you/#cause-{incident.key.removeprefix('cause:')}"
    assert f'id="cause-{incident.key.removeprefix("cause:")}"' in client.get("/needs-you/").content.decode()
    with inside(company.organization):
        assert unread_count(company.owner) == 0


def test_all_are_marked_as_read_at_once(company: Company, client: Client):
    make_incident(company)

    client.post(f"{BASE}read/")

    assert "No messages" not in client.get(BASE).content.decode()
    assert "All read" in client.get(f"{BASE}?show=unread").content.decode()


def test_the_list_comes_alone_when_it_is_asked_for_again(company: Company, client: Client):
    part = client.get(BASE, headers={"hx-request": "true"}).content.decode()

    assert part.startswith('<div id="messages"')


@pytest.mark.parametrize("page", OWN_PAGES)
@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_member_has_messages_and_choices_of_their_own(company: Company, page: str, role: str):
    assert signed_in(member(company, role)).get(BASE + page).status_code == 200


@pytest.mark.parametrize("page", ADMIN_PAGES)
@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("owner", 200), ("editor", 403), ("viewer", 403)])
def test_what_holds_for_everybody_is_for_admins(company: Company, page: str, role: str, status: int):
    client = signed_in(member(company, role))

    assert client.get(BASE + page).status_code == status
    assert client.post(BASE + page, {}).status_code == status


@pytest.mark.parametrize("page", [*OWN_PAGES, *ADMIN_PAGES])
def test_strangers_are_asked_to_sign_in(company: Company, page: str):
    assert Client().get(BASE + page)["Location"].startswith("/accounts/login/")


def test_messages_and_webhooks_of_others_are_not_found(company: Company):
    make_incident(company)
    message, webhook = message_of(company, company.owner), make_webhook(company)
    other = signed_in(make_company("other@example.com", name="Other").owner)
    colleague = signed_in(member(company, "admin"))

    for path in ("", "webhook"):
        pk = webhook.pk if path else message.pk
        address = f"{BASE}webhooks/{pk}/" if path else f"{BASE}{pk}/"
        assert other.get(address).status_code == 404
    for action in ("secret", "test", "switch", "remove"):
        assert other.post(f"{BASE}webhooks/{webhook.pk}/{action}/").status_code == 404
    assert colleague.get(f"{BASE}{message.pk}/").status_code == 404
    assert other.get(f"{BASE}in/{company.organization.pk}/?to=/log/").status_code == 404


FORM = {"summary_at": "07:30", "has_own_hours": "own", "is_quiet": "on", "quiet_from": "19:00", "quiet_until": "06:30"}


def table(**changes: str) -> dict[str, str]:
    """The table of choices as an owner's page posts it when nothing is changed."""
    values = {f"email:{event.code}": event.modes[Channel.EMAIL].value for event in events.choices()}
    values |= {f"app:{event.code}": "on" for event in events.choices() if event.code != events.DIGEST}
    return {**values, **changes}


def test_one_keeps_only_what_one_changed(company: Company, client: Client):
    client.post(f"{BASE}mine/", {**table(**{"email:records.held": "daily"}), **FORM})

    with inside(company.organization):
        own = Preferences.objects.get(user=company.owner)
    assert own.choices == {"records.held": {"email": "daily"}}
    assert (own.quiet_from, own.summary_at, own.has_own_hours) == (time(19), time(7, 30), True)
    assert len(own.muted_flows) == 2


def test_a_value_that_is_not_offered_is_not_stored(company: Company, client: Client):
    client.post(f"{BASE}mine/", {**table(**{"email:records.held": "hourly"}), **FORM})

    with inside(company.organization):
        assert Preferences.objects.get(user=company.owner).choices == {}


def test_a_form_with_a_mistake_keeps_what_was_typed(client: Client):
    page = client.post(f"{BASE}mine/", {**table(), **FORM, "quiet_until": ""}).content.decode()

    assert "Fill in from when and until when." in page
    assert 'value="19:00"' in page


def test_a_changed_default_reaches_who_chose_nothing(company: Company, client: Client):
    client.post(f"{BASE}company/", table(**{"email:records.held": "off"}))
    editor = signed_in(member(company, "editor"))

    page = editor.get(f"{BASE}mine/").content.decode()

    row = page[page.index('name="email:records.held"') :][:400]
    assert '<option value="off" selected>' in row


def test_a_pause_ends_on_the_morning_of_its_day(company: Company, client: Client):
    day = timezone.localdate() + timedelta(days=10)

    client.post(f"{BASE}mine/pause/", {"until": day.isoformat()})
    assert "Your e-mails are paused until" in client.get(f"{BASE}mine/").content.decode()
    client.post(f"{BASE}mine/pause/", {"resume": "1"})

    assert "Your e-mails are paused until" not in client.get(f"{BASE}mine/").content.decode()


def test_a_test_goes_both_ways(company: Company, client: Client):
    client.post(f"{BASE}mine/test/")

    with inside(company.organization):
        assert set(Delivery.objects.values_list("channel", flat=True)) == {"app", "email"}


def test_the_secret_is_shown_once(company: Company, client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("93.184.216.34", 443))])
    data = {"name": "Books", "url": "https://hooks.example.com/abc", "format": "generic", "language": "en"}

    shown = client.post(f"{BASE}webhooks/", {**data, "events": ["records.held"]}).content.decode()

    with inside(company.organization):
        webhook = Webhook.objects.select_related("organization").get()
        secret = webhook.read()["secret"]
    assert secret in shown
    page = client.get(f"{BASE}webhooks/{webhook.pk}/").content.decode()
    assert secret not in page
    assert "/abc" not in page


def test_an_address_in_a_private_network_is_refused_on_the_form(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("169.254.169.254", 443))])
    data = {"name": "Books", "url": "https://metadata.example.com/", "format": "generic", "language": "en"}

    page = client.post(f"{BASE}webhooks/", data).content.decode()

    assert "private network" in page
    assert 'value="Books"' in page


def test_a_test_of_a_webhook_shows_the_real_answer(company: Company, client: Client, monkeypatch: pytest.MonkeyPatch):
    webhook = make_webhook(company)
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("10.0.0.1", 443))])

    page = client.post(f"{BASE}webhooks/{webhook.pk}/test/").content.decode()

    assert "The test was not taken." in page
    assert "private network" in page


def test_a_webhook_is_switched_and_removed(company: Company, client: Client):
    webhook = make_webhook(company)

    client.post(f"{BASE}webhooks/{webhook.pk}/switch/", {"is_on": "0"})
    assert "switched off" in client.get(f"{BASE}webhooks/").content.decode()
    client.post(f"{BASE}webhooks/{webhook.pk}/remove/")

    assert "No webhook yet" in client.get(f"{BASE}webhooks/").content.decode()


def test_what_was_given_up_is_seen_by_admins_and_sent_again(company: Company, client: Client):
    with inside(company.organization):
        notify(events.TRIAL)
        Delivery.objects.filter(channel="email").update(state="failed", problem="mail.OSError")
        row = Delivery.objects.get(channel="email")
    assert "The mail server did not take it." in client.get(f"{BASE}webhooks/").content.decode()

    client.post(f"{BASE}given-up/{row.pk}/send/")

    with inside(company.organization):
        assert Delivery.objects.get(pk=row.pk).state == "waiting"


def test_a_viewer_takes_care_of_nothing(company: Company):
    viewer = member(company, "viewer")
    with inside(company.organization):
        care.choose(viewer, {"records.held": {"app": "now"}})
    make_incident(company)
    message = message_of(company, viewer)

    assert signed_in(viewer).post(f"{BASE}{message.pk}/take/").status_code == 403


def test_one_takes_care_and_gives_back(company: Company, client: Client):
    make_incident(company)
    address = f"{BASE}{message_of(company, company.owner).pk}/take/"

    client.post(address)
    assert "Sofie Claes takes care of it" in client.get(BASE).content.decode()
    client.post(address)

    assert "takes care of it" not in client.get(BASE).content.decode()


def link_of(company: Company, action: Action, user: User, subject: str = "") -> str:
    return f"{BASE}link/{sign(Link(action, company.organization.pk, user.pk, subject))}/"


def test_a_link_does_nothing_before_one_more_click(company: Company):
    incident = make_incident(company)
    address = link_of(company, Action.TAKE, company.owner, str(incident.pk))
    stranger = Client(enforce_csrf_checks=True)

    assert "I take care of it" in stranger.get(address).content.decode()
    with inside(company.organization):
        assert Incident.objects.get().taken_by is None
    stranger.post(address)

    with inside(company.organization):
        assert Incident.objects.get().taken_by == company.owner


def test_a_link_of_a_viewer_takes_nothing(company: Company):
    incident = make_incident(company)
    viewer = member(company, "viewer")

    page = Client().post(link_of(company, Action.TAKE, viewer, str(incident.pk))).content.decode()

    assert "Nothing was changed." in page
    with inside(company.organization):
        assert Incident.objects.get().taken_by is None


def test_one_click_ends_e_mails_of_a_kind(company: Company):
    Client(enforce_csrf_checks=True).post(
        link_of(company, Action.STOP, company.owner, "records.held"), {"List-Unsubscribe": "One-Click"}
    )

    with inside(company.organization):
        assert Preferences.objects.get(user=company.owner).choices == {"records.held": {"email": "off"}}


def test_quiet_until_tomorrow_ends_in_the_morning(company: Company):
    Client().post(link_of(company, Action.QUIET, company.owner))

    with inside(company.organization):
        until = Preferences.objects.get(user=company.owner).paused_until
    assert until is not None
    assert datetime.now(UTC) < until < datetime.now(UTC) + timedelta(hours=33)


def test_an_altered_link_is_refused(company: Company):
    address = link_of(company, Action.QUIET, company.owner)

    assert Client().post(address[:-3] + "x/").status_code == 410


def test_the_link_of_somebody_who_left_is_not_found(company: Company):
    gone = make_user("gone@example.com")

    assert Client().post(link_of(company, Action.QUIET, gone)).status_code == 404


def test_a_letter_opens_its_own_organization(company: Company):
    other = make_company("two@example.com", name="Second")
    add_member(other.organization, company.owner)
    client = signed_in(company.owner)

    response = client.get(f"{BASE}in/{other.organization.pk}/?to=/needs-you/")

    assert response["Location"] == "/needs-you/"
    assert "Second" in client.get("/needs-you/").content.decode()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_a_letter_leads_nowhere_else(company: Company, client: Client, to: str):
    response = client.get(f"{BASE}in/{company.organization.pk}/", {"to": to})

    assert response["Location"] == "/"
