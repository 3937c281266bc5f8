"""Every page of the company for every role, for strangers, and for visitors."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.organizations import invitations
from apicenter.organizations.models import Membership, Organization
from dashboard.company.urls import urlpatterns
from tests.dashboard.people import Team, make_team, signed_in_just_now
from tests.factories import inside, make_organization, make_user

pytestmark = pytest.mark.django_db

ALL, ADMINS, OWNER = ("owner", "admin", "editor", "viewer"), ("owner", "admin"), ("owner",)
READ = {  # who gets the page; everybody else of the company a 403
    "settings": ALL,
    "team": ALL,
    "invite": ADMINS,
    "leave": ALL,
    "remove": ADMINS,
    "hand_over": OWNER,
    "trail": ALL,
    "trail_export": ALL,
    "data": OWNER,
    "delete": OWNER,
}
WRITE = {  # who may send something there
    "settings": ADMINS,
    "invite": ADMINS,
    "change_role": ADMINS,
    "remove": ADMINS,
    "hand_over": OWNER,
    "send_again": ADMINS,
    "withdraw": ADMINS,
    "export": OWNER,
    "delete": OWNER,
    "leave": ALL,
}


@pytest.fixture
def team() -> Team:
    return make_team()


def path_of(team: Team, name: str) -> str:
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    pk = team.invitation.pk if "invitations" in str(pattern.pattern) else team.members["spare"].pk
    return "/company/" + str(pattern.pattern).replace("<uuid:pk>", str(pk))


def test_every_address_is_in_this_table():
    assert {pattern.name for pattern in urlpatterns} == READ.keys() | WRITE.keys()


@pytest.mark.parametrize("role", ALL)
def test_who_sees_which_page(team: Team, role: str):
    client = team.client(role)

    found = {name: client.get(path_of(team, name)).status_code for name in READ}

    may = {
        name: 302 if name == "delete" else 200 for name, roles in READ.items() if role in roles
    }  # who are you, again?
    assert found == {name: may.get(name, 403) for name in READ}


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("name", WRITE)
def test_who_may_change_what(team: Team, role: str, name: str):
    refused = team.client(role).post(path_of(team, name)).status_code == 403

    assert refused == (role not in WRITE[name])


def test_a_stranger_gets_a_404_for_every_object(team: Team):
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = signed_in_just_now(stranger)

    for name in ("change_role", "remove", "hand_over", "send_again", "withdraw"):
        assert client.post(path_of(team, name)).status_code == 404
    assert client.get(path_of(team, "remove")).status_code == 404


def test_a_visitor_is_asked_to_sign_in(team: Team):
    for name in READ:
        assert Client().get(path_of(team, name))["Location"].startswith("/accounts/login/?next=")


def test_nothing_of_another_company_is_shown(team: Team):
    other = make_team(name="Other ZZSECRETZZ", mark="ZZSECRETZZ")
    with inside(other.organization):
        owner = Membership.objects.get(role="owner")
        invitations.invite(
            other.organization,
            email="ZZSECRETZZ@zz.example",
            role="viewer",
            language="en",
            by=owner,
            link=lambda token: token,
        )

    for name in ("settings", "team", "trail", "trail_export", "data"):
        assert "ZZSECRETZZ" not in team.client("owner").get(path_of(team, name)).content.decode()


def test_a_viewer_is_offered_nothing_to_change(team: Team):
    client = team.client("viewer")

    page = client.get("/company/team/").content.decode() + client.get("/company/settings/").content.decode()

    assert not [name for name in WRITE if name not in {"leave", "settings"} and f'"{path_of(team, name)}"' in page]
    assert "fieldset" in page
    assert " disabled" in page


def test_pages_have_one_heading_and_nothing_inline(team: Team):
    for name in READ:
        if name in {"trail_export", "delete"}:
            continue
        page = team.client("owner").get(path_of(team, name)).content.decode()
        assert page.count("<h1") == 1
        assert " style=" not in page
        assert "<script>" not in page


def test_the_organization_is_untouched_by_refused_posts(team: Team):
    before = Organization.objects.count()

    for role in ("admin", "editor", "viewer"):
        team.client(role).post("/company/data/delete/", {"typed": team.organization.name})

    assert Organization.objects.count() == before
