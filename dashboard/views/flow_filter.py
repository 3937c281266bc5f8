"""Which records a flow sends."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.access import MemberRequest, changes, flow_for, in_organization
from dashboard.flow.filter_builder import Builder, acted, read_builder
from dashboard.flow.filter_page import FilterPage, build_filter_page
from dashboard.flow.flow_page import build_flow_page
from dashboard.partial import wants_part
from flows.maps.filters import set_filters


@in_organization
def filters(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, build_filter_page(flow_for(request, pk)))


@changes
def try_filters(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what the boxes would do, after a row was added or a field chosen. Stores nothing."""
    builder = acted(read_builder(request.POST), request.POST.get("do", ""))
    return _page(request, build_filter_page(flow_for(request, pk), builder), part=request.POST.get("part", ""))


@changes
def save_filters(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    builder = Builder() if request.POST.get("do") == "clear" else read_builder(request.POST)
    page = build_filter_page(found, builder, with_hits=False)
    if builder.is_empty:  # needs no field to be known
        set_filters(found, None)
        messages.success(request, _("Saved. Every record is sent from the next run on."))
        return redirect("dashboard:flow_filters", pk=pk)
    if not page.can_save or page.checked is None or page.checked.builder.has_errors:
        return _page(request, build_filter_page(found, builder))
    set_filters(found, page.checked.condition)
    messages.success(
        request, _("Saved. It holds from the next run on; what is left out is in the log with the reason.")
    )
    return redirect("dashboard:flow_filters", pk=pk)


def _page(request: MemberRequest, filter_page: FilterPage, *, part: str = "") -> HttpResponse:
    context = {"filter": filter_page, "flow": filter_page.flow, "tab": "filters"}
    if wants_part(request):
        template = "dashboard/_filter_hits.html" if part == "hits" else "dashboard/_filter.html"
        return render(request, template, context)
    return render(
        request, "dashboard/flow_filters.html", {**context, "page": build_flow_page(filter_page.flow, with_runs=False)}
    )
