"""The way from a request to an organization's things: by membership, or a 404; to change them: as editor, or a 403.

A member of an organization that wants two-step sign-in is led to set it up before anything else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.core.internal.httpkit import get_client_ip
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

from apicenter.audit import Actor, acting_as
from apicenter.organizations import zones
from apicenter.organizations.invitations import open_invitations
from apicenter.organizations.models import Invitation, Membership, Organization, User
from apicenter.organizations.second_step import has_second_step
from apicenter.tenancy import organization_context
from connectors.models import Connection
from dashboard.way_back import own_path
from flows.models import Flow, Run, RunRecord, ValueTable

SESSION_KEY = "organization"
EDITORS = (Membership.Role.OWNER, Membership.Role.ADMIN, Membership.Role.EDITOR)
ADMINS = (Membership.Role.OWNER, Membership.Role.ADMIN)

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member, inside an organization."""

    user: User
    htmx: Any
    organization: Organization
    membership: Membership
    may_edit: bool
    may_administer: bool
    is_owner: bool


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def organizations_of(user: User) -> QuerySet[Organization]:
    """Return the organizations this person belongs to."""
    return Organization.objects.filter(members=user).order_by("name", "pk")


def choose_organization(request: HttpRequest, pk: uuid.UUID) -> Organization:
    """Make an organization of this person the current one. Raises Http404 for any other."""
    organization = get_object_or_404(organizations_of(request.user), pk=pk)  # type: ignore[arg-type]
    request.session[SESSION_KEY] = str(organization.pk)
    return organization


def current_organization(request: HttpRequest) -> Organization | None:
    """Return the organization this person works in now: the chosen one, their first otherwise."""
    own = list(organizations_of(request.user))  # type: ignore[arg-type]
    wanted = request.session.get(SESSION_KEY)
    return next((one for one in own if str(one.pk) == wanted), own[0] if own else None)


def in_organization(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Run a view for a member, inside the current organization and its time zone. Its pages are never cached."""

    @wraps(view)
    def inside(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        organization = current_organization(request)
        if organization is None:
            return redirect("dashboard:new_organization")
        if organization.require_mfa and not has_second_step(request.user):
            return _redirect(request, "dashboard:you:second_step")
        actor = Actor(request.user, address=address_of(request))
        zone = zone_of(request.user, organization)
        with organization_context(organization.pk), timezone.override(zone), acting_as(actor):
            request.organization = organization
            request.membership = Membership.objects.get(user=request.user)
            request.may_edit = request.membership.role in EDITORS
            request.may_administer = request.membership.role in ADMINS
            request.is_owner = request.membership.role == Membership.Role.OWNER
            response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return inside  # type: ignore[return-value]


def address_of(request: HttpRequest) -> str:
    """Return the visitor's IP address, as the proxies that we trust tell it; "" if nobody does."""
    return get_client_ip(request) or ""


def zone_of(user: User, organization: Organization | None = None) -> ZoneInfo:
    """Return the time zone of a person's pages: their own, the organization's otherwise."""
    return zones.zone_named(user.time_zone or (organization.time_zone if organization else ""))


def _to_sign_in(request: MemberRequest) -> HttpResponse:
    if request.htmx:
        return _redirect(request, settings.LOGIN_URL)
    return redirect_to_login(_page_of(request))


def _page_of(request: HttpRequest) -> str:
    """Return the page a person looks at: for a form that was sent it is the one with the form, not where it goes."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    return own_path(came_from.path if came_from.netloc == request.get_host() else "", otherwise="/")


def _redirect(request: MemberRequest, to: str) -> HttpResponse:
    if request.htmx:  # a live part must not swallow a whole page
        return HttpResponseClientRedirect(resolve_url(to))
    return redirect(to)


def only_if(
    view: View[P], may: Callable[[MemberRequest], bool]
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Like `in_organization`, for whoever may; a 403 for other members."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return in_organization(guarded)


def changes(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Like `in_organization`, for a view that changes something: POST only, and not by viewers."""
    return require_POST(only_if(view, lambda request: request.may_edit))


def administers(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Like `in_organization`, for what only owners and admins may see or do. Says nothing of the method."""
    return only_if(view, lambda request: request.may_administer)


def owns(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Like `in_organization`, for what only owners may see or do. Says nothing of the method."""
    return only_if(view, lambda request: request.is_owner)


def members() -> QuerySet[Membership]:
    """Return the members of the organization in context, in the order they came."""
    return Membership.objects.select_related("user").order_by("joined_at", "pk")


def member_for(request: MemberRequest, pk: uuid.UUID) -> Membership:
    return get_object_or_404(members(), pk=pk, organization=request.organization)


def invitation_for(request: MemberRequest, pk: uuid.UUID) -> Invitation:
    return get_object_or_404(open_invitations(), pk=pk, organization=request.organization)


def flows() -> QuerySet[Flow]:
    """Return the flows of the organization in context, in the order of the menu."""
    return Flow.objects.select_related("source", "target", "map_version").order_by("created_at", "name")


def flow_for(request: MemberRequest, pk: uuid.UUID) -> Flow:
    return get_object_or_404(flows(), pk=pk, organization=request.organization)


def table_for(request: MemberRequest, flow: Flow, pk: uuid.UUID) -> ValueTable:
    return get_object_or_404(ValueTable.objects, pk=pk, flow=flow, organization=request.organization)


def run_for(request: MemberRequest, flow_pk: uuid.UUID, pk: uuid.UUID) -> Run:
    rows = Run.objects.select_related("flow__source", "flow__target", "job", "started_by", "map_version")
    return get_object_or_404(rows, pk=pk, flow=flow_pk, organization=request.organization)


def record_for(request: MemberRequest, pk: uuid.UUID) -> RunRecord:
    rows = RunRecord.objects.select_related("organization", "flow__source", "flow__target", "run", "map_version")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def connection_for(request: MemberRequest, pk: uuid.UUID) -> Connection:
    rows = Connection.objects.select_related("lane", "organization")
    return get_object_or_404(rows, pk=pk, organization=request.organization)
