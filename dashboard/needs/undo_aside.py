"""The button "Undo" in the message that says that records were set aside. It is good for the last time in a session."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.shortcuts import resolve_url
from django.utils.crypto import get_random_string

from dashboard.access import MemberRequest
from dashboard.way_back import own_path
from flows.models import RunRecord

UNDO = "undo_aside"  # in the session, and the tag of the message that shows the button
MOST = 500  # more are taken back one by one


def say_set_aside(request: MemberRequest, words: str, records: Sequence[RunRecord]) -> None:
    """Say that these records were set aside, with a way back."""
    can_undo = 0 < len(records) <= MOST
    if can_undo:
        keys = [str(record.pk) for record in records]
        request.session[UNDO] = {"token": get_random_string(16), "records": keys}
    messages.success(request, words, extra_tags=UNDO if can_undo else "")


def pop_records(request: MemberRequest, token: str) -> QuerySet[RunRecord]:
    """Return what was set aside last in this session, once; none if the button was of an earlier time."""
    last = request.session.get(UNDO)
    if not last or last["token"] != token:
        return RunRecord.objects.none()
    del request.session[UNDO]
    return RunRecord.objects.filter(pk__in=last["records"])


def way_back(request: MemberRequest) -> str:
    """Return the page of ours that a form names as `next`, or the log."""
    return own_path(request.POST.get("next", ""), otherwise=resolve_url("dashboard:log"))
