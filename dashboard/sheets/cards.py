"""The files of a connection as the pages show them: per kind what was uploaded, what flows wrote, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.files import FileFormat, SheetKind, Side
from connectors.models import Connection, Sheet
from connectors.sheets import sheets_of
from flows.models import Flow
from flows.triggers.uploads import readers_of, writers_of


@dataclass(frozen=True, slots=True)
class SheetCard:
    """One kind of sheet."""

    kind: SheetKind
    uploaded: Sheet | None
    written: Sheet | None
    readers: list[Flow]
    writers: list[Flow]

    @property
    def waits(self) -> bool:
        """Whether a file is there whose columns nobody has confirmed."""
        return self.uploaded is not None and not self.uploaded.is_confirmed


def cards_of(connection: Connection, reader: FileFormat) -> list[SheetCard]:
    """Return a card for each kind of sheet the connection may have."""
    found = {(sheet.kind, sheet.side): sheet for sheet in sheets_of(connection)}
    return [
        SheetCard(
            kind,
            found.get((kind.key, Side.UPLOADED.value)),
            found.get((kind.key, Side.WRITTEN.value)),
            readers_of(connection, kind.key),
            writers_of(connection, kind.key),
        )
        for kind in reader.kinds.values()
    ]
