"""Sign-ins and changes of what people sign in with, in the trail of each organization that they belong to.

Connected to the signals of the sign-in library in apps.py. Only owners and admins see these entries
(dashboard/company/trail.py). An address that has no account belongs to no organization and leaves no entry.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.http import HttpRequest

from apicenter.audit import Actor, acting_as, record_change
from apicenter.organizations.models import Organization, User
from apicenter.tenancy import organization_context

# Each has its words in dashboard/audit_words.py.
SIGNED_IN, SIGN_IN_FAILED, SIGNED_OUT = "sign_in.done", "sign_in.failed", "sign_in.ended"
CODE_WRONG, PASSWORD_CHANGED, ADDRESS_CHANGED = "sign_in.code_wrong", "password.changed", "address.changed"
STEP_ADDED, STEP_REMOVED = "second_step.added", "second_step.removed"
SECURITY_ACTIONS = (
    SIGNED_IN, SIGN_IN_FAILED, SIGNED_OUT, CODE_WRONG, PASSWORD_CHANGED, ADDRESS_CHANGED, STEP_ADDED, STEP_REMOVED,
)  # fmt: skip


def note(action: str, user: User | None, request: HttpRequest | None, *, subject: str = "") -> None:
    """Write one entry for every organization of this person."""
    if user is None or user.pk is None:
        return
    address = (get_client_ip(request) or "") if request is not None else ""
    for organization in Organization.objects.filter(members=user):
        with organization_context(organization.pk), acting_as(Actor(user, address=address)):
            record_change(action, subject=subject)


def connect() -> None:
    """Listen; called once, when the app is ready."""
    account.user_logged_in.connect(_signed_in, dispatch_uid="trail")
    auth.user_logged_out.connect(_signed_out, dispatch_uid="trail")
    auth.user_login_failed.connect(_failed, dispatch_uid="trail")
    for changed in (account.password_changed, account.password_set, account.password_reset):
        changed.connect(_password_changed, dispatch_uid="trail")
    account.email_changed.connect(_address_changed, dispatch_uid="trail")
    mfa.authenticator_added.connect(_step_added, dispatch_uid="trail")
    mfa.authenticator_removed.connect(_step_removed, dispatch_uid="trail")
    mfa.authentication_failed.connect(_code_wrong, dispatch_uid="trail")


def _signed_in(request: HttpRequest | None, user: User, **_about: Any) -> None:
    note(SIGNED_IN, user, request)


def _signed_out(request: HttpRequest | None, user: User | None, **_about: Any) -> None:
    note(SIGNED_OUT, user, request)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_about: Any) -> None:
    address = str(credentials.get("email") or credentials.get("username") or "")
    note(SIGN_IN_FAILED, User.objects.filter(email__iexact=address).first() if address else None, request)


def _password_changed(request: HttpRequest, user: User, **_about: Any) -> None:
    note(PASSWORD_CHANGED, user, request)


def _address_changed(request: HttpRequest, user: User, to_email_address: Any, **_about: Any) -> None:
    note(ADDRESS_CHANGED, user, request, subject=to_email_address.email)


def _step_added(request: HttpRequest, user: User, authenticator: Any, **_about: Any) -> None:
    note(STEP_ADDED, user, request, subject=str(authenticator.get_type_display()))


def _step_removed(request: HttpRequest, user: User, authenticator: Any, **_about: Any) -> None:
    note(STEP_REMOVED, user, request, subject=str(authenticator.get_type_display()))


def _code_wrong(request: HttpRequest, user: User, **_about: Any) -> None:
    note(CODE_WRONG, user, request)
