"""Who belongs to an organization and as what: the rules, and the changes with their entries in the audit trail.

Everything here works inside the organization's context. `by` is the membership of whoever does it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apicenter.audit import Actor, acting_as, current_actor, record_change
from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context, platform_context

Role = Membership.Role
MANAGERS = (Role.OWNER, Role.ADMIN)


class Refused(Exception):
    """A rule about people stands against it; the text is one sentence for whoever tried."""


def found(user: User, name: str, *, time_zone: str = "", language: str = "") -> Organization:
    """Make an organization with this person as its owner."""
    with transaction.atomic():
        values = {"time_zone": time_zone, "language": language}
        organization = Organization.objects.create(name=name, **{key: value for key, value in values.items() if value})
        with organization_context(organization.pk), acting_as(Actor(user, address=current_actor().address)):
            Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
            record_change("organization.founded", subject=name)
    return organization


def roles_to_give(by: Membership) -> list[str]:
    """Return the roles this member may give to others: only an owner makes owners."""
    if by.role == Role.OWNER:
        return list(Role.values)
    return [Role.ADMIN, Role.EDITOR, Role.VIEWER] if by.role == Role.ADMIN else []


def may_manage(by: Membership, member: Membership) -> bool:
    """Tell whether this member may change or remove that one: admins everybody but owners, owners everybody."""
    return by.role == Role.OWNER or (by.role == Role.ADMIN and member.role != Role.OWNER)


def change_role(member: Membership, role: str, *, by: Membership) -> None:
    """Give a member another role. Raises Refused."""
    with transaction.atomic():
        member, by = _locked(member), _locked(by)
        if not may_manage(by, member) or role not in roles_to_give(by):
            raise Refused(_("Your own role does not allow this."))
        if member.role == Role.OWNER and role != Role.OWNER:
            _ensure_another_owner(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        record_change("member.role_changed", subject=str(member.user), before={"role": before}, after={"role": role})


def remove(member: Membership, *, by: Membership) -> None:
    """Take a member out; a member may always take out itself. Raises Refused for the last owner."""
    with transaction.atomic():
        member, by = _locked(member), _locked(by)
        is_own = member.pk == by.pk
        if not is_own and not may_manage(by, member):
            raise Refused(_("Your own role does not allow this."))
        if member.role == Role.OWNER:
            _ensure_another_owner(member)
        record_change(
            "member.left" if is_own else "member.removed", subject=str(member.user), before={"role": member.role}
        )
        member.delete()


def transfer_ownership(to: Membership, *, by: Membership) -> None:
    """Make another member the owner; whoever gives it away stays as an admin. Raises Refused."""
    with transaction.atomic():
        to, by = _locked(to), _locked(by)
        if by.role != Role.OWNER or to.pk == by.pk:
            raise Refused(_("Your own role does not allow this."))
        before = to.role
        to.role, by.role = Role.OWNER, Role.ADMIN
        to.save(update_fields=["role"])
        by.save(update_fields=["role"])
        record_change("owner.changed", subject=str(to.user), before={"role": before}, after={"role": to.role})


def organizations_only_owned_by(user: User) -> QuerySet[Organization]:
    """Return the organizations that would be left without an owner."""
    owners = Count("memberships", filter=Q(memberships__role=Role.OWNER))
    own = Organization.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    return (
        Organization.objects.filter(pk__in=own.values("pk")).annotate(owners=owners).filter(owners=1).order_by("name")
    )


def delete_account(user: User) -> None:
    """Delete a person: memberships, sign-in methods, sessions. What they did stays in the trails under their name.

    Raises Refused while an organization has no other owner.
    """
    with transaction.atomic():
        alone = list(organizations_only_owned_by(user))
        if alone:
            raise Refused(
                _("You are the only owner of %(names)s. Hand it over or delete it first.")
                % {"names": ", ".join(one.name for one in alone)}
            )
        for organization in Organization.objects.filter(members=user):
            with organization_context(organization.pk):
                Organization.objects.select_for_update().get(pk=organization.pk)
                record_change("member.left", subject=str(user), before={"role": Membership.objects.get(user=user).role})
        with platform_context():  # whatever names this person lets go of them, also where they were a member once
            user.delete()


def _locked(member: Membership) -> Membership:
    """Read a member again while nobody else changes the people of this organization."""
    Organization.objects.select_for_update().get(pk=member.organization_id)
    try:
        return Membership.objects.select_related("user").get(pk=member.pk)
    except Membership.DoesNotExist:
        raise Refused(_("This person does not belong to the company any more.")) from None


def _ensure_another_owner(member: Membership) -> None:
    if not Membership.objects.filter(role=Role.OWNER).exclude(pk=member.pk).exists():
        raise Refused(_("A company needs an owner. Make somebody else the owner first."))
