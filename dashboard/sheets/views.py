"""Files in place of a system: upload, columns, download, delete."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors import sheets
from connectors.files import BadFile, Choices, FileFormat, SheetKind, Side
from connectors.models import Connection, Sheet
from connectors.sheets import NoFiles, Taken
from dashboard.access import MemberRequest, changes, connection_for, in_organization
from dashboard.setup.access import connecting, step
from dashboard.setup.file_set_up import add_files, file_connectors, partners
from dashboard.sheets.cards import cards_of
from dashboard.sheets.forms import ColumnsForm, SpreadsheetForm, sent_choices
from flows.models import Run
from flows.triggers.uploads import start_readers, take_file

MOST_BYTES = 20_000_000
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@connecting
def new(request: MemberRequest) -> HttpResponse:
    """Choose the system that a spreadsheet is linked with."""
    form = SpreadsheetForm(partners(), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = add_files(
                request.organization, values["partner"], name=values["name"], currency=values["currency"].upper()
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("dashboard:sheets:files", made.pk)
    context = {"form": form, "partners": partners(), "here": "connections", "system": file_connectors()[0].title}
    return render(request, "dashboard/sheets/new.html", context)


@in_organization
def files(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """The files of one connection."""
    connection = connection_for(request, pk)
    return _files_page(request, connection, _reader(connection))


@changes
def upload(request: MemberRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Keep a file; one with the columns of the file before is taken at once."""
    connection = connection_for(request, pk)
    reader = _reader(connection)
    if kind not in reader.kinds:
        raise Http404
    sent = request.FILES.get("file")
    problem = _("Choose a file.") if sent is None else ""
    if sent is not None and (sent.size or 0) > MOST_BYTES:
        problem = str(BadFile("file.too_large", limit=f"{MOST_BYTES // 1_000_000} MB"))
    if sent is None or problem:
        return _files_page(request, connection, reader, problem=problem, at=kind)
    try:
        sheet = sheets.upload(connection, kind, sent.name or "", sent.read())
        if not sheet.is_confirmed:
            return redirect("dashboard:sheets:columns", sheet.pk)
        taken, runs = take_file(sheet, sheet.columns, Choices.model_validate(sheet.choices))
    except BadFile as error:
        return _files_page(request, connection, reader, problem=str(error), at=kind)
    messages.success(request, taken_words(taken, runs))
    return redirect("dashboard:sheets:files", pk)


@step
def columns(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Say how a file is read and which column is what; then its records are taken."""
    sheet = _sheet(request, pk)
    reader = _reader(sheet.connection)
    kind = reader.kinds[sheet.kind]
    before = Choices.model_validate(sheet.choices)
    choices = sent_choices(request.POST, before) if request.method == "POST" else before
    try:
        look = sheets.look_at(sheet, choices)
    except BadFile as error:
        return _unread_page(request, sheet, kind, str(error))
    proposed = {**reader.propose(sheet.kind, look.headers), **_kept(sheet, look.headers)}
    if request.method != "POST" or "look" in request.POST:
        return _columns_page(request, sheet, ColumnsForm(kind, look, proposed), look)
    form = ColumnsForm(kind, look, proposed, request.POST)
    if not form.is_valid():
        return _columns_page(request, sheet, form, look)
    try:
        taken, runs = take_file(sheet, form.columns, look.choices)
    except BadFile as error:
        form.add_error(None, str(error))
        return _columns_page(request, sheet, form, look)
    messages.success(request, taken_words(taken, runs))
    return redirect("dashboard:sheets:files", sheet.connection_id)


@in_organization
def download(request: MemberRequest, pk: uuid.UUID, extension: str) -> HttpResponse:
    """Give what flows wrote, or the file as it was uploaded."""
    sheet = _sheet(request, pk)
    if not request.may_edit:  # a whole sheet holds what pages mask for those who only look
        raise Http404
    try:
        return file_response(sheet, extension)
    except (BadFile, NoFiles) as error:
        raise Http404 from error


@changes
def remove(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    sheet = _sheet(request, pk)
    sheets.remove_sheet(sheet)
    messages.success(request, _("Deleted. What was sent stays where it was sent."))
    return redirect("dashboard:sheets:files", sheet.connection_id)


@changes
def read_again(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Let the flows that read a sheet look at it now."""
    sheet = _sheet(request, pk)
    runs = start_readers(sheet, trigger=Run.Trigger.MANUAL)
    messages.success(request, _runs_words(runs) or _("No active flow reads this sheet."))
    return redirect("dashboard:sheets:files", sheet.connection_id)


def file_response(sheet: Sheet, extension: str) -> HttpResponse:
    """Return a sheet as a download. Raises BadFile, NoFiles."""
    if sheet.side == Side.UPLOADED:
        content, name = sheets.read_file(sheet), sheet.name
        kind = "application/octet-stream"
    else:
        content = sheets.download(sheet, extension)
        name = f"{slugify(sheet.connection.name)}-{sheet.kind}-{timezone.localdate():%Y-%m-%d}.{extension}"
        kind = TYPES[extension]
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{_plain(name)}"', "X-Content-Type-Options": "nosniff"},
    )


def taken_words(taken: Taken, runs: list[Run]) -> str:
    """Say what a file changed and what follows."""
    text = _("%(new)s new, %(changed)s changed, %(same)s as before, %(gone)s no longer in the file.") % {
        "new": taken.new,
        "changed": taken.changed,
        "same": taken.same,
        "gone": taken.gone,
    }
    return f"{text} {_runs_words(runs)}".strip()


def _runs_words(runs: list[Run]) -> str:
    if not runs:
        return ""
    return ngettext("%(count)s flow reads them now.", "%(count)s flows read them now.", len(runs)) % {
        "count": len(runs)
    }


def _plain(name: str) -> str:
    """Return a file name that fits into a header."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in name) or "file"


def _kept(sheet: Sheet, headers: tuple[str, ...]) -> dict[str, str]:
    return {name: heading for name, heading in sheet.columns.items() if heading in headers}


def _sheet(request: MemberRequest, pk: uuid.UUID) -> Sheet:
    rows = Sheet.objects.select_related("connection", "organization")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def _reader(connection: Connection) -> FileFormat:
    reader = sheets.format_of(connection)
    if reader is None:
        raise Http404
    return reader


def _files_page(
    request: MemberRequest, connection: Connection, reader: FileFormat, *, problem: str = "", at: str = ""
) -> HttpResponse:
    context = {
        "connection": connection,
        "cards": cards_of(connection, reader),
        "accepts": ",".join(reader.extensions),
        "writes": reader.writes,
        "problem": problem,
        "at": at,
        "here": "connections",
    }
    return render(request, "dashboard/sheets/files.html", context)


def _columns_page(request: MemberRequest, sheet: Sheet, form: ColumnsForm, look: object) -> HttpResponse:
    context = {"sheet": sheet, "kind": form.kind, "form": form, "look": look, "here": "connections"}
    return render(request, "dashboard/sheets/columns.html", context)


def _unread_page(request: MemberRequest, sheet: Sheet, kind: SheetKind, problem: str) -> HttpResponse:
    context = {"sheet": sheet, "kind": kind, "problem": problem, "here": "connections"}
    return render(request, "dashboard/sheets/columns.html", context)
