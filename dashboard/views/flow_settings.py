"""The settings of a flow, its name, and taking it away."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apicenter.errors import ApicenterError
from connectors.services import open_connector
from dashboard.access import MemberRequest, administers, changes, flow_for, in_organization
from dashboard.asked_again import asks_again_about
from dashboard.flow.flow_page import build_flow_page
from dashboard.flow_settings.setting_form import SettingForm, items_for, lists_for
from dashboard.flow_settings.setting_words import setting_title, settings_in_order
from dashboard.words import sent_words
from flows.flow_settings import Changed, SettingError, change_settings, default_settings
from flows.lifecycle import belongings_of, delete_flow, rename
from flows.models import Flow


@in_organization
def settings(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """All settings as a form; for those who only look, in words and without asking the other system."""
    found = flow_for(request, pk)
    if not request.may_edit:
        page = build_flow_page(found, with_runs=False)
        context = {"page": page, "flow": found, "words": settings_in_order(found), "tab": "settings"}
        return render(request, "dashboard/flow_settings.html", context)
    form, problem = _form(found)
    return _page(request, found, form, problem)


def _form(flow: Flow) -> tuple[SettingForm, str]:
    """Return the form with its live lists, or, if they cannot be read now, without them and with the reason."""
    try:
        with open_connector(flow.target, is_interactive=True) as connector:
            return SettingForm(flow, lists_for(flow, connector), items_for(flow, connector)), ""
    except ApicenterError as error:
        return SettingForm(flow, {}, []), str(error)


@changes
def save_settings(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store all settings, or set one back to what is usual."""
    found = flow_for(request, pk)
    if "reset" in request.POST:
        return _reset(request, found, request.POST["reset"])
    form, problem = _sent_form(request, found)
    try:
        changed = form.save() if form.is_valid() else None
    except ApicenterError as error:
        changed, problem = None, str(error)
    if changed is None:
        return _page(request, found, form, problem)
    messages.success(request, changed_words(changed))
    return redirect("dashboard:flow_settings", pk=pk)


def _sent_form(request: MemberRequest, flow: Flow) -> tuple[SettingForm, str]:
    try:
        with open_connector(flow.target, is_interactive=True) as connector:
            form = SettingForm(flow, lists_for(flow, connector), items_for(flow, connector), request.POST)
            if form.is_valid():
                form.find_named(connector)
            return form, ""
    except ApicenterError as error:
        form = SettingForm(flow, {}, [], request.POST)
        if form.is_valid():
            for name in (*form.new_items, *form.new_customers):
                form.add_error(name, _("This cannot be looked up at the moment. Try again later."))
        return form, str(error)


def _reset(request: MemberRequest, flow: Flow, name: str) -> HttpResponse:
    usual = default_settings(flow)
    if name in type(usual).model_fields:
        try:
            changed = change_settings(flow, {name: getattr(usual, name)})
            messages.success(request, _("“%(setting)s” is as usual again.") % {"setting": setting_title(name)})
            if changed.sent:
                messages.success(request, sent_words(changed.sent))
        except (SettingError, ApicenterError) as error:
            messages.error(request, str(error))
    return redirect("dashboard:flow_settings", pk=flow.pk)


def changed_words(changed: Changed) -> str:
    """Say what a change of settings came to."""
    if not changed.names:
        return _("Nothing was changed.")
    parts = [_("Saved.")]
    if changed.new_tables:
        parts.append(
            ngettext(
                "%(count)s value table is new: look at it.",
                "%(count)s value tables are new: look at them.",
                len(changed.new_tables),
            )
            % {"count": len(changed.new_tables)}
        )
    if changed.new_maps:
        parts.append(_("The fields are the usual ones of what is sent now: look at them."))
    if changed.has_new_fields:
        parts.append(_("The fields of the mapping follow the settings: look at them."))
    if changed.is_read_again:
        parts.append(_("The next run reads everything once more and sends what differs."))
    if changed.sent:
        parts.append(sent_words(changed.sent))
    if changed.has_resumed:
        parts.append(_("The flow goes on."))
    return " ".join(parts)


def _page(
    request: MemberRequest, flow: Flow, form: SettingForm, problem: str = "", name_problem: str = "", name: str = ""
) -> HttpResponse:
    context = {
        "page": build_flow_page(flow, with_runs=False),
        "flow": flow,
        "form": form,
        "problem": problem,
        "name_problem": name_problem,
        "name": name or flow.title,
        "tab": "settings",
    }
    return render(request, "dashboard/flow_settings.html", context)


@changes
def rename_flow(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    name = request.POST.get("name", "").replace("\0", "")
    try:
        rename(found, name)
    except ValueError:
        form, problem = _form(found)
        return _page(request, found, form, problem, _("Give it a name of at most 150 characters."), name)
    messages.success(request, _("The flow is called “%(name)s” now.") % {"name": found.title})
    return redirect("dashboard:flow_settings", pk=pk)


@require_safe
@administers
def ask_delete(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = flow_for(request, pk)
    page = build_flow_page(found, with_runs=False)
    context = {"page": page, "flow": found, "has": belongings_of(found), "tab": "settings"}
    return render(request, "dashboard/flow_delete.html", context)


@require_POST
@administers
@asks_again_about(flow_for)
def delete(request: MemberRequest, found: Flow) -> HttpResponse:
    try:
        delete_flow(found)
    except ApicenterError as error:
        messages.error(request, str(error))
        return redirect("dashboard:ask_delete_flow", pk=found.pk)
    messages.success(request, _("“%(flow)s” is deleted. Both systems are as they were.") % {"flow": found.title})
    return redirect("dashboard:overview")
