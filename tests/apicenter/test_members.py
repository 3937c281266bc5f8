"""Who may do what with the people of an organization, and what is written down about it."""

from __future__ import annotations

import pytest

from apicenter.organizations import members
from apicenter.organizations.members import Refused
from apicenter.organizations.models import AuditEntry, Membership, Organization, User
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def organization() -> Organization:
    return make_organization(owner=make_user())


def join(organization: Organization, role: str) -> Membership:
    number = User.objects.count()
    return add_member(organization, make_user(f"{role}{number}@example.com", name=f"{role} {number}"), role=role)


def owner_of(organization: Organization) -> Membership:
    return Membership.objects.get(role=Role.OWNER)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("created_at").values_list("action", flat=True))


def test_a_new_organization_has_its_founder_as_owner():
    organization = members.found(make_user(), "De Wilde BV", time_zone="Europe/Paris", language="fr")

    with inside(organization):
        assert owner_of(organization).user.email == "sofie@example.com"
        assert AuditEntry.objects.get().who == "Sofie Claes"
    assert (organization.time_zone, organization.language) == ("Europe/Paris", "fr")


def test_an_admin_changes_roles_and_the_trail_says_so(organization: Organization):
    admin, editor = join(organization, Role.ADMIN), join(organization, Role.EDITOR)

    with inside(organization):
        members.change_role(editor, Role.VIEWER, by=admin)

        editor.refresh_from_db()
        entry = AuditEntry.objects.get()
    assert editor.role == Role.VIEWER
    assert (entry.action, entry.before, entry.after) == ("member.role_changed", {"role": "editor"}, {"role": "viewer"})


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_editors_and_viewers_change_nobody(organization: Organization, role: str):
    member, other = join(organization, role), join(organization, Role.VIEWER)

    with inside(organization):
        with pytest.raises(Refused):
            members.change_role(other, Role.ADMIN, by=member)
        with pytest.raises(Refused):
            members.remove(other, by=member)
        with pytest.raises(Refused):
            members.change_role(member, Role.ADMIN, by=member)


def test_an_admin_makes_no_owner_and_touches_none(organization: Organization):
    admin, editor = join(organization, Role.ADMIN), join(organization, Role.EDITOR)

    with inside(organization):
        owner = owner_of(organization)
        for attempt in (
            lambda: members.change_role(editor, Role.OWNER, by=admin),
            lambda: members.change_role(owner, Role.EDITOR, by=admin),
            lambda: members.remove(owner, by=admin),
            lambda: members.transfer_ownership(editor, by=admin),
        ):
            with pytest.raises(Refused):
                attempt()
        assert actions() == []


def test_a_role_that_does_not_exist_is_refused(organization: Organization):
    editor = join(organization, Role.EDITOR)

    with inside(organization), pytest.raises(Refused):
        members.change_role(editor, "emperor", by=owner_of(organization))


def test_the_last_owner_cannot_go(organization: Organization):
    with inside(organization):
        owner = owner_of(organization)
        with pytest.raises(Refused):
            members.remove(owner, by=owner)
        with pytest.raises(Refused):
            members.change_role(owner, Role.ADMIN, by=owner)


def test_one_of_two_owners_may_leave(organization: Organization):
    second = join(organization, Role.OWNER)

    with inside(organization):
        members.remove(second, by=second)

        assert Membership.objects.count() == 1
        assert actions() == ["member.left"]


def test_a_role_that_was_lost_in_the_meantime_counts(organization: Organization):
    admin, editor = join(organization, Role.ADMIN), join(organization, Role.EDITOR)
    Membership.unscoped.filter(pk=admin.pk).update(role=Role.VIEWER)

    with inside(organization), pytest.raises(Refused):
        members.remove(editor, by=admin)


def test_somebody_who_has_gone_already_is_told_as_such(organization: Organization):
    editor = join(organization, Role.EDITOR)
    Membership.unscoped.filter(pk=editor.pk).delete()

    with inside(organization), pytest.raises(Refused, match="does not belong"):
        members.change_role(editor, Role.VIEWER, by=owner_of(organization))


def test_ownership_is_handed_over(organization: Organization):
    admin = join(organization, Role.ADMIN)

    with inside(organization):
        before = owner_of(organization)
        members.transfer_ownership(admin, by=before)

        assert owner_of(organization).pk == admin.pk
        before.refresh_from_db()
    assert before.role == Role.ADMIN


def test_an_only_owner_keeps_the_account(organization: Organization):
    user = User.objects.get()

    with pytest.raises(Refused, match="Verhaegen Licht"):
        members.delete_account(user)

    assert User.objects.count() == 1


def test_a_deleted_account_leaves_its_name_in_the_trail(organization: Organization):
    editor = join(organization, Role.EDITOR)
    second = make_organization("Second", owner=make_user("other@example.com"))
    add_member(second, editor.user)

    members.delete_account(editor.user)

    for one in (organization, second):
        with inside(one):
            assert AuditEntry.objects.get(action="member.left").subject == "editor 1"
            assert Membership.objects.count() == 1
    assert not User.objects.filter(name="editor 1").exists()
