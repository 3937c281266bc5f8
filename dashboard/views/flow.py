"""One flow: how it does, its runs, its fields, value tables and settings."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from dashboard.access import MemberRequest, changes, flow_for, in_organization, table_for
from dashboard.flow_page import build_flow_page, tables_of
from dashboard.forms import PairForm
from dashboard.map_table import map_groups
from dashboard.partial import wants_part
from dashboard.views.needs_you import sent_words
from dashboard.words import readable_settings, table_title
from flows import replays, services
from flows.models import Run


@in_organization
def flow(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk))
    is_part = wants_part(request)
    template = "dashboard/_flow_runs.html" if is_part else "dashboard/flow.html"
    return render(request, template, {"page": page, "flow": page.flow, "tab": "runs", "is_part": is_part})


@in_organization
def field_map(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk), with_runs=False)
    context = {"page": page, "flow": page.flow, "groups": map_groups(page.flow), "tab": "map"}
    return render(request, "dashboard/flow_map.html", context)


@in_organization
def tables(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk), with_runs=False)
    context = {"page": page, "flow": page.flow, "tables": tables_of(page.flow), "tab": "tables"}
    return render(request, "dashboard/flow_tables.html", context)


@in_organization
def settings(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_flow_page(flow_for(request, pk), with_runs=False)
    context = {"page": page, "flow": page.flow, "settings": readable_settings(page.flow), "tab": "settings"}
    return render(request, "dashboard/flow_settings.html", context)


@changes
def run_now(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    try:
        services.start_run(found, Run.Trigger.MANUAL, is_interactive=True)
    except ApicenterError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(flow)s runs.") % {"flow": found.name})
    return redirect("dashboard:flow", pk=pk)


@changes
def pause(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    found.pause()
    messages.success(request, _("%(flow)s is paused. What waits goes on when you resume it.") % {"flow": found.name})
    return redirect("dashboard:flow", pk=pk)


@changes
def resume(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    services.resume(found)
    messages.success(request, _("%(flow)s goes on where it stopped.") % {"flow": found.name})
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
    labels = dict(table.rows.exclude(value_label="").values_list("value", "value_label"))
    sent = replays.set_pair(
        table, pair["key"], pair["value"], key_label=pair["label"], value_label=labels.get(pair["value"], "")
    )
    saved = _("Saved in “%(table)s”.") % {"table": table_title(found.kind, table.name)}
    messages.success(request, f"{saved} {sent_words(sent)}" if sent else saved)
    return redirect(_way_back(request, pk))


def _way_back(request: MemberRequest, pk: uuid.UUID) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("dashboard:flow_tables", args=[pk])
