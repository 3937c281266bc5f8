"""The log as a CSV file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.log.masking import list_key, list_label
from dashboard.marks import mark_of_record
from dashboard.needs.fixes import masked_reason_of
from dashboard.words import kind_word
from flows.models import RunRecord

MOST_ROWS = 20_000
BYTE_ORDER_MARK = "\ufeff"  # or Excel reads the letters as Latin-1
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def log_csv(records: QuerySet[RunRecord]) -> str:
    """Return the newest records as CSV, masked as in the list."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Time"),
            _("Flow"),
            _("Kind"),
            _("Number"),
            _("Name"),
            _("Status"),
            _("Reason"),
            _("There"),
            _("Tries"),
            _("Kept until"),
        ]
    )
    for row in _rows(records):
        writer.writerow([harmless(cell) for cell in row])
    writer.writerow([_("Names and e-mail addresses are shortened in this file.")])
    return out.getvalue()


def _rows(records: QuerySet[RunRecord]) -> Iterator[list[str]]:
    newest = records.order_by("-created_at", "-pk")[: MOST_ROWS + 1]
    for index, record in enumerate(newest.iterator(chunk_size=1000)):
        if index == MOST_ROWS:
            yield [_("Only the newest records are in this file. Narrow the search for the others.")]
            return
        yield [
            timezone.localtime(record.created_at).isoformat(sep=" ", timespec="seconds"),
            record.flow.title,
            kind_word(record.kind),
            list_key(record),
            list_label(record),
            mark_of_record(record.state).text,
            masked_reason_of(record),
            record.target_number,
            str(record.attempts),
            timezone.localtime(record.expires_at).date().isoformat(),
        ]


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
