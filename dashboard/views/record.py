"""One record: what came, what was sent, what was answered, why it stands where it does."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.record_page import build_record_page
from dashboard.views.needs_you import sent_words
from flows import replays
from flows.models import RunRecord


@in_organization
def record(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    context = {"page": build_record_page(record_for(request, pk)), "here": "log"}
    return render(request, "dashboard/record.html", context)


@changes
def send_again(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = record_for(request, pk)
    if sent := replays.replay(RunRecord.objects.filter(pk=found.pk)):
        messages.success(request, sent_words(sent))
    else:
        messages.info(request, _("This record no longer needs you, so it was not sent again."))
    return redirect("dashboard:record", pk=pk)


@changes
def set_aside(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = record_for(request, pk)
    if found.state == RunRecord.State.NEEDS_YOU:
        replays.set_aside(found, who=str(request.user))
        messages.success(request, _("Set aside. It is not sent, and the log says why."))
    else:
        messages.info(request, _("This record no longer needs you."))
    return redirect("dashboard:record", pk=pk)
