"""Answering an invitation."""

from __future__ import annotations

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from apicenter.organizations import invitations
from apicenter.organizations.models import Invitation, Membership, User
from tests.dashboard.people import Team, make_team, signed_in
from tests.factories import PASSWORD, inside, make_user

pytestmark = pytest.mark.django_db
NEW = {"name": "Piet van Dijk", "password": "four words on paper"}


@pytest.fixture
def team() -> Team:
    return make_team()


def link_for(team: Team, email: str = "piet@example.com", *, role: str = "editor", language: str = "en") -> str:
    team.client("owner").post("/company/team/invite/", {"email": email, "role": role, "language": language})
    found = re.search(r"/join/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found.group()


def role_in(team: Team, email: str) -> str:
    with inside(team.organization):
        return Membership.objects.get(user__email=email).role


def test_a_stranger_makes_an_account_and_is_in(team: Team):
    client = Client()

    page = client.get(link_for(team), follow=True).content.decode()
    assert "Join Verhaegen Licht" in page
    assert "piet@example.com" in page
    response = client.post("/join/", NEW)

    assert response["Location"] == "/"
    assert client.get("/").status_code == 200
    assert role_in(team, "piet@example.com") == "editor"
    assert EmailAddress.objects.get(email="piet@example.com").verified


def test_the_token_is_not_in_the_address_of_the_page(team: Team):
    assert Client().get(link_for(team))["Location"] == "/join/"


def test_no_log_line_names_the_token(team: Team, caplog: pytest.LogCaptureFixture):
    link, client = link_for(team), Client()
    with caplog.at_level(logging.DEBUG):
        client.get(link + "x", follow=True)
        client.get(link, follow=True)
        client.post("/join/", {"name": "", "password": "four words on paper"})

    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in caplog.text
    assert "four words" not in caplog.text


def test_a_weak_password_is_explained_and_the_name_kept(team: Team):
    client = Client()
    client.get(link_for(team))

    page = client.post("/join/", {"name": "Piet", "password": "password1234"}).content.decode()

    assert 'value="Piet"' in page
    assert "would soon be guessed" in page
    assert not User.objects.filter(email="piet@example.com").exists()


def test_the_page_speaks_the_language_of_the_letter(team: Team):
    page = Client().get(link_for(team, language="nl"), follow=True).content.decode()

    assert '<html lang="nl"' in page


def test_somebody_with_an_account_signs_in_and_joins(team: Team):
    make_user("piet@example.com")
    client = Client()

    page = client.get(link_for(team), follow=True).content.decode()
    assert "/accounts/login/?next=/join/" in page
    client.post("/join/", NEW)
    assert User.objects.filter(email="piet@example.com").count() == 1
    client.post("/accounts/login/", {"login": "piet@example.com", "password": PASSWORD, "next": "/join/"})
    client.post("/join/")

    assert role_in(team, "piet@example.com") == "editor"


def test_another_address_is_said_clearly_and_may_join(team: Team):
    client = signed_in(make_user("private@example.com"))

    page = client.get(link_for(team), follow=True).content.decode()
    assert "The letter went to <b>piet@example.com</b>, and you are signed in as <b>private@example.com</b>" in page
    client.post("/join/")

    assert role_in(team, "private@example.com") == "editor"


def test_opening_the_link_twice_does_no_harm(team: Team):
    link, client = link_for(team), Client()
    client.get(link)
    client.post("/join/", NEW)

    assert client.get(link, follow=True).redirect_chain[-1][0] == "/"
    assert Client().get(link, follow=True).status_code == 410


def test_a_member_who_tries_the_link_of_somebody_else_leaves_it_good(team: Team):
    link = link_for(team)

    team.client("admin").get(link, follow=True)

    assert Client().get(link, follow=True).status_code == 200


@pytest.mark.parametrize("signs", ["x", ""])
def test_a_link_that_is_no_good_says_the_same_whatever_was_wrong(team: Team, signs: str):
    link = link_for(team)
    with inside(team.organization):
        for invitation in Invitation.objects.filter(email="piet@example.com"):
            invitations.withdraw(invitation)

    page = Client().get(link + signs, follow=True)

    assert page.status_code == 410
    assert "This invitation is no longer good" in page.content.decode()
    assert "Verhaegen" not in page.content.decode()


def test_without_a_link_there_is_no_invitation():
    assert Client().get("/join/").status_code == 410
    assert signed_in(make_user()).post("/join/").status_code == 410
