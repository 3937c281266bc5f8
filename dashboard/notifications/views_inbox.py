"""What one was told: the bell, the list, and the way from a message to the page it is about."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apicenter.notifications.inbox import mark_read, messages_of, unread_count
from dashboard.access import MemberRequest, changes, choose_organization, in_organization
from dashboard.notifications.access import message_for
from dashboard.notifications.words import Teller
from dashboard.partial import wants_part
from dashboard.way_back import own_path
from flows.needs.cause_tasks import give_back
from flows.needs.cause_tasks import take_care as take_on

PAGE = 30


@in_organization
def inbox(request: MemberRequest) -> HttpResponse:
    """Everything one was told in the last 30 days, newest first."""
    rows = messages_of(request.user)
    if request.GET.get("show") == "unread":
        rows = rows.filter(read_at=None)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    teller = Teller.for_all()
    lines = [(row, teller.headline(row.notification)) for row in page]
    context = {
        "lines": lines,
        "page": page,
        "unread": unread_count(request.user),
        "only_unread": request.GET.get("show") == "unread",
        "here": "notifications",
        "tab": "inbox",
    }
    name = "_list.html" if wants_part(request) else "inbox.html"
    return render(request, f"dashboard/notifications/{name}", context)


@require_GET
@in_organization
def bell(request: MemberRequest) -> HttpResponse:
    """The bell alone, asked for again and again."""
    return render(request, "dashboard/notifications/_bell.html", {"unread": unread_count(request.user)})


@in_organization
def message(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mark a message as read and go to what it is about."""
    row = message_for(request, pk)
    mark_read(request.user, only=[row.pk])
    return redirect(Teller.for_all().headline(row.notification).path)


@require_POST
@in_organization
def read_all(request: MemberRequest) -> HttpResponse:
    count = mark_read(request.user)
    said = ngettext("%(count)s message is marked as read.", "%(count)s messages are marked as read.", count)
    messages.success(request, said % {"count": count})
    return redirect("dashboard:notifications:inbox")


@require_POST
@in_organization
def read_one(request: MemberRequest, pk: UUID) -> HttpResponse:
    mark_read(request.user, only=[message_for(request, pk).pk])
    return redirect("dashboard:notifications:inbox")


@changes
def take_care(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take care of what a message is about, or no longer."""
    incident = message_for(request, pk).notification.incident
    if incident is not None and incident.taken_by_id == request.user.pk:
        give_back(incident)
    elif incident is not None:
        take_on(incident, request.user)
    return redirect("dashboard:notifications:inbox")


@require_GET
@login_required
def open_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Go from a letter to a page of one organization. Raises Http404 for one that is not the reader's."""
    choose_organization(request, pk)
    return redirect(own_path(request.GET.get("to", ""), otherwise="dashboard:overview"))
