"""Steps five and six: the lights, the dry run, and switching on."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.access import MemberRequest, changes, in_organization
from dashboard.partial import wants_part
from dashboard.setup import activation
from dashboard.setup.access import editing, page_of, step
from dashboard.setup.first_load import first_load, next_things
from dashboard.setup.lights import groups_of, light_group
from dashboard.setup.outstanding import outstanding
from dashboard.setup.steps import SetUp, Step, set_up_of
from dashboard.setup.trial import find_trial, forget_trials, trial_of, try_flow
from flows.models import Flow


@step
def test(request: MemberRequest, environment: str) -> HttpResponse:
    """Offer the lights and the dry run; a post makes it, as it takes some seconds and calls of both systems."""
    found = set_up_of(environment)
    if not found.flows:
        return redirect(found.url(found.next_step))
    if request.method == "POST":
        return _try(request, found)
    trial = trial_of(found.asked)
    groups = groups_of(found)
    if request.GET.get("checks") and request.may_edit:  # without scripts: all at once
        groups = [light_group(found, group.key) or group for group in groups]
    context = page_of(found, Step.TEST, trial=trial, groups=groups, left=outstanding(found.asked))
    return render(request, "dashboard/setup/test.html", context)


def _try(request: MemberRequest, found: SetUp) -> HttpResponse:
    """Try all flows, or, for a page that shows its progress, the next one that was not tried since it began."""
    if not wants_part(request):
        for flow in found.asked:
            try_flow(flow)
        return redirect("dashboard:setup:test", found.environment)
    begun = _moment(request.POST.get("since", ""))
    since = begun or timezone.now()
    waiting = [flow for flow in found.asked if not _is_tried(flow, since)]
    if begun is not None and waiting:
        try_flow(waiting.pop(0))
    context = {
        "set_up": found,
        "trial": trial_of([flow for flow in found.asked if flow not in waiting]),
        "waiting": waiting,
        "since": since.isoformat(),
        "done": len(found.asked) - len(waiting),
        "count": len(found.asked),
        "left": outstanding(found.asked),
        "is_part": True,
    }
    return render(request, "dashboard/setup/_trial.html", context)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


def _is_tried(flow: Flow, since: datetime) -> bool:
    trial = find_trial(flow)
    return trial is not None and trial.at is not None and trial.at >= since


@editing
def readiness(request: MemberRequest, environment: str, key: str) -> HttpResponse:
    """The lights of one system or one flow, looked up now."""
    found = set_up_of(environment)
    group = light_group(found, key)
    if group is None:
        raise Http404
    return render(request, "dashboard/setup/_lights.html", {"group": group, "set_up": found})


@changes
def activate(request: MemberRequest, environment: str) -> HttpResponse:
    """Switch on everything that was set up, and start it."""
    found = set_up_of(environment)
    if not found.is_authorised or not found.flows:
        return redirect(found.url(found.next_step))
    drafts = found.drafts
    for problem in activation.activate(drafts):
        messages.error(request, problem)
    found = set_up_of(environment)
    if not found.is_finished:
        return redirect(
            "dashboard:setup:questions" if outstanding(drafts).count else "dashboard:setup:test", environment
        )
    forget_trials(found.flows)
    return redirect("dashboard:setup:done", environment)


@in_organization
def done(request: MemberRequest, environment: str) -> HttpResponse:
    """The first runs while they are at work, and what to do next."""
    found = set_up_of(environment)
    if not found.is_finished:
        return redirect(found.url(found.next_step))
    runs = first_load(found.flows)
    context = page_of(found, Step.DONE, runs=runs, is_working=any(one.is_working for one in runs))
    part = wants_part(request)
    context |= {"is_part": part, "needs_you": sum(one.needs_you for one in runs), "things": next_things(found)}
    return render(request, f"dashboard/setup/{'_progress' if part else 'done'}.html", context)
