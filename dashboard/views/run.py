"""One run: what it did, record by record; stopping it, letting it go on."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, in_organization, run_for
from dashboard.flow.run_page import build_run_page
from dashboard.partial import wants_part
from flows.running import stopping


@in_organization
def run(request: MemberRequest, pk: uuid.UUID, run_pk: uuid.UUID) -> HttpResponse:
    found = run_for(request, pk, run_pk)
    is_part = wants_part(request)
    template = "dashboard/_run.html" if is_part else "dashboard/run.html"
    context = {"page": build_run_page(found, request.GET), "flow": found.flow, "is_part": is_part}
    return render(request, template, context)


@changes
def stop(request: MemberRequest, pk: uuid.UUID, run_pk: uuid.UUID) -> HttpResponse:
    found = run_for(request, pk, run_pk)
    if stopping.request_stop(found):
        messages.success(request, _("The run stops after the records it is at. What it has read waits."))
    else:
        messages.info(request, _("This run has ended already."))
    return redirect("dashboard:flow", pk=pk)


@changes
def go_on(request: MemberRequest, pk: uuid.UUID, run_pk: uuid.UUID) -> HttpResponse:
    found = run_for(request, pk, run_pk)
    try:
        goes_on = stopping.go_on(found)
    except ApicenterError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("The run goes on where it stopped.") if goes_on else _("This run has ended already.")
        )
    return redirect("dashboard:flow", pk=pk)


@changes
def leave_rest(request: MemberRequest, pk: uuid.UUID, run_pk: uuid.UUID) -> HttpResponse:
    count = stopping.leave_rest(run_for(request, pk, run_pk))
    text = ngettext("%(count)s record is left out.", "%(count)s records are left out.", count) % {"count": count}
    messages.success(request, text)
    return redirect("dashboard:flow", pk=pk)
