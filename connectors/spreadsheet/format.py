"""CSV and XLSX as one format: how a file is looked at, cut into records, and written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from openpyxl.utils import get_column_letter

from connectors.core import JSONDict
from connectors.files import BadFile, Choices, Entry, FileFormat, Look
from connectors.spreadsheet.columns import KINDS, propose_columns
from connectors.spreadsheet.csv_files import detect_csv, read_csv, write_csv
from connectors.spreadsheet.limits import MOST_ROWS, check_row, check_size
from connectors.spreadsheet.read_cells import Cells
from connectors.spreadsheet.read_records import buyer_key
from connectors.spreadsheet.xlsx_files import detect_xlsx, is_xlsx, read_xlsx, sheet_names, write_xlsx

SHOWN = 8
LONGEST_KEY = 180
MOST_VALUES = 300
LINES = "lines"
KEY_COLUMNS = {
    "products": ("sku",),
    "customers": ("number", "vat_number", "email", "name"),
    "orders": ("number",),
}  # fmt: skip
FACTS = {"products": ("unit", "category"), "customers": (), "orders": ("unit",)}


class SpreadsheetFormat(FileFormat):
    kinds = KINDS
    extensions = (".csv", ".txt", ".xlsx")
    writes = ("xlsx", "csv")

    def look(self, content: bytes, name: str, choices: Choices) -> Look:
        check_size(content)
        found = detect_xlsx(content, choices) if is_xlsx(content) else detect_csv(content, choices)
        lines = self._lines(content, found)
        headers = _headers(lines, found.header_line)
        rows = [row for row in islice(lines, SHOWN * 2) if any(cell.strip() for cell in row)]
        sheets = sheet_names(content) if is_xlsx(content) else ()
        return Look(found, sheets, headers, tuple(_padded(row, len(headers)) for row in rows[:SHOWN]))

    def propose(self, kind: str, headers: Sequence[str]) -> dict[str, str]:
        return propose_columns(KINDS[kind], headers)

    def entries(
        self, content: bytes, name: str, kind: str, columns: Mapping[str, str], choices: Choices
    ) -> Iterator[Entry]:
        check_size(content)
        lines = self._lines(content, choices)
        headers = _headers(lines, choices.header_line)
        _check_columns(kind, columns, headers)
        rows = _rows(lines, headers, columns, choices.header_line + 1)
        if KINDS[kind].group_by:
            return _grouped(rows, kind, choices.decimal)
        return _single(rows, kind, choices.decimal)

    def facts(self, kind: str, entries: Iterable[Entry]) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {name: {} for name in ("vat", "other", *FACTS[kind])}
        for entry in entries:
            for row in entry.content.get(LINES) or [entry.content]:
                cells, decimal = row["cells"], entry.content["decimal"]
                code, _rate = Cells(cells, decimal=decimal, line=0, columns={}).vat("vat")
                found["vat"].update({code: None} if code else {})
                found["other"].update(dict.fromkeys(row.get("other", ())))
                for name in FACTS[kind]:
                    found[name].update({cells[name].strip(): None} if cells.get(name, "").strip() else {})
        return {name: list(islice(values, MOST_VALUES)) for name, values in found.items() if values}

    def write(self, kind: str, contents: Iterable[JSONDict], extension: str) -> bytes:
        columns = KINDS[kind].columns
        headers = [str(column.title) for column in columns]
        rows = ([row.get(column.name) for column in columns] for one in contents for row in _flat(one))
        if extension == "csv":
            return write_csv(headers, rows)
        return write_xlsx(str(KINDS[kind].title), headers, rows)

    def _lines(self, content: bytes, choices: Choices) -> Iterator[list[str]]:
        return read_xlsx(content, choices) if is_xlsx(content) else read_csv(content, choices)


def _headers(lines: Iterator[list[str]], number: int) -> tuple[str, ...]:
    """Take the headings off the lines, each once: "Name", "Name (2)"; one without a text goes by its letter."""
    row = next(islice(lines, number - 1, None), None)
    if row is None or not any(cell.strip() for cell in row):
        raise BadFile("file.no_headings", line=str(number))
    seen: Counter[str] = Counter()
    headers = []
    for index, cell in enumerate(row, 1):
        heading = " ".join(cell.split())[:80] or get_column_letter(index)
        seen[heading] += 1
        headers.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return tuple(headers)


def _check_columns(kind: str, columns: Mapping[str, str], headers: Sequence[str]) -> None:
    for column in KINDS[kind].columns:
        if column.is_required and not columns.get(column.name):
            raise BadFile("file.column_missing", field=column.name, column=str(column.title))
    lost = [heading for heading in columns.values() if heading not in headers]
    if lost:
        raise BadFile("file.heading_missing", heading=lost[0])


def _rows(
    lines: Iterator[list[str]], headers: Sequence[str], columns: Mapping[str, str], first: int
) -> Iterator[JSONDict]:
    """Yield each line that is not empty: its cells by our names, and what is left by its headings."""
    place = {heading: index for index, heading in enumerate(headers)}
    known = {name: place[heading] for name, heading in columns.items()}
    others = [(heading.replace(".", " "), index) for heading, index in place.items() if index not in known.values()]
    count = 0
    for number, row in enumerate(lines, first):
        if not any(cell.strip() for cell in row):
            continue
        count += 1
        if count > MOST_ROWS:
            check_row(MOST_ROWS * 2, ())
        cells = {name: row[index].strip() for name, index in known.items() if index < len(row) and row[index].strip()}
        other = {heading: row[index].strip() for heading, index in others if index < len(row) and row[index].strip()}
        yield {"cells": cells, "line": number, **({"other": other} if other else {})}


def _single(rows: Iterator[JSONDict], kind: str, decimal: str) -> Iterator[Entry]:
    seen: Counter[str] = Counter()
    for row in rows:
        key = _unique(_key(kind, row), seen)
        yield Entry(key, row["line"], {**row, "decimal": decimal})


def _grouped(rows: Iterator[JSONDict], kind: str, decimal: str) -> Iterator[Entry]:
    groups: dict[str, list[JSONDict]] = {}
    for row in rows:
        groups.setdefault(_key(kind, row), []).append(row)
    for key, found in groups.items():
        yield Entry(key, found[0]["line"], {LINES: found, "decimal": decimal})


def _key(kind: str, row: JSONDict) -> str:
    key = buyer_key(row["cells"], KEY_COLUMNS[kind]) or f"({row['line']})"
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:150]}…{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _unique(key: str, seen: Counter[str]) -> str:
    """A second row with the same number is a record of its own, which the flow then holds and names."""
    seen[key] += 1
    return key if seen[key] == 1 else f"{key} #{seen[key]}"


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple([*row, *([""] * width)][:width])


def _flat(content: JSONDict) -> list[dict[str, Any]]:
    lines = content.get(LINES)
    head = {name: value for name, value in content.items() if name != LINES}
    return [{**head, **line} for line in lines] if lines else [head]
