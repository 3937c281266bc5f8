"""What is done with a cause as a task: handed over, noted, sent again, set aside; and the lists beside the open one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.needs.cause_groups import CauseGroup
from dashboard.needs.page import (
    MOST_ASIDE,
    NeedsFilter,
    aside_records,
    find_group,
    members,
    solved_lines,
    tab_counts,
)
from dashboard.needs.undo_aside import say_set_aside
from dashboard.words import sent_words
from flows.models import CauseTask, RunRecord
from flows.needs import cause_tasks, remedies
from flows.needs.replays import NotAChoice


def group_for(key: str) -> CauseGroup:
    """Return an open cause, or a 404."""
    group = find_group(key)
    if group is None:
        raise Http404
    return group


def task_for(request: MemberRequest, key: str) -> CauseTask:
    rows = CauseTask.objects.select_related("flow", "assignee")
    return get_object_or_404(rows, key=key, organization=request.organization)


def back(request: HttpRequest, key: str = "") -> HttpResponse:
    """Go back to the page as it was narrowed, to the cause if it still stands there."""
    query = NeedsFilter.of(request.POST).query
    return redirect(f"{reverse('dashboard:needs_you')}{f'?{query}' if query else ''}{f'#cause-{key}' if key else ''}")


@in_organization
def solved(request: MemberRequest) -> HttpResponse:
    context = {"lines": solved_lines(), "tabs": tab_counts(), "tab": "solved", "here": "needs_you"}
    return render(request, "dashboard/needs/solved.html", context)


@in_organization
def aside(request: MemberRequest) -> HttpResponse:
    records = aside_records()[:MOST_ASIDE]
    context = {"records": records, "tabs": tab_counts(), "tab": "aside", "here": "needs_you"}
    return render(request, "dashboard/needs/aside.html", context)


@changes
def send_after_all(request: MemberRequest) -> HttpResponse:
    """Send records that were set aside."""
    wanted = set(request.POST.getlist("record"))
    chosen = [record for record in aside_records()[:MOST_ASIDE] if str(record.pk) in wanted]
    if chosen:
        messages.success(request, sent_words(remedies.send_again(chosen)))
    else:
        messages.error(request, _("Tick the records that are to be sent."))
    return redirect("dashboard:needs:aside")


@changes
def records(request: MemberRequest, key: str) -> HttpResponse:
    """Send the ticked records of a cause again, set them aside or forget their links; nothing ticked means all."""
    group = group_for(key)
    wanted = set(request.POST.getlist("record"))
    chosen = [record for record in group.records if not wanted or str(record.pk) in wanted]
    if "forget" in request.POST:
        count = remedies.forget_links(chosen, who=str(request.user))
        words = ngettext(
            "%(count)s link is forgotten. The record is sent anew when it changes.",
            "%(count)s links are forgotten. The records are sent anew when they change.",
            count,
        )
        messages.success(request, words % {"count": count})
    elif "aside" in request.POST:
        count = remedies.set_aside(chosen, who=str(request.user), why=request.POST.get("why", ""))
        words = ngettext(
            "%(count)s record is set aside. It is not sent.",
            "%(count)s records are set aside. They are not sent.",
            count,
        )
        say_set_aside(request, words % {"count": count}, chosen)
    elif answer := request.POST.get("answer", ""):
        _rule(request, chosen, answer)
    else:
        messages.success(request, sent_words(remedies.send_again(chosen)))
    return back(request, key if len(chosen) < group.count else "")


def _rule(request: MemberRequest, chosen: list[RunRecord], answer: str) -> None:
    try:
        count = remedies.rule(chosen, answer)
    except NotAChoice:
        messages.error(request, _("This record no longer needs you."))
    else:
        words = ngettext("Noted for %(count)s record.", "Noted for %(count)s records.", count)
        messages.success(request, words % {"count": count})


@changes
def rule(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Answer for one record, from its own page."""
    _rule(request, [record_for(request, pk)], request.POST.get("answer", ""))
    return redirect("dashboard:record", pk=pk)


@changes
def assign(request: MemberRequest, key: str) -> HttpResponse:
    """Make a cause somebody's task, or nobody's."""
    task = task_for(request, key)
    wanted = request.POST.get("person", "")
    person = next((one for one in members() if str(one.pk) == wanted), None)
    if wanted and person is None:
        raise Http404
    cause_tasks.assign(task, person)
    if person is None:
        messages.success(request, _("It is nobody's task now."))
    else:
        messages.success(request, _("%(person)s looks after it.") % {"person": person})
    return back(request, key)


@changes
def note(request: MemberRequest, key: str) -> HttpResponse:
    try:
        cause_tasks.add_note(task_for(request, key), request.POST.get("text", ""), author=request.user)
    except ValueError:
        messages.error(request, _("Write a note of at most 1000 characters."))
    else:
        messages.success(request, _("The note is there for your team."))
    return back(request, key)
