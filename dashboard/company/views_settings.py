"""What the company decides for itself."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apicenter.organizations.company import change_settings
from apicenter.organizations.members import Refused
from apicenter.organizations.models import Organization
from apicenter.organizations.second_step import second_steps
from dashboard.access import MemberRequest, in_organization, members
from dashboard.company.forms import LONGEST_LOG, SHORTEST_LOG, SettingsForm
from flows.log.retention import shorten


def _protects_less(request: MemberRequest) -> bool:
    """Whether an admin takes a protection away, or changes when the log is gone for good."""
    company, typed = request.organization, request.POST
    return request.may_administer and (
        (company.require_mfa and "require_mfa" not in typed)
        or (company.masks_mail and "masks_mail" not in typed)
        or typed.get("log_days") != str(company.log_days)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
@reauthentication_required(allow_get=True, enabled=_protects_less)
def settings_page(request: MemberRequest) -> HttpResponse:
    """Everybody sees it, admins change it."""
    if request.method == "POST" and not request.may_administer:
        raise PermissionDenied
    stored = Organization.objects.get(pk=request.organization.pk)  # the form writes into it before anything is saved
    form = SettingsForm(request.POST or None, instance=stored)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        return redirect("dashboard:company:settings")
    people = [member.user for member in members()]
    without = len(people) - len(second_steps(people))
    context = {"here": "settings", "form": form, "without_step": without, "days": (SHORTEST_LOG, LONGEST_LOG)}
    return render(request, "dashboard/company/settings.html", context)


def _save(request: MemberRequest, form: SettingsForm) -> bool:
    try:
        is_shorter = change_settings(request.organization, form.cleaned_data, by=request.user)
    except Refused as refusal:
        form.add_error("require_mfa", str(refusal))
        return False
    sooner = shorten(request.organization) if is_shorter else 0
    messages.success(request, _("Saved."))
    if sooner:
        words = ngettext("%(n)s record is deleted sooner.", "%(n)s records are deleted sooner.", sooner)
        messages.success(request, words % {"n": sooner})
    return True
