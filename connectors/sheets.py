"""What people do with sheets: upload a file, say which column is what, take a file away, download what flows wrote."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apicenter.audit import record_change
from connectors.core import JSONDict
from connectors.files import BadFile, Choices, Entry, FileFormat, Look, Side
from connectors.models import Connection
from connectors.registry import connector_class
from connectors.sheet_models import Sheet, SheetRow
from connectors.sheet_store import digest_of

BATCH = 1000
NAME_LENGTH = 200


class NoFiles(ValueError):
    """This connection works with no files, or with no sheets of this kind."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file changed: only new and changed records will be read by flows."""

    new: int
    changed: int
    same: int
    gone: int


def format_of(connection: Connection) -> FileFormat | None:
    """Return how files of a connection are read and written; None for one that works with no files."""
    return connector_class(connection.connector).files


def upload(connection: Connection, kind: str, name: str, content: bytes) -> Sheet:
    """Keep a file in place of the one before. Raises NoFiles, BadFile.

    The columns of the file before go on where their headings are all there; otherwise they are proposed by the
    headings, and nothing is taken from the file until somebody has confirmed them.
    """
    reader = _reader(connection, kind)
    before = Sheet.objects.filter(connection=connection, kind=kind, side=Side.UPLOADED).defer("content").first()
    look, is_known = _look(reader, content, name, before)
    with transaction.atomic():
        sheet, _made = Sheet.objects.select_for_update().get_or_create(
            connection=connection, kind=kind, side=Side.UPLOADED
        )
        sheet.name, sheet.uploaded_at = name[-NAME_LENGTH:], timezone.now()
        sheet.choices = look.choices.model_dump()
        sheet.is_confirmed = is_known
        if not is_known:
            sheet.columns = reader.propose(kind, look.headers)
        _keep_content(sheet, content)
        sheet.save()
        record_change("sheet.uploaded", subject=f"{connection.name}: {sheet.name}", after={"kind": kind})
    return sheet


def _look(reader: FileFormat, content: bytes, name: str, before: Sheet | None) -> tuple[Look, bool]:
    """Look at a file the way the one before was read, if that fits, and say whether it does."""
    if before is not None and before.is_confirmed:
        kept = Choices.model_validate(before.choices).model_copy(update={"encoding": "", "delimiter": ""})
        try:
            look = reader.look(content, name, kept)
        except BadFile:
            pass
        else:
            if before.columns and set(before.columns.values()) <= set(look.headers):
                return look, True
    return reader.look(content, name, Choices()), False


def look_at(sheet: Sheet, choices: Choices | None = None) -> Look:
    """Return how the file is read and its first rows. Raises BadFile."""
    return _reader(sheet.connection, sheet.kind).look(
        read_file(sheet), sheet.name, choices or Choices.model_validate(sheet.choices)
    )


def take(sheet: Sheet, columns: Mapping[str, str], choices: Choices) -> Taken:
    """Take the records of the file with these columns. Raises BadFile, and then nothing has changed.

    A record that is as it was keeps the moment it last changed at, so that no flow reads it again.
    """
    reader = _reader(sheet.connection, sheet.kind)
    chosen = {name: heading for name, heading in columns.items() if heading}
    content = read_file(sheet)
    entries = partial(reader.entries, content, sheet.name, sheet.kind, chosen, choices)
    with transaction.atomic():
        locked = Sheet.objects.select_for_update().defer("content").get(pk=sheet.pk)
        before = {"columns": locked.columns} if locked.is_confirmed and locked.columns != chosen else None
        facts = reader.facts(sheet.kind, entries())
        taken = _replace_rows(locked, entries(), timezone.now())
        sheet.columns, sheet.choices, sheet.facts = chosen, choices.model_dump(), facts
        sheet.is_confirmed, sheet.row_count = True, taken.new + taken.changed + taken.same
        sheet.changed_at = timezone.now()
        sheet.save(update_fields=["columns", "choices", "facts", "is_confirmed", "row_count", "changed_at"])
        counts = {"new": taken.new, "changed": taken.changed, "gone": taken.gone}
        subject = f"{sheet.connection.name}: {sheet.name}"
        record_change("sheet.taken", subject=subject, before=before, after={**counts, "columns": chosen})
    return taken


