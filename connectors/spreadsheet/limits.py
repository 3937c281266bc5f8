"""How large a file may be. What is larger is refused with the limit it breaks, before it takes memory."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.files import BadFile

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200


def check_size(content: bytes) -> None:
    """Raises BadFile."""
    if len(content) > MOST_BYTES:
        raise BadFile("file.too_large", limit=f"{MOST_BYTES // 1_000_000} MB")
    if not content:
        raise BadFile("file.empty")


def check_row(number: int, row: Sequence[object]) -> None:
    """Raises BadFile."""
    if number > MOST_ROWS + 20:  # some lines may stand above the headings
        raise BadFile("file.too_many_rows", limit=f"{MOST_ROWS:,}".replace(",", " "))
    if len(row) > MOST_COLUMNS:
        raise BadFile("file.too_many_columns", limit=str(MOST_COLUMNS))
