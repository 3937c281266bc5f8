"""The way from a request to an organization's things: by membership, or a 404; to change them: as editor, or a 403."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context
from connectors.models import Connection
from flows.models import Flow, RunRecord, ValueTable

SESSION_KEY = "organization"
EDITORS = (Membership.Role.OWNER, Membership.Role.ADMIN, Membership.Role.EDITOR)

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member, inside an organization."""

    user: User
    htmx: Any
    organization: Organization
    membership: Membership
    may_edit: bool


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def organizations_of(user: User) -> QuerySet[Organization]:
    """Return the organizations this person belongs to."""
    return Organization.objects.filter(members=user).order_by("name", "pk")


def choose_organization(request: HttpRequest, pk: uuid.UUID) -> Organization:
    """Make an organization of this person the current one. Raises Http404 for any other."""
    organization = get_object_or_404(organizations_of(request.user), pk=pk)  # type: ignore[arg-type]
    request.session[SESSION_KEY] = str(organization.pk)
    return organization


def _current_organization(request: MemberRequest) -> Organization | None:
    own = list(organizations_of(request.user))
    wanted = request.session.get(SESSION_KEY)
    return next((one for one in own if str(one.pk) == wanted), own[0] if own else None)


def in_organization(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Run a view for a member, inside the current organization and its time zone. Its pages are never cached."""

    @wraps(view)
    def inside(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        organization = _current_organization(request)
        if organization is None:
            return redirect("dashboard:new_organization")
        with organization_context(organization.pk), timezone.override(_zone_of(organization)):
            request.organization = organization
            request.membership = Membership.objects.get(user=request.user)
            request.may_edit = request.membership.role in EDITORS
            response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return inside  # type: ignore[return-value]


def _zone_of(organization: Organization) -> ZoneInfo:
    try:
        return ZoneInfo(organization.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def _to_sign_in(request: MemberRequest) -> HttpResponse:
    if request.htmx:  # a live part of a page whose session has ended must not swallow the sign-in page
        return HttpResponseClientRedirect(resolve_url(settings.LOGIN_URL))
    return redirect_to_login(request.get_full_path())


def changes(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Like `in_organization`, for a view that changes something: POST only, and not by viewers."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.may_edit:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return require_POST(in_organization(guarded))


def flows() -> QuerySet[Flow]:
    """Return the flows of the organization in context, in the order of the menu."""
    return Flow.objects.select_related("source", "target", "map_version").order_by("created_at", "name")


def flow_for(request: MemberRequest, pk: uuid.UUID) -> Flow:
    return get_object_or_404(flows(), pk=pk, organization=request.organization)


def table_for(request: MemberRequest, flow: Flow, pk: uuid.UUID) -> ValueTable:
    return get_object_or_404(ValueTable.objects, pk=pk, flow=flow, organization=request.organization)


def record_for(request: MemberRequest, pk: uuid.UUID) -> RunRecord:
    rows = RunRecord.objects.select_related("organization", "flow__source", "flow__target", "run", "map_version")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def connection_for(request: MemberRequest, pk: uuid.UUID) -> Connection:
    rows = Connection.objects.select_related("lane", "organization")
    return get_object_or_404(rows, pk=pk, organization=request.organization)
