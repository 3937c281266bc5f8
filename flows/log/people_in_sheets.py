"""Who looks for an e-mail address is told in which sheets it stands, too: their rows are sealed, and no log row holds
them."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.models import Sheet
from connectors.sheets import contents_of, format_of
from flows.log.people import addresses_in, is_address, normal

MOST_ROWS = 20_000  # of all sheets together; they are opened one by one


@dataclass(frozen=True, slots=True)
class SheetHit:
    """A sheet of a connection with the rows that name the person."""

    sheet: Sheet
    rows: int

    @property
    def title(self) -> str:
        reader = format_of(self.sheet.connection)
        kind = reader.kinds.get(self.sheet.kind) if reader else None
        return str(kind.title) if kind else self.sheet.kind


@dataclass(frozen=True, slots=True)
class SheetHits:
    """What was found; `is_cut`: there are more rows than were looked through."""

    hits: tuple[SheetHit, ...] = ()
    is_cut: bool = False


def sheets_naming(text: str) -> SheetHits:
    """Return the sheets of the organization in context that name an e-mail address; nothing for any other text."""
    if not is_address(text):
        return SheetHits()
    wanted, left = normal(text), MOST_ROWS
    hits: list[SheetHit] = []
    sheets = Sheet.objects.filter(row_count__gt=0).defer("content").select_related("connection", "organization")
    for sheet in sheets.order_by("connection_id", "side", "kind"):
        if sheet.row_count > left:
            return SheetHits(tuple(hits), is_cut=True)
        left -= sheet.row_count
        if count := sum(wanted in addresses_in(content) for content in contents_of(sheet)):
            hits.append(SheetHit(sheet, count))
    return SheetHits(tuple(hits))
