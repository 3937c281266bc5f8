"""Looking around in the demo organization without typing anything: on one's own machine only."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.access import choose_organization
from dashboard.demo_access import find_demo_membership


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo user. Raises Http404 where the demo is not offered."""
    membership = find_demo_membership()
    if membership is None:
        raise Http404
    login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)  # listed like any other sign-in on the person's page
    choose_organization(request, membership.organization_id)
    return redirect("dashboard:overview")
