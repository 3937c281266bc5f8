"""The dry run of a draft, and the versions of the maps: looking back, restoring."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, flow_for, in_organization
from dashboard.mapping.history import build_history
from dashboard.mapping.trial import COUNTS, MapTrial, try_draft
from flows.maps import versions
from flows.maps.checks import NotPublishable, check_maps
from flows.maps.drafts import draft_state
from flows.models import MapVersion


@in_organization
def trial(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask how many records, and show what would become of them. It reads from both systems, so viewers only look."""
    flow = flow_for(request, pk)
    state = draft_state(flow)
    count = _number(request.POST.get("count") or request.GET.get("count", ""), COUNTS[1])
    found: MapTrial | None = None
    problem = ""
    if request.method == "POST":
        if not request.may_edit:
            raise PermissionDenied
        broken = check_maps(flow, state.maps)
        try:
            found = try_draft(flow, state, limit=count) if not broken else None
            problem = str(broken[0]) if broken else ""
        except ApicenterError as error:
            problem = str(error)
    context = {"flow": flow, "state": state, "trial": found, "problem": problem, "count": count, "counts": COUNTS}
    return render(request, "dashboard/mapping/trial.html", context)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and int(text) in COUNTS else otherwise


@in_organization
def history(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    return _history(request, pk)


def _history(request: MemberRequest, pk: uuid.UUID, *, error: str = "") -> HttpResponse:
    flow = flow_for(request, pk)
    if flow.map_version is None:
        return redirect("dashboard:flow_map", pk=pk)
    page = build_history(
        flow,
        number=_version_number(request.GET.get("version", "")),
        against=_version_number(request.GET.get("against", "")),
        record=request.GET.get("record", ""),
    )
    context = {"flow": flow, "page": page, "state": draft_state(flow), "error": error}
    return render(request, "dashboard/mapping/history.html", context, status=422 if error else 200)


def _version_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


@changes
def restore(request: MemberRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    flow = flow_for(request, pk)
    version = get_object_or_404(MapVersion, flow=flow, number=number)
    try:
        made = versions.restore(flow, version, author=request.user)
    except NotPublishable as error:
        return _history(request, pk, error=str(error))
    words = {"number": made.number, "old": version.number}
    messages.success(request, _("Version %(number)s is live. It is what version %(old)s was.") % words)
    return redirect("dashboard:map_history", pk=pk)


@changes
def copy(request: MemberRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Lay an earlier version into the draft, to change it before it goes live."""
    flow = flow_for(request, pk)
    version = get_object_or_404(MapVersion, flow=flow, number=number)
    versions.copy_to_draft(flow, version, author=request.user)
    messages.success(request, _("The draft is what version %(number)s was.") % {"number": number})
    return redirect("dashboard:flow_map", pk=pk)
