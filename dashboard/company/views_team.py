"""The people of a company: invite, change roles, remove, leave, hand over."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apicenter.api.tokens import revoke_token, tokens_of
from apicenter.organizations import invitations, members
from apicenter.organizations.models import Membership
from dashboard.access import MemberRequest, administers, in_organization, invitation_for, member_for, owns
from dashboard.asked_again import asks_again_about
from dashboard.company import team as page
from dashboard.company.forms import InviteForm

logger = logging.getLogger(__name__)


@require_safe
@in_organization
def team(request: MemberRequest) -> HttpResponse:
    people = page.people(request.membership)
    context = {
        "here": "team",
        "people": people,
        "without_step": sum(not person.steps for person in people),
        "invitations": invitations.open_invitations(),
        "choices": page.role_choices(request.membership),
        "roles": [role.label for role in page.ALL],
        "rights": page.role_rows(),
        "latest": page.latest_changes(),
    }
    return render(request, "dashboard/company/team.html", context)


def _makes_a_manager(request: HttpRequest) -> bool:
    """Whether somebody would come who may do nearly everything."""
    return request.POST.get("role") in members.MANAGERS


@require_http_methods(["GET", "HEAD", "POST"])
@administers
@reauthentication_required(allow_get=True, enabled=_makes_a_manager)
def invite(request: MemberRequest) -> HttpResponse:
    roles = members.roles_to_give(request.membership)
    start = {"role": "editor", "language": request.organization.language}
    form = InviteForm(request.POST or None, roles=roles, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(request.organization, by=request.membership, link=_link(request), **form.cleaned_data)
        except members.Refused as refusal:
            form.add_error("email", str(refusal))
        except OSError:
            _tell_unsent(request)
            return redirect("dashboard:company:team")
        else:
            messages.success(request, _("The invitation is on its way to %s.") % form.cleaned_data["email"])
            return redirect("dashboard:company:team")
    context = {"here": "team", "form": form, "purposes": page.PURPOSES, "days": invitations.LIFETIME.days}
    return render(request, "dashboard/company/invite.html", context)


@require_POST
@administers
def send_again(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    invitation = invitation_for(request, pk)
    try:
        invitations.send_again(request.organization, invitation, by=request.membership, link=_link(request))
    except members.Refused as refusal:
        messages.error(request, str(refusal))
    except OSError:
        _tell_unsent(request)
    else:
        messages.success(request, _("The invitation is on its way to %s.") % invitation.email)
    return redirect("dashboard:company:team")


@require_POST
@administers
def withdraw(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    invitation = invitation_for(request, pk)
    invitations.withdraw(invitation)
    messages.success(request, _("The link in the letter to %s no longer works.") % invitation.email)
    return redirect("dashboard:company:team")


@require_POST
@administers
@asks_again_about(member_for)
def change_role(request: MemberRequest, member: Membership) -> HttpResponse:
    try:
        members.change_role(member, request.POST.get("role", ""), by=request.membership)
    except members.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved. The new role of %s counts from now on.") % member.user)
    return redirect("dashboard:company:team")


@require_http_methods(["GET", "HEAD", "POST"])
@administers
@asks_again_about(member_for, allow_get=True)
def remove(request: MemberRequest, member: Membership) -> HttpResponseBase:
    if request.method == "POST":
        withdraws = "tokens" in request.POST
        removed = _("%s is removed.") % member.user
        return _do(request, lambda: _take_out(member, by=request.membership, withdraws_tokens=withdraws), removed)
    context = {"here": "team", "member": member, "tokens": list(tokens_of(member.user))}
    return render(request, "dashboard/company/remove.html", context)


def _take_out(member: Membership, *, by: Membership, withdraws_tokens: bool) -> None:
    with transaction.atomic():
        members.remove(member, by=by)
        for token in tokens_of(member.user) if withdraws_tokens else ():
            revoke_token(token)


@require_http_methods(["GET", "HEAD", "POST"])
@owns
@asks_again_about(member_for, allow_get=True)
def hand_over(request: MemberRequest, member: Membership) -> HttpResponseBase:
    if request.method == "POST":
        done = _("%s is the owner now. You are an admin.") % member.user
        return _do(request, lambda: members.transfer_ownership(member, by=request.membership), done)
    return render(request, "dashboard/company/hand_over.html", {"here": "team", "member": member})


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def leave(request: MemberRequest) -> HttpResponseBase:
    if request.method == "POST":
        try:
            members.remove(request.membership, by=request.membership)
        except members.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("dashboard:company:team")
        messages.success(request, _("You left %s.") % request.organization)
        return redirect("dashboard:overview")
    return render(request, "dashboard/company/leave.html", {"here": "team"})


def _do(request: MemberRequest, change: Callable[[], None], done: str) -> HttpResponse:
    try:
        change()
    except members.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("dashboard:company:team")


def _link(request: MemberRequest) -> invitations.Link:
    organization = request.organization.pk
    return lambda token: f"{settings.SITE_URL}{reverse('dashboard:you:invitation_link', args=[organization, token])}"


def _tell_unsent(request: MemberRequest) -> None:
    logger.exception("a letter of organization %s was not taken by the mail server", request.organization.pk)
    messages.error(request, _("The letter could not be sent now. The invitation is in the list: send it again later."))
