"""What needs a person, one card per cause, with the fix in it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from dashboard.access import MemberRequest, changes, in_organization
from dashboard.cause_groups import groups_of, open_records
from dashboard.overview import waiting_now
from flows.models import RunRecord
from flows.services import replay


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


def sent_words(count: int) -> str:
    """Say how many records go out again."""
    return ngettext("%(count)s record is sent again.", "%(count)s records are sent again.", count) % {"count": count}
