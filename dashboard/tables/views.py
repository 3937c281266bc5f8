"""Value tables: all of them, one of them, and what is changed in it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from dashboard.access import MemberRequest, changes, in_organization
from dashboard.tables.forms import NotAccepted, changed_rows, chosen_rule, new_row, suggested_row
from dashboard.tables.page import TablePage, build_table_page, table_links
from dashboard.words import sent_words
from flows.models import ValueTable
from flows.tables import value_tables
from flows.tables.value_tables import TableChange, UndoTooLate

UNDO = "table_undo"


def table_for(request: MemberRequest, pk: uuid.UUID) -> ValueTable:
    """Return a table of the organization, or a 404."""
    rows = ValueTable.objects.select_related("flow__source", "flow__target", "flow__map_version", "organization")
    return get_object_or_404(rows.prefetch_related("rows"), pk=pk, organization=request.organization)


@in_organization
def tables(request: MemberRequest) -> HttpResponse:
    return render(request, "dashboard/tables/all.html", {"links": table_links(), "here": "tables"})


@in_organization
def table(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_table_page(table_for(request, pk), reads="lists" in request.GET)
    context = {
        "page": page,
        "table": page.table,
        "links": table_links(),
        "here": "tables",
        "changing": request.GET.get("row", ""),
        "undo": _undo_of(request, pk),
    }
    return render(request, "dashboard/tables/table.html", context)


def _undo_of(request: MemberRequest, pk: uuid.UUID) -> dict[str, str] | None:
    """Return what can be taken back, once, on the page of the table it belongs to."""
    kept = request.session.get(UNDO)
    if not kept or kept["table"] != str(pk) or "lists" in request.GET:
        return None
    del request.session[UNDO]
    return kept


@changes
def read_lists(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Read both lists again, whatever is kept of them."""
    page = build_table_page(table_for(request, pk), reads=True, is_fresh=True)
    for problem in page.problems:
        messages.error(request, problem)
    if not page.problems:
        messages.success(request, _("The lists of both systems were read again."))
    return redirect("dashboard:tables:table", pk)


@changes
def save(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the rows that were changed, and send what waited for them."""
    page = build_table_page(table_for(request, pk))
    try:
        if wanted := request.POST.get("use"):
            edits = [edit for edit in [suggested_row(page, wanted)] if edit]
        else:
            edits = changed_rows(page, request.POST)
        change = value_tables.save_rows(page.table, edits)
    except NotAccepted as problem:
        messages.error(request, str(problem))
        return redirect("dashboard:tables:table", pk)
    return _done(request, page.table, change)


@changes
def add(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    page = build_table_page(table_for(request, pk))
    try:
        change = value_tables.save_rows(page.table, [new_row(page, request.POST)])
    except NotAccepted as problem:
        messages.error(request, str(problem))
        return redirect("dashboard:tables:table", pk)
    return _done(request, page.table, change)


@changes
def remove(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Remove one row, or all whose value is no longer there."""
    page = build_table_page(table_for(request, pk))
    if "gone" in request.POST:
        keys = [line.key for line in page.gone]
    else:
        keys = [line.key for line in page.lines if line.row and line.name == request.POST.get("remove")]
    change = value_tables.save_rows(page.table, [], removed=keys)
    return _done(request, page.table, change, said=_removed_words(change))


def _removed_words(change: TableChange) -> str:
    return _("The row is removed.") if change.changed == 1 else _("The rows are removed.")


@changes
def confirm(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Take one suggestion for good, or all of them."""
    page = build_table_page(table_for(request, pk))
    wanted = request.POST.get("confirm", "")
    keys = [
        line.key for line in page.suggested if wanted in ("all", line.name) or (wanted == "certain" and _sure(line))
    ]
    return _done(request, page.table, value_tables.confirm_rows(page.table, keys))


def _sure(line: object) -> bool:
    proposal = getattr(line, "proposal", None)
    return proposal is not None and proposal.certainty == "certain"


@changes
def rule(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose what happens to a value that no row fits."""
    page = build_table_page(table_for(request, pk))
    try:
        chosen, default = chosen_rule(page, request.POST)
    except NotAccepted as problem:
        messages.error(request, str(problem))
        return redirect("dashboard:tables:table", pk)
    return _done(request, page.table, value_tables.set_no_pair(page.table, chosen, default=default))


@changes
def undo(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Bring the table back to how it was before the last change."""
    try:
        value_tables.undo(table_for(request, pk), request.POST.get("token", ""))
    except UndoTooLate:
        messages.error(request, _("The table was changed again since, so it stays as it is."))
    else:
        messages.success(request, _("The table is as it was before. What was sent stays sent."))
    return redirect("dashboard:tables:table", pk)


def _done(request: MemberRequest, table: ValueTable, change: TableChange, *, said: str = "") -> HttpResponse:
    """Say what was done and offer to take it back."""
    if not change.changed:
        messages.info(request, _("Nothing was changed."))
    else:
        words = [said or _("Saved."), *([sent_words(change.sent)] if change.sent else [])]
        request.session[UNDO] = {"table": str(table.pk), "token": change.undo, "text": " ".join(words)}
    return redirect("dashboard:tables:table", table.pk)


def stored(request: MemberRequest, page: TablePage, change: TableChange) -> HttpResponse:
    """The same after an import."""
    return _done(request, page.table, change)
