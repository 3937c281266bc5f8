"""Value tables as CSV files: written for a spreadsheet, read back with the line and column of what is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flows.models import ValueTable
from flows.tables.value_tables import LONGEST, RowEdit, specificity

BYTE_ORDER_MARK = "\ufeff"  # or Excel reads the letters as Latin-1
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
DELIMITERS = ";,\t"
MOST_BYTES = 1_000_000
MOST_ROWS = 10_000
FROM, SECOND, FROM_NAME, TO, TO_NAME, EMPTY = "from", "from_2", "from_name", "to", "to_name", "send_empty"
YES = "yes"
YES_WORDS = frozenset(("yes", "ja", "oui", "1", "true", "x"))
NO_WORDS = frozenset(("", "no", "nee", "non", "0", "false"))
TOO_LONG = gettext_lazy("The text is longer than %(count)s characters.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where; line 0 means the file as a whole."""

    line: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row as it is and as the file would have it; None where it is not there."""

    key: str
    label: str
    before: RowEdit | None
    after: RowEdit | None


@dataclass(frozen=True, slots=True)
class Import:
    """What a file would change. Nothing is stored by reading it."""

    edits: tuple[RowEdit, ...] = ()
    added: tuple[RowChange, ...] = ()
    changed: tuple[RowChange, ...] = ()
    removed: tuple[RowChange, ...] = ()
    same: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def export_csv(table: ValueTable, *, has_two_keys: bool = False) -> str:
    """Return the table's rows as CSV, from the most specific to the most general."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow([name for name in (FROM, SECOND, FROM_NAME, TO, TO_NAME, EMPTY) if has_two_keys or name != SECOND])
    for row in sorted(table.rows.all(), key=lambda row: (specificity(row.key), row.key)):
        first, _sign, second = row.key.partition("|") if has_two_keys else (row.key, "", "")
        empty = YES if row.is_confirmed and not row.value else ""
        cells = [first, *([second] if has_two_keys else []), row.key_label, row.value, row.value_label, empty]
        writer.writerow([_guarded(cell) for cell in cells])
    return out.getvalue()


def _guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; reading takes the sign away again."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell


@dataclass(slots=True)
class _Reading:
    """The rows and problems found so far."""

    edits: dict[str, RowEdit] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, column: str, text: str) -> None:
        self.problems.append(Problem(line, column, text))


def read_csv(
    table: ValueTable, data: bytes, *, offered: Mapping[str, str] | None = None, replaces: bool = False
) -> Import:
    """Read a file and compare it with the table. `offered` are the target's values (value: label), if they are known;
    with `replaces`, rows that the file does not have are removed."""
    reading = _Reading()
    text = _decoded(data, reading)
    if text is not None:
        _read_rows(text, reading, offered)
    if reading.problems:
        return Import(problems=tuple(reading.problems))
    return _compared(table, tuple(reading.edits.values()), replaces=replaces)


def _decoded(data: bytes, reading: _Reading) -> str | None:
    if len(data) > MOST_BYTES:
        reading.refuse(0, "", _("The file is larger than 1 MB."))
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    reading.refuse(0, "", _("The file is no text. Save it as CSV first."))
    return None


def _read_rows(text: str, reading: _Reading, offered: Mapping[str, str] | None) -> None:
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        if not _is_head(names, reading):
            return
        for number, cells in enumerate(reader):
            if number >= MOST_ROWS:
                reading.refuse(reader.line_num, "", _("The file has too many lines."))
                return
            if any(cell.strip() for cell in cells):
                _read_row(dict(zip(names, map(_plain, cells), strict=False)), reader.line_num, reading, offered)
    except csv.Error as error:
        reading.refuse(reader.line_num, "", _("The line cannot be read: %(why)s.") % {"why": error})


def _is_head(names: list[str], reading: _Reading) -> bool:
    missing = [name for name in (FROM, TO) if name not in names]
    for name in missing:
        reading.refuse(1, name, _("The first line has no column “%(name)s”.") % {"name": name})
    return not missing


def _read_row(cells: Mapping[str, str], line: int, reading: _Reading, offered: Mapping[str, str] | None) -> None:
    first, second, value = cells.get(FROM, ""), cells.get(SECOND, ""), cells.get(TO, "")
    key = f"{first}|{second}" if second else first
    if not first:
        return reading.refuse(line, FROM, _("The value is missing."))
    for name, cell in cells.items():
        if len(cell) > LONGEST or (name == FROM and len(key) > LONGEST):
            return reading.refuse(line, name, TOO_LONG % {"count": LONGEST})
    if key in reading.lines:
        text = _("“%(key)s” stands in line %(line)s already.") % {"key": key, "line": reading.lines[key]}
        return reading.refuse(line, FROM, text)
    empty = cells.get(EMPTY, "").casefold()
    if empty not in YES_WORDS | NO_WORDS:
        return reading.refuse(line, EMPTY, _("Write yes, or leave it blank."))
    if value and empty in YES_WORDS:
        return reading.refuse(line, EMPTY, _("A row either has a value or sends nothing on purpose, not both."))
    if value and offered is not None and value not in offered:
        return reading.refuse(line, TO, _("“%(value)s” does not exist there.") % {"value": value})
    label = (offered or {}).get(value) or cells.get(TO_NAME, "")
    reading.lines[key] = line
    reading.edits[key] = RowEdit(
        key,
        value,
        sends_empty=empty in YES_WORDS,
        key_label=cells.get(FROM_NAME, ""),
        value_label=label if value else "",
    )
    return None


def _compared(table: ValueTable, edits: tuple[RowEdit, ...], *, replaces: bool) -> Import:
    stored = {row.key: row for row in table.rows.all()}
    present = {
        key: RowEdit(key, row.value, row.is_confirmed and not row.value, row.key_label, row.value_label)
        for key, row in stored.items()
    }
    added = [_change(edit.key, None, edit) for edit in edits if edit.key not in present]
    changed = [
        _change(edit.key, present[edit.key], edit)
        for edit in edits
        if edit.key in present and _differs(edit, present[edit.key], is_confirmed=stored[edit.key].is_confirmed)
    ]
    kept = {edit.key for edit in edits}
    removed = [_change(key, row, None) for key, row in present.items() if replaces and key not in kept]
    same = len(edits) - len(added) - len(changed)
    return Import(edits, tuple(added), tuple(changed), tuple(removed), same)


def _differs(edit: RowEdit, row: RowEdit, *, is_confirmed: bool) -> bool:
    """A suggestion that the file holds is confirmed by it."""
    is_renamed = bool(edit.key_label) and edit.key_label != row.key_label
    is_other = (edit.value, edit.sends_empty) != (row.value, row.sends_empty)
    return is_other or is_renamed or (bool(edit.value) and not is_confirmed)


def _change(key: str, before: RowEdit | None, after: RowEdit | None) -> RowChange:
    labels = (one.key_label for one in (after, before) if one and one.key_label)
    return RowChange(key, next(labels, key), before, after)


def changed_edits(found: Import) -> Iterable[RowEdit]:
    """Return the rows that storing the file would write."""
    return (one.after for one in (*found.added, *found.changed) if one.after is not None)


def removed_keys(found: Import) -> Iterator[str]:
    return (one.key for one in found.removed)
