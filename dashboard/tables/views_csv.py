"""Value tables as files: out, and in with a look at what would change first."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.access import MemberRequest, in_organization
from dashboard.tables.forms import ImportForm
from dashboard.tables.page import TablePage, build_table_page
from dashboard.tables.views import stored, table_for
from flows.tables import table_csv, value_tables

SHOWN = 200


@in_organization
def export(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    table = table_for(request, pk)
    spec = value_tables.spec_of(table)
    content = table_csv.export_csv(table, has_two_keys=bool(spec and spec.columns))
    name = f"{slugify(table.flow.name)}-{slugify(table.name)}-{timezone.localdate():%Y-%m-%d}.csv"
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def import_file(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what a file would change; store it only when that was looked at."""
    if not request.may_edit:
        raise PermissionDenied
    page = build_table_page(table_for(request, pk))
    if request.method != "POST":
        return _page(request, page, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    data = form.data_sent() if form.is_valid() else b""
    if not data.strip():
        if not form.errors:
            form.add_error("file", _("Choose a file, or paste the lines."))
        return _page(request, page, form)
    offered = page.right.labels if page.right and page.right.options else None
    found = table_csv.read_csv(page.table, data, offered=offered, replaces=form.cleaned_data["replaces"])
    if "store" in request.POST and not found.problems:
        removed = list(table_csv.removed_keys(found))
        change = value_tables.save_rows(page.table, table_csv.changed_edits(found), removed=removed)
        return stored(request, page, change)
    return _page(request, page, form, found=found, content=_text(data))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _page(request: MemberRequest, page: TablePage, form: ImportForm, **more: object) -> HttpResponse:
    context = {"page": page, "table": page.table, "form": form, "here": "tables", "shown": SHOWN, **more}
    return render(request, "dashboard/tables/import.html", context)
