"""Reading and writing CSV: whatever separates the columns, in whatever encoding."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from connectors.files import BadFile, Choices
from connectors.spreadsheet.limits import check_row
from connectors.spreadsheet.read_cells import plain

DELIMITERS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8", "cp1252", "utf-16")
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE = 40
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:[.\u00a0 ]\d{3})*|\d+),(?:\d{1,2}|\d{4,})")
POINT = re.compile(r"[-+]?(?:\d{1,3}(?:[,\u00a0 ]\d{3})*|\d+)\.(?:\d{1,2}|\d{4,})")


def read_csv(content: bytes, choices: Choices) -> Iterator[list[str]]:
    """Yield every line as it stands. Raises BadFile."""
    text = _decode(content, choices.encoding)
    reader = csv.reader(io.StringIO(_without_hint(text), newline=""), delimiter=choices.delimiter)
    try:
        for number, row in enumerate(reader, 1):
            check_row(number, row)
            yield row
    except csv.Error as error:
        raise BadFile("file.unreadable", why=str(error)) from error


def detect_csv(content: bytes, choices: Choices) -> Choices:
    """Fill in what nobody has said yet. Raises BadFile."""
    encoding = choices.encoding or detect_encoding(content)
    text = _decode(content, encoding)
    delimiter = choices.delimiter or _hinted(text) or _detect_delimiter(_without_hint(text))
    found = choices.model_copy(update={"encoding": encoding, "delimiter": delimiter})
    if choices.decimal:
        return found
    cells = (cell for row in islice(read_csv(content, found), SAMPLE) for cell in row)
    usual = "," if delimiter == ";" else "."
    return found.model_copy(update={"decimal": detect_decimal(cells) or usual})


def detect_encoding(content: bytes) -> str:
    """Return the encoding by its mark, else UTF-8 where the bytes are that, else what Windows writes here."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decode(content: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise BadFile("file.unreadable", why=encoding)
    if encoding != "utf-16" and b"\0" in content[:4096]:
        raise BadFile("file.kind")
    if encoding == "cp1252":  # five bytes of it stand for nothing
        return content.decode("cp1252", errors="replace")
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise BadFile("file.encoding", encoding=encoding) from error


def _hinted(text: str) -> str:
    """Return what spreadsheets write as first line to say what separates the columns: "sep=;"."""
    head = text[:20].splitlines()[0] if text else ""
    return head[4] if re.fullmatch(r"sep=[;,|\t]", head) else ""


def _without_hint(text: str) -> str:
    return text.split("\n", 1)[1] if _hinted(text) and "\n" in text else text


def _detect_delimiter(text: str) -> str:
    """Return the sign that cuts most lines into as many columns as the first one has."""
    head = "\n".join(text[:200_000].splitlines()[:SAMPLE])

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            rows = [row for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        width = len(rows[0]) if rows else 0
        if width < 2:
            return 0.0, 0
        return sum(len(row) == width for row in rows) / len(rows), width

    return max(DELIMITERS, key=fit)


def detect_decimal(cells: Iterable[str]) -> str:
    """Return the sign that starts the decimals in most cells, or "" if none has any."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        text = cell.strip().removeprefix("€").removesuffix("€").removesuffix("%").strip()
        votes[","] += COMMA.fullmatch(text) is not None
        votes["."] += POINT.fullmatch(text) is not None
    if not any(votes.values()):
        return ""
    return max(votes, key=lambda sign: votes[sign])


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a file that European spreadsheets open as it is meant: semicolons, decimal commas, UTF-8 with its mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(headers)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, Decimal | int):
        return plain(Decimal(value)).replace(".", ",")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
