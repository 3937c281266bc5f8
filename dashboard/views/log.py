"""The activity log: one line per record."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.access import MemberRequest, changes, in_organization
from dashboard.log.export import log_csv
from dashboard.log.log_chips import ORDER, chips_of
from dashboard.log.log_filter import LogFilter
from dashboard.marks import mark_of_record, state_words
from dashboard.needs.undo_aside import say_set_aside, way_back
from dashboard.partial import wants_part
from dashboard.views.needs_you import sent_words
from flows.log.people_in_sheets import sheets_naming
from flows.log.search import MOST_NEW, count_newer, counts_of, page_of
from flows.models import RunRecord
from flows.needs import remedies, replays
from flows.needs.record_notes import count_notes

MOST_SELECTED = 500


@in_organization
def log(request: MemberRequest) -> HttpResponse:
    chosen = LogFilter.read(request.GET)
    whole = counts_of(replace(chosen, state="").log_query.records(), "state")
    counts = whole.by_name
    older, newer = request.GET.get("older", ""), request.GET.get("newer", "")
    is_part = wants_part(request)
    page = page_of(chosen.log_query.records(), older=older, newer=newer)
    count_notes(page.records)
    context = {
        "filter": chosen,
        "chips": chips_of(chosen, whole),
        "page": page,
        "is_first": not older and not newer,
        "total": whole.total,
        "is_capped": whole.is_capped,
        "counts": [
            (state, mark_of_record(state), state_words(state, counts[state]), chosen.query(state=state))
            for state in ORDER
            if state in counts
        ],
        "sheets": sheets_naming(chosen.log_query.text),
        "is_part": is_part,
        "here": "log",
    }
    return render(request, "dashboard/_log_list.html" if is_part else "dashboard/log.html", context)


@in_organization
def new_lines(request: MemberRequest) -> HttpResponse:
    """How many records came since the page was read: said, not pushed in."""
    chosen = LogFilter.read(request.GET)
    after = request.GET.get("after", "")
    count = count_newer(chosen.log_query.records(), after)
    context = {"filter": chosen, "after": after, "new_count": count, "is_many": count >= MOST_NEW}
    return render(request, "dashboard/_log_new.html", context)


@in_organization
def export(request: MemberRequest) -> HttpResponse:
    """The records that fit the filter, as a file."""
    name = f"log-{timezone.localdate():%Y-%m-%d}.csv"
    records = LogFilter.read(request.GET).log_query.records()
    response = HttpResponse(log_csv(records), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@changes
def selected(request: MemberRequest) -> HttpResponse:
    """Send the selected records again, or set them aside, which asks once."""
    records = RunRecord.objects.filter(pk__in=_selected_keys(request))
    back = way_back(request)
    count = records.filter(state=RunRecord.State.NEEDS_YOU).count()
    if not count:
        messages.info(request, _("None of the selected records needs you, so nothing was done."))
    elif request.POST.get("do") == "send":
        messages.success(request, sent_words(replays.replay(records)))
    elif request.POST.get("do") == "aside" and "sure" not in request.POST:
        shown = records.filter(state=RunRecord.State.NEEDS_YOU).select_related("flow").defer("source", "exchange")
        return render(
            request, "dashboard/log_aside.html", {"records": shown, "count": count, "next": back, "here": "log"}
        )
    elif request.POST.get("do") == "aside":
        held = list(records.filter(state=RunRecord.State.NEEDS_YOU).select_related("flow").defer("source", "exchange"))
        say_set_aside(request, _aside_words(remedies.set_aside(held, who=str(request.user))), held)
    return redirect(back)


def _selected_keys(request: MemberRequest) -> list[uuid.UUID]:
    keys: list[uuid.UUID] = []
    for text in request.POST.getlist("record")[:MOST_SELECTED]:
        try:
            keys.append(uuid.UUID(text))
        except ValueError:
            continue
    return keys


def _aside_words(count: int) -> str:
    return ngettext(
        "%(count)s record is set aside. It is not sent, and the log says why.",
        "%(count)s records are set aside. They are not sent, and the log says why.",
        count,
    ) % {"count": count}
