"""The activity log: one line per record."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard import access
from dashboard.access import MemberRequest, in_organization
from dashboard.export import log_csv
from dashboard.log_filter import LogFilter, page_of
from dashboard.marks import mark_of_record, state_words
from dashboard.partial import wants_part
from dashboard.words import KINDS
from flows.catalog.registry import flow_kind
from flows.models import RunRecord

State = RunRecord.State
ORDER = (State.NEEDS_YOU, State.WAITING, State.CREATED, State.UPDATED, State.UNCHANGED, State.SKIPPED)


@in_organization
def log(request: MemberRequest) -> HttpResponse:
    chosen = LogFilter.read(request.GET)
    counts = chosen.counts()
    context = {
        "filter": chosen,
        "page": page_of(chosen.records(), request.GET),
        "total": sum(counts.values()),
        "counts": [
            (state, mark_of_record(state), state_words(state, counts[state])) for state in ORDER if state in counts
        ],
        "flows": access.flows(),
        "states": [(state.value, state.label) for state in RunRecord.State],
        "kinds": [(kind, KINDS.get(kind, kind)) for kind in _kinds()],
        "here": "log",
    }
    template = "dashboard/_log_list.html" if wants_part(request) else "dashboard/log.html"
    return render(request, template, context)


def _kinds() -> list[str]:
    return sorted({kind for flow in access.flows() for kind in flow_kind(flow.kind).resources})


@in_organization
def export(request: MemberRequest) -> HttpResponse:
    """The records that fit the filter, as a file."""
    name = f"log-{timezone.localdate():%Y-%m-%d}.csv"
    response = HttpResponse(log_csv(LogFilter.read(request.GET).records()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
