"""A company with a person of each role and an open invitation, for the tests of its pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Invitation, Membership, Organization, User
from tests.factories import PASSWORD, add_member, inside, make_organization, make_user


@dataclass
class Team:
    """Handles to the people; "spare" is an editor that nobody is signed in as."""

    organization: Organization
    invitation: Invitation
    members: dict[str, Membership] = field(default_factory=dict)

    def client(self, role: str, *, just_now: bool = False) -> Client:
        return (signed_in_just_now if just_now else signed_in)(self.members[role].user)


def make_team(*, name: str = "Verhaegen Licht", mark: str = "") -> Team:
    organization = make_organization(name)
    roles = {"owner": "owner", "admin": "admin", "editor": "editor", "viewer": "viewer", "spare": "editor"}
    members = {
        key: add_member(organization, make_user(f"{key}{mark}@example.com".lower(), name=f"{key} {mark}"), role=role)
        for key, role in roles.items()
    }
    with inside(organization):
        invitation = Invitation.objects.create(
            email=f"open{mark}@example.com".lower(),
            role="viewer",
            token_hash=f"hash{mark}",
            invited_by=members["owner"].user,
            created_at=timezone.now() - timedelta(days=2),
            expires_at=timezone.now() + timedelta(days=5),
        )
    return Team(organization, invitation, members)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def signed_in_just_now(user: User) -> Client:
    """A client that also showed again who it is, so that it may do what is asked once more for."""
    return show_again(signed_in(user))


def show_again(client: Client) -> Client:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client
