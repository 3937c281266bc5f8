"""Credit notes as they are listed and read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy

from connectors.base import Window
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi
from connectors.teamleader.documents import DocumentSource
from connectors.teamleader.paging import count_listed
from connectors.teamleader.read_invoice import CREDIT_NOTE
from connectors.teamleader.read_values import write_moment


class CreditNoteSource(DocumentSource):
    """Credit notes; there are no drafts of them."""

    kind = "credit_notes"
    title = gettext_lazy("Credit notes")
    resource = "creditNotes"
    part = CREDIT_NOTE

    def counts(self, window: Window) -> Iterator[int]:
        return count_listed(self.focus, self.resource, window)


def list_credit_notes(
    focus: FocusApi, *, updated_since: datetime | None = None, invoice_id: str = ""
) -> Iterator[list[JSONDict]]:
    """Yield pages of credit notes. Their lines stand on `credit_note_info` only."""
    where: JSONDict = {}
    if updated_since:
        where["updated_since"] = write_moment(updated_since)
    if invoice_id:
        where["invoice_id"] = invoice_id
    return focus.pages("creditNotes", where=where)


def credit_note_info(focus: FocusApi, credit_note_id: str) -> JSONDict:
    """Return one credit note in full, whether the API gives it as an object or as a list of one. Raises NotFound."""
    return focus.info("creditNotes", credit_note_id)
