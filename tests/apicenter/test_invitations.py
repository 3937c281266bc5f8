"""Invitations: a letter, a link that opens once, and nobody learns who has an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apicenter.organizations import invitations
from apicenter.organizations.members import Refused
from apicenter.organizations.models import AuditEntry, Invitation, Membership, Organization
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def organization() -> Organization:
    return make_organization(owner=make_user())


def link(token: str) -> str:
    return f"https://example.com/join/{token}"


def invite(organization: Organization, email: str = "piet@example.com", *, role: str = Role.VIEWER) -> Invitation:
    with inside(organization):
        owner = Membership.objects.get(role=Role.OWNER)
        return invitations.invite(organization, email=email, role=role, language="nl", by=owner, link=link)


def token_in(letter: mail.EmailMessage) -> str:
    return str(letter.body).split("https://example.com/join/")[1].split()[0]


def test_a_letter_goes_out_in_its_own_language_as_text_and_html(organization: Organization):
    invite(organization)

    letter = mail.outbox[0]
    html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    assert letter.to == ["piet@example.com"]
    assert '<html lang="nl">' in html
    assert link(token_in(letter)) in html


def test_the_token_is_nowhere_but_in_the_letter(organization: Organization):
    invitation = invite(organization)
    token = token_in(mail.outbox[0])

    stored = {field.name: str(getattr(invitation, field.name)) for field in Invitation._meta.fields}
    assert not [name for name, value in stored.items() if token in value]
    with inside(organization):
        assert token not in str(list(AuditEntry.objects.values()))


def test_the_link_is_found_in_its_own_organization_only(organization: Organization):
    invitation = invite(organization)
    token = token_in(mail.outbox[0])

    assert invitations.find(organization.pk, token) == invitation
    assert invitations.find(make_organization("Elsewhere").pk, token) is None
    assert invitations.find(organization.pk, token + "x") is None


def test_accepting_twice_makes_one_member(organization: Organization):
    invitation, piet = invite(organization, role=Role.EDITOR), make_user("piet@example.com")

    for _time in range(2):
        invitations.accept(invitation, piet)

    with inside(organization):
        assert Membership.objects.get(user=piet).role == Role.EDITOR
        assert AuditEntry.objects.filter(action="member.joined").count() == 1


def test_a_second_person_cannot_use_the_same_link(organization: Organization):
    invitation = invite(organization)
    invitations.accept(invitation, make_user("piet@example.com"))

    with pytest.raises(Refused):
        invitations.accept(invitation, make_user("eve@example.com"))


def test_an_old_link_opens_nothing(organization: Organization):
    invitation = invite(organization)
    with inside(organization):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Refused):
        invitations.accept(invitation, make_user("piet@example.com"))


def test_a_withdrawn_link_opens_nothing(organization: Organization):
    invitation = invite(organization)
    with inside(organization):
        invitations.withdraw(invitation)

    with pytest.raises(Refused):
        invitations.accept(Invitation(pk=invitation.pk, organization=organization), make_user("piet@example.com"))
    assert invitations.find(organization.pk, token_in(mail.outbox[0])) is None


def test_a_member_keeps_the_role_it_has(organization: Organization):
    piet = make_user("piet@example.com")
    invitation = invite(organization, "other@example.com")
    add_member(organization, piet, role=Role.ADMIN)

    invitations.accept(invitation, piet)

    with inside(organization):
        assert Membership.objects.get(user=piet).role == Role.ADMIN


def test_sending_again_makes_the_first_link_worthless(organization: Organization):
    invitation = invite(organization)
    with inside(organization):
        Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
        invitation.refresh_from_db()
        owner = Membership.objects.get(role=Role.OWNER)
        invitations.send_again(organization, invitation, by=owner, link=link)

    first, second = map(token_in, mail.outbox)
    assert invitations.find(organization.pk, first) is None
    found = invitations.find(organization.pk, second)
    assert found is not None
    assert found.expires_at > timezone.now() + timedelta(days=6)


def test_two_letters_in_a_minute_are_too_many(organization: Organization):
    invitation = invite(organization)

    with inside(organization):
        owner = Membership.objects.get(role=Role.OWNER)
        with pytest.raises(Refused):
            invitations.send_again(organization, invitation, by=owner, link=link)


def test_a_second_invitation_replaces_the_first(organization: Organization):
    invite(organization)
    invite(organization, "Piet@Example.com ", role=Role.ADMIN)

    with inside(organization):
        assert Invitation.objects.get().role == Role.ADMIN


def test_a_member_is_not_invited(organization: Organization):
    with pytest.raises(Refused, match="already"):
        invite(organization, "sofie@example.com")


def test_nobody_is_invited_as_owner(organization: Organization):
    with pytest.raises(Refused):
        invite(organization, role=Role.OWNER)


def test_an_account_elsewhere_makes_no_difference(organization: Organization):
    make_user("known@example.com")

    known, unknown = invite(organization, "known@example.com"), invite(organization, "unknown@example.com")

    assert known.role == unknown.role
    bodies = [str(letter.body).replace(token_in(letter), "") for letter in mail.outbox]
    assert bodies[0] == bodies[1]


def test_open_invitations_are_limited(organization: Organization, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(invitations, "MOST_OPEN", 1)
    invite(organization)

    with pytest.raises(Refused, match="Too many"):
        invite(organization, "second@example.com")


def test_a_stranger_gets_an_account_with_a_confirmed_address(organization: Organization):
    user = invitations.join_as_new(invite(organization), name="Piet", password="long enough to pass", language="nl")

    assert user.emailaddress_set.get().verified
    with inside(organization):
        assert Membership.objects.filter(user=user).exists()


def test_no_account_is_left_behind_when_the_link_is_no_longer_good(organization: Organization):
    invitation = invite(organization)
    with inside(organization):
        invitations.withdraw(invitation)
    invitation = Invitation(pk=invitation.organization_id, organization=organization, email="piet@example.com")

    with pytest.raises(Refused):
        invitations.join_as_new(invitation, name="Piet", password="long enough to pass", language="nl")

    assert not organization.members.filter(email="piet@example.com").exists()
