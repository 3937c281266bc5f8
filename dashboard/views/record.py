"""One record: what came, what was sent, what was answered, why it stands where it does."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.access import MemberRequest, changes, in_organization, record_for
from dashboard.needs.undo_aside import pop_records, say_set_aside, way_back
from dashboard.record.record_page import build_record_page
from dashboard.words import sent_words
from flows.models import RunRecord
from flows.needs import remedies
from flows.needs.record_notes import add_note, notes_of


@in_organization
def record(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    return _record_page(request, record_for(request, pk))


def _record_page(request: MemberRequest, found: RunRecord, *, note_text: str = "") -> HttpResponse:
    page = build_record_page(found)
    all_fields = request.GET.get("fields") == "all"
    lines = page.lines if all_fields else page.shown_lines
    context = {
        "page": page,
        "lines": lines,
        "all_fields": all_fields,
        "notes": notes_of(found),
        "note_text": note_text,
        "here": "log",
    }
    return render(request, "dashboard/record.html", context)


@changes
def send_again(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = record_for(request, pk)
    if sent := remedies.send_again([found]):
        messages.success(request, sent_words(sent))
    else:
        messages.info(request, _("This record no longer needs you, so it was not sent again."))
    return redirect("dashboard:record", pk=pk)


@changes
def set_aside(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = record_for(request, pk)
    if found.state == RunRecord.State.NEEDS_YOU:
        remedies.set_aside([found], who=str(request.user), why=request.POST.get("why", ""))
        say_set_aside(request, _("Set aside. It is not sent, and the log says why."), [found])
    else:
        messages.info(request, _("This record no longer needs you."))
    return redirect("dashboard:record", pk=pk)


@changes
def note(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Write a note for the team; one that is refused stands in its field again."""
    found = record_for(request, pk)
    text = request.POST.get("text", "")
    try:
        add_note(found, text)
    except ValueError:
        messages.error(request, _("Write a note of at most 1000 characters."))
        return _record_page(request, found, note_text=text)
    messages.success(request, _("The note is there for your team."))
    return redirect(f"{resolve_url('dashboard:record', pk=pk)}#notes")


@changes
def take_back(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Have one record that was set aside need somebody again."""
    found = record_for(request, pk)
    _take_back(request, RunRecord.objects.filter(pk=found.pk))
    return redirect("dashboard:record", pk=pk)


@changes
def undo_aside(request: MemberRequest) -> HttpResponse:
    """The same for what was set aside last."""
    _take_back(request, pop_records(request, request.POST.get("token", "")))
    return redirect(way_back(request))


def _take_back(request: MemberRequest, records: QuerySet[RunRecord]) -> None:
    count = remedies.take_back(records)
    if count:
        words = ngettext(
            "Taken back: %(count)s record needs you again.", "Taken back: %(count)s records need you again.", count
        )
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("This was decided otherwise since, so nothing was taken back."))
