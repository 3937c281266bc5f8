"""Inviting people: a letter with a link, good for seven days. The link names the organization, its token opens it.

Only the token's hash is stored, so nobody who reads the database can use an invitation.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import Actor, acting_as, current_actor, record_change
from apicenter.mail import send_letter
from apicenter.organizations.members import Refused, roles_to_give
from apicenter.organizations.models import Invitation, Membership, Organization, User
from apicenter.tenancy import organization_context

LIFETIME = timedelta(days=7)
KEPT = timedelta(
    days=90
)  # that a row is, after its link has ended; the trail says for longer who was asked and who came
MOST_OPEN = 50  # or an account could be used to write to the whole world
LETTER_PAUSE = timedelta(minutes=1)

Link = Callable[[str], str]  # from a token to the address in the letter


def invite(
    organization: Organization, *, email: str, role: str, language: str, by: Membership, link: Link
) -> Invitation:
    """Send an invitation; an open one to the same address is replaced. Raises Refused, OSError (mail not taken).

    It says the same whether or not the address has an account here.
    """
    email, token = email.strip().lower(), secrets.token_urlsafe(32)
    if role not in roles_to_give(by) or role == Membership.Role.OWNER:
        raise Refused(_("Your own role does not allow this."))
    if Membership.objects.filter(user__email=email).exists():
        raise Refused(_("%(email)s belongs to this company already.") % {"email": email})
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        Invitation.objects.filter(email=email, accepted_at=None).delete()
        if open_invitations().count() >= MOST_OPEN:
            raise Refused(_("Too many invitations are open. Withdraw some, or wait until they are answered."))
        invitation = Invitation.objects.create(
            email=email,
            role=role,
            language=language,
            token_hash=_hash(token),
            invited_by=by.user,
            expires_at=timezone.now() + LIFETIME,
        )
        record_change("member.invited", subject=email, after={"role": role})
    _send(organization, invitation, link(token))
    return invitation


def send_again(organization: Organization, invitation: Invitation, *, by: Membership, link: Link) -> None:
    """Send a fresh link; the old one stops working. Raises Refused, OSError."""
    if invitation.role not in roles_to_give(by):
        raise Refused(_("Your own role does not allow this."))
    now, token = timezone.now(), secrets.token_urlsafe(32)
    if invitation.expires_at - LIFETIME > now - LETTER_PAUSE:
        raise Refused(_("The last letter left less than a minute ago."))
    claimed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, token_hash=invitation.token_hash).update(
        token_hash=_hash(token), expires_at=now + LIFETIME
    )
    if claimed:
        record_change("member.invited_again", subject=invitation.email)
        _send(organization, invitation, link(token))


def withdraw(invitation: Invitation) -> None:
    """Make the link worthless."""
    with transaction.atomic():
        deleted, _rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
        if deleted:
            record_change("member.invitation_withdrawn", subject=invitation.email)


def open_invitations() -> QuerySet[Invitation]:
    """Return those that nobody answered yet, also those whose time is over: they can be sent again."""
    return Invitation.objects.filter(accepted_at=None).select_related("invited_by").order_by("created_at")


def forget_invitations() -> None:
    """Delete the invitations of the organization in context that have had their time, answered or not."""
    Invitation.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()


def find(organization_id: uuid.UUID, token: str) -> Invitation | None:
    """Return the invitation that a link means, whatever became of it, or None."""
    with organization_context(organization_id):
        return Invitation.objects.filter(token_hash=_hash(token)).first()


def accept(invitation: Invitation, user: User) -> Organization:
    """Make the person a member. Accepting twice is harmless. Raises Refused when the link is no longer good."""
    organization = invitation.organization
    with organization_context(organization.pk), transaction.atomic():
        now = timezone.now()
        good = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now)
        if not good.update(accepted_at=now, accepted_by=user):
            if Membership.objects.filter(user=user).exists():
                return organization
            raise Refused(_("This invitation is no longer good. Ask for a new one."))
        member, is_new = Membership.objects.get_or_create(
            user=user, organization=organization, defaults={"role": invitation.role}
        )
        if is_new:
            with acting_as(Actor(user, address=current_actor().address)):
                record_change("member.joined", subject=user.email, after={"role": member.role})
    return organization


def join_as_new(invitation: Invitation, *, name: str, password: str, language: str) -> User:
    """Make an account for whoever got the letter: the link proves the address. Raises Refused, also if there is one."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name, language=language)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            accept(invitation, user)
    except IntegrityError:
        raise Refused(_("There is an account with this address. Sign in with it.")) from None
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _send(organization: Organization, invitation: Invitation, url: str) -> None:
    context = {"organization": organization, "invitation": invitation, "url": url, "days": LIFETIME.days}
    send_letter("invitation", invitation.email, context, language=invitation.language)