def _replace_rows(sheet: Sheet, entries: Iterator[Entry], now: datetime) -> Taken:
    """Put the entries in place of the rows that are there; a row that did not change and did not move is left alone."""
    present = {
        key: (digest, changed_at, line)
        for key, digest, changed_at, line in sheet.rows.values_list("key", "digest", "changed_at", "line").iterator()
    }
    new = changed = same = 0
    left = set(present)
    while portion := list(islice(entries, BATCH)):
        rows, moved = [], []
        for entry in portion:
            mark = digest_of(entry.content)
            digest, changed_at, line = present.get(entry.key, ("", now, 0))
            left.discard(entry.key)
            is_same = digest == mark
            new, changed, same = new + (not digest), changed + bool(digest and not is_same), same + is_same
            if is_same and line == entry.line:
                continue
            moved += [entry.key] if digest else []
            rows.append(_row(sheet, entry, mark, changed_at if is_same else now))
        sheet.rows.filter(key__in=moved).delete()
        SheetRow.objects.bulk_create(rows)
    gone = sorted(left)
    for start in range(0, len(gone), BATCH):
        sheet.rows.filter(key__in=gone[start : start + BATCH]).delete()
    return Taken(new, changed, same, len(gone))


def _row(sheet: Sheet, entry: Entry, digest: str, changed_at: datetime) -> SheetRow:
    row = SheetRow(sheet=sheet, key=entry.key, line=entry.line, digest=digest, changed_at=changed_at)
    row.content = sheet.organization.vault.seal(entry.content, place=SheetRow.CONTENT_PLACE, row_id=row.pk)
    return row


def read_file(sheet: Sheet) -> bytes:
    """Return the file as it was uploaded. Raises BadFile when its time is over."""
    kept = sheet.organization.vault.open(sheet.content, place=Sheet.CONTENT_PLACE, row_id=sheet.pk)
    if not kept:
        raise BadFile("file.gone")
    return base64.b64decode(kept["file"])


def _keep_content(sheet: Sheet, content: bytes) -> None:
    kept = {"file": base64.b64encode(content).decode()}
    sheet.content = sheet.organization.vault.seal(kept, place=Sheet.CONTENT_PLACE, row_id=sheet.pk)
    sheet.expires_at = sheet.uploaded_at + timedelta(days=sheet.organization.log_days)


def download(sheet: Sheet, extension: str) -> bytes:
    """Return the rows that flows wrote as a file. Raises NoFiles for a format that there is not."""
    reader = _reader(sheet.connection, sheet.kind)
    if extension not in reader.writes:
        raise NoFiles(extension)
    return reader.write(sheet.kind, contents_of(sheet), extension)


def contents_of(sheet: Sheet) -> Iterator[JSONDict]:
    """Yield what the records of a sheet hold, in the order in which they came."""
    vault = sheet.organization.vault
    for row in sheet.rows.order_by("line", "key").iterator(chunk_size=BATCH):
        yield vault.open(row.content, place=SheetRow.CONTENT_PLACE, row_id=row.pk) or {}


def remove_sheet(sheet: Sheet) -> None:
    """Delete a sheet with its records. What was sent stays where it was sent."""
    with transaction.atomic():
        subject = f"{sheet.connection.name}: {sheet.name or sheet.kind}"
        record_change("sheet.removed", subject=subject, before={"kind": sheet.kind, "rows": sheet.row_count})
        sheet.delete()


def forget_files() -> int:
    """Delete uploaded files of the organization in context whose time is over; their records stay. Returns how many."""
    return Sheet.objects.filter(expires_at__lt=timezone.now()).update(content=None, expires_at=None)


def shorten_files(life: timedelta) -> int:
    """Bring the time of uploaded files down to the present one. Returns how many go sooner."""
    return Sheet.objects.filter(expires_at__gt=F("uploaded_at") + life).update(expires_at=F("uploaded_at") + life)


def sheets_of(connection: Connection) -> Sequence[Sheet]:
    """Return the sheets of a connection, without their files."""
    return list(Sheet.objects.filter(connection=connection).defer("content").order_by("side", "kind"))


def _reader(connection: Connection, kind: str) -> FileFormat:
    reader = format_of(connection)
    if reader is None or kind not in reader.kinds:
        raise NoFiles(kind)
    return reader
