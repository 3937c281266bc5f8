"""One flow: how it does, its runs, its fields, value tables and settings."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, flow_for, in_organization, table_for
from dashboard.flow.flow_page import build_flow_page
from dashboard.flow.run_list import RunFilter
from dashboard.forms import PairForm
from dashboard.partial import wants_part
from dashboard.tables.choices import labels_of
from dashboard.tables.page import table_links
from dashboard.way_back import own_path
from dashboard.words import sent_words, table_title
from flows import services
from flows.models import Run, ValueTable
from flows.tables.option_lists import kept_list
from flows.tables.value_tables import set_pair, spec_of


@in_organization
def flow(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk), wanted=RunFilter.read(request.GET))
    is_part = wants_part(request)
    template = "dashboard/_flow_runs.html" if is_part else "dashboard/flow.html"
    return render(request, template, {"page": page, "flow": page.flow, "tab": "runs", "is_part": is_part})


@in_organization
def tables(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk), with_runs=False)
    context = {"page": page, "flow": page.flow, "links": table_links(page.flow), "tab": "tables"}
    return render(request, "dashboard/flow_tables.html", context)


@changes
def run_now(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    try:
        services.start_run(found, Run.Trigger.MANUAL, is_interactive=True)
    except ApicenterError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(flow)s runs.") % {"flow": found.title})
    return redirect("dashboard:flow", pk=pk)


@changes
def pause(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    services.pause(found)
    messages.success(request, _("%(flow)s is paused. What waits goes on when you resume it.") % {"flow": found.title})
    return redirect("dashboard:flow", pk=pk)


@changes
def resume(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    try:
        services.resume(found)
    except ApicenterError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(flow)s goes on where it stopped.") % {"flow": found.title})
    return redirect("dashboard:flow", pk=pk)


@changes
def add_pair(request: MemberRequest, pk: uuid.UUID, table_pk: uuid.UUID) -> HttpResponse:
    """Store a pair and send what waited for it."""
    found = flow_for(request, pk)
    table = table_for(request, found, table_pk)
    form = PairForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.problem())
        return redirect(_way_back(request, pk))
    pair = form.cleaned_data
    labels = _known_labels(table)
    sent = set_pair(
        table, pair["key"], pair["value"], key_label=pair["label"], value_label=labels.get(pair["value"], "")
    )
    saved = _("Saved in “%(table)s”.") % {"table": table_title(found.kind, table.name)}
    messages.success(request, f"{saved} {sent_words(sent)}" if sent else saved)
    return redirect(_way_back(request, pk))


def _known_labels(table: ValueTable) -> dict[str, str]:
    """Return what people call the values of a table: from the list, if it was read lately, and from its own rows."""
    spec = spec_of(table)
    kept = kept_list(table.flow.target, spec.target_list) if spec else None
    own = dict(table.rows.exclude(value_label="").values_list("value", "value_label"))
    return {**(labels_of(kept.options) if kept else {}), **own}


def _way_back(request: MemberRequest, pk: uuid.UUID) -> str:
    return own_path(request.POST.get("next", ""), otherwise=reverse("dashboard:flow_tables", args=[pk]))
