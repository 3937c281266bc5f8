"""The nightly check of a flow: its result, what has vanished, whether and when it comes, and starting it by hand."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, flow_for, in_organization
from dashboard.flow.flow_checks import build_check_page
from dashboard.flow.flow_page import build_flow_page
from dashboard.partial import wants_part
from flows.reconciling.nightly import set_checked_nightly
from flows.reconciling.reconciliation import start_check


@in_organization
def check(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    context = {"check": build_check_page(found, request.GET), "flow": found, "tab": "schedule"}
    if wants_part(request):
        return render(request, "dashboard/_check.html", context)
    return render(request, "dashboard/flow_check.html", {**context, "page": build_flow_page(found, with_runs=False)})


@changes
def check_now(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    try:
        start_check(found)
    except ApicenterError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Both systems are compared. The result stands here in a while."))
    return redirect("dashboard:flow_check", pk=pk)


@changes
def save_check(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    set_checked_nightly(found, wanted="nightly" in request.POST)
    messages.success(request, _("Saved."))
    return redirect("dashboard:flow_check", pk=pk)
