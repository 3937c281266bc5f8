"""The first page: how things are."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.errors import ApicenterError
from dashboard import access
from dashboard.access import MemberRequest, changes, in_organization
from dashboard.overview.day_chart import ChartChoice, build_chart
from dashboard.overview.page import build_overview
from dashboard.partial import wants_part
from flows.models import Flow, Run
from flows.services import start_run


@in_organization
def overview(request: MemberRequest) -> HttpResponse:
    is_part = wants_part(request)
    template = "dashboard/_overview.html" if is_part else "dashboard/overview.html"
    found = build_overview(ChartChoice.read(request.GET))
    context = {"overview": found, "chart": found.chart, "here": "overview", "is_part": is_part}
    return render(request, template, context)


@in_organization
def chart(request: MemberRequest) -> HttpResponse:
    """The chart of the overview alone, for another choice or to bring it up to date."""
    choice = ChartChoice.read(request.GET)
    if not wants_part(request):
        return redirect(f"{reverse('dashboard:overview')}?{choice.query()}")
    return render(request, "dashboard/_chart.html", {"chart": build_chart(choice, list(access.flows()))})


@changes
def run_all(request: MemberRequest) -> HttpResponse:
    """Start every active flow once."""
    started = 0
    for flow in access.flows().filter(state=Flow.State.ACTIVE):
        try:
            start_run(flow, Run.Trigger.MANUAL, is_interactive=True)
        except ApicenterError as error:  # one that cannot start does not keep the others from it
            messages.error(request, f"{flow.title}: {error}")
        else:
            started += 1
    if started:
        messages.success(
            request, ngettext("%(count)s flow runs.", "%(count)s flows run.", started) % {"count": started}
        )
    else:
        messages.info(request, _("No flow is active, so nothing runs."))
    return redirect("dashboard:overview")
