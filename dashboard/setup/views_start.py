"""Steps five and six: the dry run, and switching on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from dashboard.access import MemberRequest, changes, in_organization
from dashboard.partial import wants_part
from dashboard.runs import RunLine, lines_of, runs_of
from dashboard.setup import activation
from dashboard.setup.access import page_of, step
from dashboard.setup.questions import open_answers
from dashboard.setup.steps import SetUp, Step, set_up_of
from dashboard.setup.trial import try_flows
from flows.models import Flow


@step
def test(request: MemberRequest, environment: str) -> HttpResponse:
    """Offer the dry run; a post makes it, as it takes some seconds and calls of both systems."""
    found = set_up_of(environment)
    if not found.flows:
        return redirect(found.url(found.next_step))
    tried = found.drafts or found.flows
    trial = try_flows(tried) if request.method == "POST" else None
    context = page_of(found, Step.TEST, trial=trial, tried=tried, open_count=open_answers(tried))
    return render(request, "dashboard/setup/test.html", context)


@changes
def activate(request: MemberRequest, environment: str) -> HttpResponse:
    """Switch on everything that was set up, and start it."""
    found = set_up_of(environment)
    if not found.is_authorised or not found.flows:
        return redirect(found.url(found.next_step))
    for problem in activation.activate(found.drafts):
        messages.error(request, problem)
    return redirect("dashboard:setup:done", environment)


@in_organization
def done(request: MemberRequest, environment: str) -> HttpResponse:
    """The first runs while they are at work, and what to do next."""
    found = set_up_of(environment)
    if not found.is_finished:
        return redirect(found.url(found.next_step))
    runs = _latest(found)
    context = page_of(found, Step.DONE, runs=runs, is_working=any(line.is_working for _flow, line in runs if line))
    part = wants_part(request)
    context |= {"is_part": part, "needs_you": sum(line.sums.needs_you for _flow, line in runs if line)}
    return render(request, f"dashboard/setup/{'_progress' if part else 'done'}.html", context)


def _latest(found: SetUp) -> list[tuple[Flow, RunLine | None]]:
    """Return every flow with its newest run."""
    return [(flow, next(iter(lines_of(runs_of(flow=flow)[:1])), None)) for flow in found.flows]
