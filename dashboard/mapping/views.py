"""The mapping editor: look, edit, undo, publish. An edit answers with the editor, or without htmx with its page."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.access import MemberRequest, changes, flow_for, in_organization
from dashboard.flow.flow_page import build_flow_page
from dashboard.mapping.edits import edited
from dashboard.mapping.field_paths import fields_in
from dashboard.mapping.history import change_lines
from dashboard.mapping.page import build_editor, kinds_of, place_of, problems_of_record
from dashboard.mapping.refusal import EditRefused
from dashboard.mapping.rows import unknown_field
from dashboard.mapping.state import Place, read_place
from dashboard.partial import wants_part
from flows.maps import drafts, versions
from flows.maps.changes import FieldPlace, find_field
from flows.maps.checks import NotPublishable, check_maps, key_place
from flows.maps.drafts import DraftMoved, draft_state
from flows.maps.field_lists import source_fields, target_fields
from flows.maps.new_fields import add_new_fields
from flows.models import Flow, ValueTable
from flows.tables import value_tables


@in_organization
def field_map(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    flow = flow_for(request, pk)
    if flow.map_version is None or not flow.map_version.maps:
        context = {"page": build_flow_page(flow, with_runs=False), "flow": flow, "tab": "map"}
        return render(request, "dashboard/mapping/nothing.html", context)
    place = _place(request, flow)
    return _editor(request, place, is_fresh="fresh" in request.GET)


def _place(request: MemberRequest, flow: Flow) -> Place:
    kinds = kinds_of(flow)
    place = read_place(flow, request.GET, kinds)
    added = request.GET.get("add", "")
    return place.at(place_of(flow, place.kind, added[:200])) if added else place


def _editor(
    request: MemberRequest, place: Place, *, is_fresh: bool = False, error: str = "", failed: str = ""
) -> HttpResponse:
    page = build_editor(place, request.user, is_fresh=is_fresh, error=error, failed=failed, posted=request.POST)
    is_part = wants_part(request)
    template = "dashboard/mapping/_editor.html" if is_part else "dashboard/mapping/editor.html"
    context = {"page": page, "flow": place.flow, "is_part": is_part, "error": error}
    status = 422 if error and not is_part else 200  # htmx shows only what came with 200
    return render(request, template, context, status=status)


def _answer(request: MemberRequest, place: Place) -> HttpResponse:
    """After a change: the editor as it is now, or the way back to its page."""
    return _editor(request, place) if wants_part(request) else redirect(place.address())


@changes
def edit(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Change one field of the draft."""
    flow = flow_for(request, pk)
    place = _place(request, flow)
    field_place = _field_place(request, place)
    if field_place is None:
        return _editor(request, place, error=_("This field is not part of the mapping."))
    try:
        _save_edit(request, flow, field_place)
    except EditRefused as error:
        return _editor(request, place.at(field_place), error=str(error), failed=error.where)
    except DraftMoved as error:
        return _editor(request, place.at(field_place), error=str(error))
    return _answer(request, place)


def _field_place(request: MemberRequest, place: Place) -> FieldPlace | None:
    key = request.POST.get("place", "")[:500]
    if key.count("|") < 2:
        return None
    found = FieldPlace.of(key)
    maps = draft_state(place.flow).maps
    is_known = found.resource in maps and (not found.in_list or found.in_list in maps[found.resource].lists)
    return found if is_known and found.target else None


def _save_edit(request: MemberRequest, flow: Flow, place: FieldPlace) -> None:
    seen = _number(request.POST.get("version", ""))
    if request.POST.get("do") == "revert":
        drafts.revert_field(flow, place, author=request.user, seen=seen)
        return
    info = target_fields(flow, place.resource, is_offline=True).find(place.path) or unknown_field(place.target)
    field = edited(
        find_field(draft_state(flow).maps, place),
        info,
        request.POST,
        target=place.target,
        in_list=place.in_list,
        is_key=place == key_place(flow, place.resource),
        fields=fields_in(source_fields(flow, place.resource, is_offline=True), place.in_list),
    )
    drafts.set_field(flow, place, field, author=request.user, seen=seen)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@changes
def change_draft(request: MemberRequest, pk: uuid.UUID, what: str) -> HttpResponse:
    """Take an edit back, do it again, add the fields that are new, or throw the draft away."""
    flow = flow_for(request, pk)
    place = _place(request, flow)
    if what == "undo":
        drafts.undo(flow, author=request.user)
    elif what == "redo":
        drafts.redo(flow, author=request.user)
    elif what == "new":
        add_new_fields(flow, author=request.user)
    else:
        drafts.discard(flow)
        messages.success(request, _("The draft is gone. What is live stays as it was."))
        return redirect(place.address())
    return _answer(request, place)


@changes
def set_pair(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Set a pair of a value table from within the editor. It holds at once: tables have no draft."""
    flow = flow_for(request, pk)
    place = _place(request, flow)
    table = ValueTable.objects.filter(flow=flow, name=request.POST.get("table", "")).first()
    key, value = (request.POST.get(name, "").strip()[:200] for name in ("key", "value"))
    if table is None or not key or not value:
        return _editor(request, place, error=_("Fill in both sides of the pair."), failed="pair")
    labels = dict(table.rows.exclude(value_label="").values_list("value", "value_label"))
    label = request.POST.get("label", "").strip()[:200]
    value_tables.set_pair(table, key, value, key_label=label, value_label=labels.get(value, ""))
    return _answer(request, place)


@in_organization
def publish(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what would go live, and ask for a note."""
    flow = flow_for(request, pk)
    return _publish_page(request, _place(request, flow))


def _publish_page(request: MemberRequest, place: Place, *, error: str = "", note: str = "") -> HttpResponse:
    flow = place.flow
    state = draft_state(flow)
    problems = [*check_maps(flow, state.maps), *problems_of_record(place)]
    context = {
        "flow": flow,
        "place": place,
        "state": state,
        "lines": change_lines(flow, state.changes, before=state.live, after=state.maps),
        "problems": problems,
        "error": error,
        "note": note,
        "number": flow.map_version.number + 1 if flow.map_version else 1,
    }
    return render(request, "dashboard/mapping/publish.html", context, status=422 if error else 200)


@changes
def publish_now(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    flow = flow_for(request, pk)
    place = _place(request, flow)
    note = request.POST.get("note", "").strip()
    expected = _number(request.POST.get("version", ""))
    try:
        version = versions.publish_draft(
            flow, note=note, author=request.user, expected=expected, also=problems_of_record(place)
        )
    except (NotPublishable, versions.NothingToPublish, DraftMoved) as error:
        return _publish_page(request, place, error=str(error), note=note)
    text = _("Version %(number)s is live. The next run uses it.") % {"number": version.number}
    messages.success(request, text)
    return redirect(place.at(None).address())
