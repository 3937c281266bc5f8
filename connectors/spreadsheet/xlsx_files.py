"""Reading and writing XLSX. A workbook is a ZIP file of XML, so it is looked at before it is opened: what would grow
beyond bounds is refused. Entities are refused by defusedxml, which openpyxl uses where it is installed."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from connectors.files import BadFile, Choices
from connectors.spreadsheet.csv_files import SAMPLE, detect_decimal
from connectors.spreadsheet.limits import MOST_COLUMNS, MOST_ROWS, check_row
from connectors.spreadsheet.read_cells import plain

SIGNATURE = b"PK\x03\x04"
MOST_INFLATED = 250_000_000
MOST_TEXTS = 64_000_000  # of the table of texts, which is held in memory
MOST_PARTS = 1_000
CHUNK = 1 << 20
TAGS = re.compile(rb"<(?:\w+:)?(c|row)[\s/>]")
TEXTS_PART = "xl/sharedStrings.xml"
BROKEN = (  # the library raises whatever a broken file makes it stumble over
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip


def is_xlsx(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Return the sheets of a workbook. Raises BadFile."""
    book = _open(content)
    try:
        return tuple(sheet.title for sheet in book.worksheets)
    finally:
        book.close()


def read_xlsx(content: bytes, choices: Choices) -> Iterator[list[str]]:
    """Yield every line of a sheet as texts; numbers with the sign for decimals that is chosen. Raises BadFile."""
    book = _open(content)
    try:
        if choices.sheet not in book.sheetnames:
            raise BadFile("file.no_sheet", sheet=choices.sheet)
        rows = book[choices.sheet].iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS + 22, values_only=True)
        for number, row in enumerate(rows, 1):
            cells = [_text(value, choices.decimal or ".") for value in row]
            while cells and not cells[-1]:
                cells.pop()
            check_row(number, cells)
            yield cells
    except BROKEN as error:
        raise BadFile("file.unreadable", why=type(error).__name__) from error
    finally:
        book.close()


def detect_xlsx(content: bytes, choices: Choices) -> Choices:
    """Fill in what nobody has said yet. Raises BadFile."""
    sheet = choices.sheet or sheet_names(content)[0]
    found = choices.model_copy(update={"sheet": sheet, "encoding": "", "delimiter": ""})
    if choices.decimal:
        return found
    cells = (cell for row in islice(read_xlsx(content, found), SAMPLE) for cell in row)
    return found.model_copy(update={"decimal": detect_decimal(cells) or "."})


def _open(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise BadFile("file.unreadable", why=type(error).__name__) from error
    if not book.worksheets:
        raise BadFile("file.empty")
    return book


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that would inflate to too much. A part never gives more bytes than its entry says."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED:
        raise BadFile("file.too_large", limit=f"{MOST_INFLATED // 1_000_000} MB")
    for part in parts:
        if part.filename.casefold() == TEXTS_PART.casefold() and part.file_size > MOST_TEXTS:
            raise BadFile("file.too_large", limit=f"{MOST_TEXTS // 1_000_000} MB")
        if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
            with archive.open(part) as file:
                _check_cells(iter(partial(file.read, CHUNK), b""))


def _check_cells(chunks: Iterable[bytes]) -> None:
    """Count the cells of each row before any of them is kept."""
    rows = cells = 0
    tail = b""
    for chunk in chunks:
        data = tail + chunk
        end = 0
        for tag in TAGS.finditer(data):
            end = tag.end()
            if tag[1] == b"row":
                rows, cells = rows + 1, 0
            else:
                cells += 1
            if cells > MOST_COLUMNS * 5:  # empty ones that only carry a style are common, and left out later
                raise BadFile("file.too_many_columns", limit=str(MOST_COLUMNS))
        tail = data[max(end, len(data) - 40) :]


def _text(value: Any, decimal: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return plain(Decimal(f"{value:.15g}")).replace(".", decimal)  # 15 digits are what the program shows
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def write_xlsx(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook with one sheet; texts stay texts, whatever they begin with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading) for heading in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: object) -> Any:
    if value is None or isinstance(value, Decimal | int):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"  # a text that begins with "=" would become a formula
    return cell
