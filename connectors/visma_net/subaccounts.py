"""Subaccounts: people know one by its number, documents name it by its segments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.core import JSONDict
from connectors.visma_net.api import Erp
from connectors.visma_net.read_values import SYSTEM, read_rows, read_text

FIELD = "subaccount"
PATH = "/v1/subaccount"
ACTIVE = {"active": "true"}


def segments_of(subaccount: Any) -> list[JSONDict]:
    """Return the segments of a subaccount that was read, as documents of the ERP name them."""
    rows = read_rows(subaccount.get("segments")) if isinstance(subaccount, Mapping) else []
    return [
        {"segmentId": row["segmentId"], "segmentValue": value}
        for row in rows
        if isinstance(row.get("segmentId"), int) and (value := read_text(row.get("segmentValue")))
    ]


class Subaccounts:
    """The active subaccounts of a company, read once and only if a document names one."""

    def __init__(self, erp: Erp) -> None:
        self.erp = erp

    def on_line(self, line: Mapping[str, Any], *, where: str) -> JSONDict:
        """Return a line whose subaccount is named by its segments. Raises MappingError for one that is not there."""
        number = read_text(line.get(FIELD))
        if number is None:
            return dict(line)
        segments = self._segments.get(number.casefold())
        if not segments:
            why = _("%(system)s has no active subaccount “%(number)s”")
            raise MappingError(field=f"{where}.{FIELD}", why=why % {"system": SYSTEM, "number": number})
        return {**line, FIELD: segments}

    @cached_property
    def _segments(self) -> Mapping[str, list[JSONDict]]:
        rows = [row for page in self.erp.pages(PATH, ACTIVE) for row in page if row.get("active") is not False]
        return {
            number.casefold(): segments_of(row) for row in rows if (number := read_text(row.get("subaccountNumber")))
        }


def in_v3(line: Mapping[str, Any]) -> JSONDict:
    """Return a line as the sales order service wants it: segment by its id."""
    segments = line.get(FIELD)
    if not isinstance(segments, list):
        return dict(line)
    return {**line, FIELD: {str(one["segmentId"]): one["segmentValue"] for one in segments}}
