"""What is left of somebody who is removed, deletes the account, or signs in with another address from now on."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from apicenter.api.tokens import find_token, issue_token
from apicenter.audit import Actor, acting_as
from apicenter.organizations.models import AuditEntry, User
from tests.dashboard.people import Team, make_team, signed_in_just_now
from tests.factories import PASSWORD, inside, make_organization, make_user

pytestmark = pytest.mark.django_db
NEW = "new@example.com"


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def token(team: Team) -> str:
    """A token that the one who is removed has made, and may have written down."""
    with inside(team.organization), acting_as(Actor(team.members["spare"].user)):
        return issue_token(name="Warehouse", scopes=["flows:read"], expires_at=None)[1]


@pytest.mark.parametrize(("ticked", "is_good"), [({"tokens": "on"}, False), ({}, True)])
def test_tokens_of_somebody_who_is_removed_can_be_withdrawn_with_them(
    team: Team, token: str, ticked: dict[str, str], is_good: bool
):
    owner = team.client("owner", just_now=True)
    path = f"/company/team/{team.members['spare'].pk}/remove/"
    assert "Warehouse" in owner.get(path).content.decode()

    owner.post(path, ticked)

    assert (find_token(token) is not None) == is_good


def sofie() -> User:
    user = make_user("sofie@example.com")
    make_organization(owner=user)
    return user


def confirm(client: Client) -> None:
    """Open the link of the last letter."""
    path = re.search(r"/accounts/confirm-email/[^/\s]+/", str(mail.outbox[-1].body))
    assert path
    client.post(path[0])


def test_another_address_counts_once_its_letter_was_opened_and_the_old_one_is_told():
    user = sofie()
    client = signed_in_just_now(user)

    client.post("/accounts/email/", {"action_add": "", "email": NEW})
    user.refresh_from_db()
    assert user.email == "sofie@example.com"
    assert mail.outbox[-1].to == [NEW]
    confirm(client)

    user.refresh_from_db()
    assert user.email == NEW
    assert ["sofie@example.com"] in [letter.to for letter in mail.outbox]
    with inside(user.organizations.get()):
        assert AuditEntry.objects.filter(action="address.changed", subject=NEW).exists()
    assert Client().post("/accounts/login/", {"login": NEW, "password": PASSWORD})["Location"] == "/"
    assert Client().post("/accounts/login/", {"login": "sofie@example.com", "password": PASSWORD}).status_code == 200


def test_an_address_that_somebody_has_is_answered_like_any_other_and_never_taken():
    make_user("taken@example.com")
    user = sofie()
    client = signed_in_just_now(user)

    answers = [
        client.post("/accounts/email/", {"action_add": "", "email": email})
        for email in ("taken@example.com", "free@example.com")
    ]

    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    confirm(client)  # the letter to the free one
    mail.outbox = [letter for letter in mail.outbox if letter.to == ["taken@example.com"]]
    confirm(client)
    confirm(Client())
    user.refresh_from_db()
    assert user.email == "free@example.com"
    assert User.objects.filter(email="taken@example.com").count() == 1


def test_whoever_deletes_the_account_is_signed_out_everywhere():
    team = make_team()
    editor = team.members["editor"].user
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": editor.email, "password": PASSWORD})
    assert elsewhere.get("/log/").status_code == 200

    signed_in_just_now(editor).post("/you/delete/", {"typed": editor.email})

    assert elsewhere.get("/log/")["Location"].startswith("/accounts/login/")
