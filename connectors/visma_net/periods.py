"""Financial periods: which one a day lies in, and whether the general ledger is open there.

A financial year need not begin in January, so a period is looked up and never worked out from the date.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

from connectors.base import Period
from connectors.core import JSONDict
from connectors.visma_net.api import Erp
from connectors.visma_net.read_values import read_text, read_time

PATH = "/v1/financialPeriod"


class FinancialPeriods:
    """The periods of a company, read once per piece of work."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    def find(self, day: date, *, is_next_open: bool = False) -> Period | None:
        """Return the period of the day, or the first open one from there on; None where there is none."""
        begun = [at for at, (start, _period) in enumerate(self._rows) if start <= day]
        if not begun:
            return None
        found = [period for _start, period in self._rows[begun[-1] :]]
        return next((one for one in found if one.is_open), None) if is_next_open else found[0]

    @cached_property
    def _rows(self) -> list[tuple[date, Period]]:
        """The periods with their first day, in order. Those that have no days of their own are for corrections."""
        rows = (_read(row) for row in self._erp.rows(PATH))
        return sorted((row for row in rows if row is not None), key=lambda row: row[0])


def _read(row: JSONDict) -> tuple[date, Period] | None:
    start, end, code = read_time(row.get("startDate")), read_time(row.get("endDate")), read_text(row.get("period"))
    if start is None or code is None or (end is not None and end <= start):
        return None
    is_open = row.get("active") is not False and row.get("closedInGeneralLedger") is not True
    return start.date(), Period(code, is_open)
