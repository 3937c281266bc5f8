"""A person's own pages: profile, the way to a second step, deleting the account."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apicenter.organizations import members
from apicenter.organizations.models import User
from apicenter.organizations.second_step import has_second_step
from dashboard.access import current_organization, organizations_of
from dashboard.you.forms import ProfileForm, TypedForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=user, organization=current_organization(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(user.language):
            messages.success(request, _("Saved."))
        return redirect("dashboard:you:profile")
    return render(request, "dashboard/you/profile.html", {"form": form})


@require_safe
@login_required
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Where a member is led whose organization wants a second step."""
    user = cast(User, request.user)
    wanting = organizations_of(user).filter(require_mfa=True)
    if has_second_step(user) or not wanting:
        return redirect("dashboard:overview")
    others = organizations_of(user).filter(require_mfa=False)
    return render(request, "dashboard/you/second_step.html", {"wanting": wanting, "others": others})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication_required
def delete_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    alone = members.organizations_only_owned_by(user)
    form = TypedForm(request.POST or None, wanted=user.email, label=_("Type your e-mail address to confirm"))
    if request.method == "POST" and form.is_valid():
        try:
            members.delete_account(user)
        except members.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("dashboard:you:delete_account")
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("account_login")
    return render(request, "dashboard/you/delete.html", {"form": form, "alone": alone})
