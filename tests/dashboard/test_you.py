"""A person's own pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from apicenter.organizations.models import AuditEntry, Organization, User
from dashboard.templatetags.people import browser
from tests.dashboard.people import make_team, signed_in, signed_in_just_now
from tests.factories import PASSWORD, inside, make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    user = make_user()
    make_organization(owner=user)
    return user


def test_the_profile_is_saved(user: User):
    signed_in(user).post("/you/", {"name": "Sofie C.", "language": "nl", "time_zone": "Europe/Paris"})

    user.refresh_from_db()
    assert (user.name, user.language, user.time_zone) == ("Sofie C.", "nl", "Europe/Paris")


@pytest.mark.parametrize("wrong", [{"name": ""}, {"language": "tlh"}, {"time_zone": "Mars/Base"}])
def test_what_makes_no_sense_is_not_saved(user: User, wrong: dict[str, str]):
    page = signed_in(user).post("/you/", {"name": "New name", "language": "en", "time_zone": "", **wrong})

    assert page.status_code == 200
    user.refresh_from_db()
    assert user.name == "Sofie Claes"


def test_the_language_of_the_profile_wins_on_another_device(user: User):
    User.objects.update(language="fr")
    client = Client(headers={"accept-language": "nl"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "nl"
    assert '<html lang="nl"' in client.get("/accounts/login/").content.decode()

    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert '<html lang="fr"' in client.get("/").content.decode()
    assert '<html lang="fr"' in client.get("/accounts/2fa/").content.decode()


@pytest.mark.parametrize(("own", "clock"), [("", "14:00"), ("America/New_York", "08:00")])
def test_times_are_in_the_persons_zone_or_the_companys(user: User, own: str, clock: str):
    User.objects.update(time_zone=own)
    with inside(Organization.objects.get()):
        AuditEntry.objects.create(action="flow.paused", created_at=datetime(2026, 1, 5, 13, tzinfo=UTC))

    assert clock in signed_in(user).get("/company/trail/").content.decode()


def test_a_visitor_has_no_own_pages():
    for path in ("/you/", "/you/second-step/", "/you/delete/"):
        assert Client().get(path)["Location"].startswith("/accounts/login/")


def test_an_account_is_deleted_after_showing_again_who_one_is():
    team = make_team()
    editor = team.members["editor"].user
    client = signed_in(editor)
    assert client.get("/you/delete/")["Location"].startswith("/accounts/reauthenticate/")
    client = signed_in_just_now(editor)

    assert "not the same" in client.post("/you/delete/", {"typed": "somebody@example.com"}).content.decode()
    client.post("/you/delete/", {"typed": "Editor@example.com"})

    assert not User.objects.filter(pk=editor.pk).exists()
    assert client.get("/log/")["Location"].startswith("/accounts/login/")


def test_an_only_owner_is_shown_what_to_hand_over(user: User):
    client = signed_in_just_now(user)

    assert "First find a new owner" in client.get("/you/delete/").content.decode()
    client.post("/you/delete/", {"typed": user.email})
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("curl/8.0", "Another program"),
    ],
)
def test_browsers_have_names(agent: str, words: str):
    assert browser(agent) == words


def test_signing_out_everywhere_else_leaves_this_one(user: User):
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert "Sign out everywhere else" in here.get("/accounts/sessions/").content.decode()

    here.post("/accounts/sessions/")

    assert there.get("/log/").status_code == 302
    assert here.get("/log/").status_code == 200
