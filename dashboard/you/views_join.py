"""Answering an invitation: with a new account, or with the one somebody has.

The token leaves the address at once: it is looked up, and only the id of the invitation is kept in the session.
"""

from __future__ import annotations

import uuid
from typing import cast

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apicenter.organizations import invitations
from apicenter.organizations.members import Refused
from apicenter.organizations.models import Invitation, User
from apicenter.tenancy import organization_context
from dashboard.access import choose_organization, organizations_of
from dashboard.you.forms import JoinForm

SESSION_KEY = "invitation"


@require_safe
@never_cache
def follow(request: HttpRequest, organization_pk: uuid.UUID, token: str) -> HttpResponse:
    """The link of the letter."""
    invitation = invitations.find(organization_pk, token.strip("/"))
    request.session[SESSION_KEY] = [str(organization_pk), str(invitation.pk)] if invitation else None
    response = redirect("dashboard:you:join")
    if invitation and not request.user.is_authenticated:  # the page speaks the language of the letter
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, invitation.language, samesite="Lax", secure=settings.IS_SECURE
        )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """Say who invites whom to what, and take the answer."""
    invitation = _invitation_of(request)
    if request.user.is_authenticated:
        return _join_as_oneself(request, invitation)
    if invitation is None or invitation.accepted_at or invitation.is_expired:
        return _no_longer_good(request)
    return _join_as_stranger(request, invitation)


def _invitation_of(request: HttpRequest) -> Invitation | None:
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    with organization_context(uuid.UUID(kept[0])):
        return Invitation.objects.select_related("organization", "invited_by").filter(pk=kept[1]).first()


def _no_longer_good(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/you/invitation_gone.html", status=410)


def _join_as_oneself(request: HttpRequest, invitation: Invitation | None) -> HttpResponse:
    user = cast(User, request.user)
    if invitation is None:
        return _no_longer_good(request)
    if organizations_of(user).filter(pk=invitation.organization_id).exists():
        return _enter(request, invitation)  # and the invitation stays for whom it is meant
    if request.method == "POST":
        try:
            invitations.accept(invitation, user)
        except Refused:
            return _no_longer_good(request)
        return _enter(request, invitation)
    if invitation.accepted_at or invitation.is_expired:
        return _no_longer_good(request)
    is_other = user.email.lower() != invitation.email
    return render(request, "dashboard/you/join.html", {"invitation": invitation, "is_other": is_other})


def _enter(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    choose_organization(request, invitation.organization_id)
    return redirect("dashboard:overview")


def _join_as_stranger(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    has_account = User.objects.filter(email__iexact=invitation.email).exists()
    form = JoinForm(request.POST or None, email=invitation.email, company=invitation.organization.name)
    if request.method == "POST" and not has_account:
        if not ratelimit.consume(request, action="signup"):
            return ratelimit.respond_429(request)
        if form.is_valid():
            return _make_account(request, invitation, form)
    context = {"invitation": invitation, "form": form, "has_account": has_account}
    return render(request, "dashboard/you/join_new.html", context)


def _make_account(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    language = translation.get_language() or invitation.language
    try:
        user = invitations.join_as_new(
            invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"], language=language
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:you:join")
    response: HttpResponse = perform_login(request, user, email=user.email)
    if request.user.is_authenticated:
        return _enter(request, invitation)
    return response
