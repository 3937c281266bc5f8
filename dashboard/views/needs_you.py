"""What needs a person, one card per cause, with the fix in it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.needs.page import NeedsFilter, build_needs_page
from dashboard.needs.views import back, group_for
from dashboard.overview.page import waiting_now
from dashboard.words import sent_words
from flows.needs import remedies
from flows.needs.replays import NotAChoice


@in_organization
def needs_you(request: MemberRequest) -> HttpResponse:
    chosen = NeedsFilter.of(request.GET)
    page = build_needs_page(request.user, chosen, number=request.GET.get("page", ""), reads="lists" in request.GET)
    context = {
        "page": page,
        "groups": [card.group for card in page.cards],
        "filter": chosen,
        "tabs": {"count": page.count, "solved": page.solved, "aside": page.aside},
        "tab": "open",
        "waiting": waiting_now(),
        "here": "needs_you",
    }
    return render(request, "dashboard/needs_you.html", context)


@changes
def send_group(request: MemberRequest, key: str) -> HttpResponse:
    """Send all records of one cause again."""
    messages.success(request, sent_words(remedies.send_again(group_for(key).records)))
    return back(request)


@changes
def choose_match(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Pair a record with the candidate that a person picked."""
    record = record_for(request, pk)
    try:
        sent = remedies.choose(record, request.POST.get("choice", ""))
    except NotAChoice:
        messages.error(request, _("Pick one of the records that fit. It may have been paired in the meantime."))
    else:
        messages.success(request, sent_words(sent))
    return back(request)
