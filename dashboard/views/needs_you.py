"""What needs a person, one card per cause, with the fix in it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.cause_groups import groups_of, open_records
from dashboard.overview import waiting_now
from flows.models import RunRecord
from flows.replays import NotAChoice, choose, replay


@in_organization
def needs_you(request: MemberRequest) -> HttpResponse:
    records = open_records()
    context = {
        "groups": groups_of(records),
        "count": len(records),
        "waiting": waiting_now(),
        "here": "needs_you",
    }
    return render(request, "dashboard/needs_you.html", context)


@changes
def send_group(request: MemberRequest, key: str) -> HttpResponse:
    """Send all records of one cause again."""
    group = next((group for group in groups_of(open_records()) if group.key == key), None)
    if group is None:
        raise Http404
    sent = replay(RunRecord.objects.filter(pk__in=[record.pk for record in group.records]))
    messages.success(request, sent_words(sent))
    return redirect("dashboard:needs_you")


@changes
def choose_match(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Pair a record with the candidate that a person picked."""
    record = record_for(request, pk)
    try:
        sent = choose(record, request.POST.get("choice", ""))
    except NotAChoice:
        messages.error(request, _("Pick one of the records that fit. It may have been paired in the meantime."))
    else:
        messages.success(request, sent_words(sent))
    return redirect("dashboard:needs_you")


def sent_words(count: int) -> str:
    """Say how many records go out again."""
    return ngettext("%(count)s record is sent again.", "%(count)s records are sent again.", count) % {"count": count}
