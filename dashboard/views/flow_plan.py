"""When a flow runs, and reading older records again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, flow_for, in_organization
from dashboard.flow.backfill_form import BackfillForm
from dashboard.flow.behaviour_form import BehaviourForm
from dashboard.flow.flow_page import build_flow_page
from dashboard.flow.schedule_form import ScheduleForm, schedule_words
from dashboard.partial import wants_part
from flows.models import Flow
from flows.running.backfill import Estimate, estimate, start_backfill
from flows.running.schedule import set_schedule
from flows.triggers.instant import set_reacts_at_once


@in_organization
def schedule(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """The choice, with the next three times of what is chosen."""
    found = flow_for(request, pk)
    form = ScheduleForm(found, request.GET if "how" in request.GET else None)
    if wants_part(request):
        return render(request, "dashboard/_coming.html", {"form": form, "flow": found, "is_part": True})
    return _schedule_page(request, found, form)


@changes
def save_schedule(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    form = ScheduleForm(found, request.POST)
    if not form.is_valid():
        return _schedule_page(request, found, form)
    set_schedule(found, form.schedule)
    messages.success(request, _("Saved. It runs %(when)s.") % {"when": schedule_words(form.schedule)})
    return redirect("dashboard:flow", pk=pk)


@changes
def save_instant(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    set_reacts_at_once(found, wanted="reacts_at_once" in request.POST)
    messages.success(request, _("Saved."))
    return redirect("dashboard:flow_schedule", pk=pk)


@changes
def save_behaviour(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store in which portions and hours it runs, and when it gives up."""
    found = flow_for(request, pk)
    form = BehaviourForm(found, request.POST)
    if not form.is_valid() or not form.save():
        return _schedule_page(request, found, ScheduleForm(found), form)
    messages.success(request, _("Saved."))
    return redirect("dashboard:flow_schedule", pk=pk)


def _schedule_page(
    request: MemberRequest, flow: Flow, form: ScheduleForm, behaviour: BehaviourForm | None = None
) -> HttpResponse:
    context = {
        "page": build_flow_page(flow, with_runs=False),
        "flow": flow,
        "form": form,
        "behaviour": behaviour or BehaviourForm(flow),
        "tab": "schedule",
    }
    return render(request, "dashboard/flow_schedule.html", context)


@in_organization
def backfill(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose a period; with one, count first what it holds."""
    found = flow_for(request, pk)
    form = BackfillForm(found, request.GET if "since" in request.GET else None)
    counted: Estimate | None = None
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            counted = estimate(found, form.period)
        except ApicenterError as error:
            problem = str(error)
    return _backfill_page(request, found, form, counted, problem)


@changes
def begin_backfill(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    form = BackfillForm(found, request.POST)
    if not form.is_valid():
        return _backfill_page(request, found, form, None, "")
    try:
        start_backfill(found, form.period, expected=form.cleaned_data["expected"])
    except ApicenterError as error:
        return _backfill_page(request, found, form, None, str(error))
    messages.success(request, _("The older records of %(flow)s are read again.") % {"flow": found.title})
    return redirect("dashboard:flow", pk=pk)


def _backfill_page(
    request: MemberRequest, flow: Flow, form: BackfillForm, counted: Estimate | None, problem: str
) -> HttpResponse:
    page = build_flow_page(flow, with_runs=False)
    context = {"page": page, "flow": flow, "form": form, "estimate": counted, "problem": problem, "tab": "backfill"}
    template = "dashboard/_backfill.html" if wants_part(request) else "dashboard/flow_backfill.html"
    return render(request, template, context)
