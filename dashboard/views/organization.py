"""Which organization one works in."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apicenter.organizations.models import User
from dashboard.access import choose_organization, organizations_of
from dashboard.forms import OrganizationForm
from dashboard.way_back import own_path


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    try:
        wanted = uuid.UUID(request.POST.get("organization", ""))
    except ValueError:
        raise Http404 from None
    choose_organization(request, wanted)
    return redirect(own_path(request.POST.get("next", ""), otherwise="dashboard:overview"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Make an organization: for somebody who belongs to none, or wants another."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organization = form.create_for(cast(User, request.user))
        choose_organization(request, organization.pk)
        return redirect("dashboard:overview")
    has_company = organizations_of(cast(User, request.user)).exists()
    return render(request, "dashboard/new_organization.html", {"form": form, "has_company": has_company})
