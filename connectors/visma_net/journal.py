"""Journal transactions of the general ledger.

Their list cannot be filtered by a reference: ours stands in the description and on each line, and is looked for among
the batches of a financial period. That list is paged by line, so that one batch may come in two parts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apicenter.errors import (
    FlowError,
    NotFinished,
    NotFound,
    OutcomeUnknown,
    Rejected,
    RemoteUnavailable,
    RetryableError,
)
from connectors.base import Connector, Existing, FieldInfo, Period, Sent, Text, Written
from connectors.core import JournalEntry, JournalLine, JSONDict
from connectors.maps import ResourceMap
from connectors.revising import Comparing, Standing
from connectors.visma_net.api import created_keys, page_cap, path_key, said, total_count
from connectors.visma_net.journal_map import JOURNAL_FIELDS, JOURNAL_MAP, LINES
from connectors.visma_net.journal_standing import COMPARING, read_batch, reversal_of, reversal_reference
from connectors.visma_net.order_standing import gone
from connectors.visma_net.periods import FinancialPeriods
from connectors.visma_net.products import ItemTarget
from connectors.visma_net.read_order_status import read_day
from connectors.visma_net.read_values import SYSTEM, read_decimal, read_rows, read_text
from connectors.visma_net.wrap import insert_lines, prune, wrap

PATH = "/v2/journaltransaction"
PAGE_SIZE = 1000  # lines
LONGEST = 255
DATE_LENGTH = 10
UNRELEASED = "Balanced"
FAILED = "Failed"


class JournalTransactions(ItemTarget):
    """Batches of debits and credits; the id is the batch number. Items can be looked up, as settings name some."""

    kind: ClassVar[str] = "journal_transactions"
    title: ClassVar[Text] = _("Journal transactions")
    natural_key: ClassVar[str] = "description"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = JOURNAL_FIELDS
    default_map: ClassVar[ResourceMap] = JOURNAL_MAP
    can_update: ClassVar[bool] = False
    comparing: ClassVar[Comparing | None] = COMPARING
    can_read: ClassVar[bool] = False
    reference_length: ClassVar[int] = 15

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self._listed: dict[str, dict[str, JSONDict]] = {}  # period -> batches, for what may be there from before

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        lines = [
            self.subaccounts.on_line(one, where=f"{LINES}.{at}") for at, one in enumerate(payload.get(LINES) or ())
        ]
        body, is_released = _body({**payload, LINES: lines}, reference)
        answer = self.erp.send("POST", PATH, body, is_create=True)
        (number,) = created_keys(answer)
        if is_released:
            try:
                self._release(number)
            except (RetryableError, FlowError) as error:  # it is there: found again, and released then
                raise OutcomeUnknown(
                    system=SYSTEM, detail=f"batch {number} made, not released: {error.code}"
                ) from error
        return Written(id=number, number=number, answer=said(answer), sent=body)

    def find_created(self, sent: Sent) -> list[Written]:
        """Find the batch among those of its period, read anew, and release it if that is what is left to do."""
        period = read_text(sent.payload.get("financialPeriod")) or self._period_of(sent)
        found = _with_reference(self._batches(period), sent.reference)
        if len(found) == 1 and sent.payload.get("release"):
            for number, row in found.items():
                if row.get("status") == UNRELEASED:
                    self._release(number)
        return [Written(id=number, number=number) for number in found]

    def find_entry(self, reference: str, *, period: str) -> list[Existing]:
        if period not in self._listed:
            self._listed[period] = self._batches(period)
        return [Existing(number, number) for number in _with_reference(self._listed[period], reference)]

    def standing(self, target_id: str) -> Standing:
        """An entry is never rewritten: what is wrong in it is undone by another one, which is looked for here too."""
        try:
            batch = self.erp.get(f"{PATH}/{path_key(target_id)}")
        except NotFound:
            return gone(target_id)
        found = read_batch(target_id, batch)
        reference = reversal_reference(batch)
        periods = {read_text(batch.get("financialPeriod")), self._reversal_period(batch).id} if reference else set()
        is_undone = any(_with_reference(self._batches(period), reference) for period in sorted(filter(None, periods)))
        return replace(found, is_gone=is_undone)

    def cancel(self, standing: Standing) -> Written:
        """Book the opposite of an entry, on hold, in its own period or the first open one after it.

        Raises OutcomeUnknown when no clear answer came: `standing` sees then whether it is there.
        """
        batch = self.erp.get(f"{PATH}/{path_key(standing.id)}")
        body = reversal_of(batch, self._reversal_period(batch))
        answer = self.erp.send("POST", PATH, wrap(insert_lines(body, LINES)), is_create=True)
        (number,) = created_keys(answer)
        return Written(
            standing.id, number=standing.id, answer=said(answer), sent=body,
            note="entry.reversed", note_params={"entry": standing.id, "reversal": number},
        )  # fmt: skip

    def _reversal_period(self, batch: JSONDict) -> Period:
        """Raises Rejected when no period is open."""
        day = read_day(batch.get("transactionDate"))
        period = self._periods.find(day, is_next_open=True) if day else None
        if period is None:
            raise Rejected(system=SYSTEM, answer=_no_period())
        return period

    def find_period(self, day: date, *, is_next_open: bool = False) -> Period | None:
        return self._periods.find(day, is_next_open=is_next_open)

    def read_entry(self, payload: JSONDict) -> JournalEntry | None:
        rows = read_rows(payload.get(LINES))
        if not rows:
            return None
        lines = tuple(
            JournalLine(
                account=read_text(row.get("accountNumber")) or "",
                debit=read_decimal(row.get("debitAmountInCurrency")) or Decimal(0),
                credit=read_decimal(row.get("creditAmountInCurrency")) or Decimal(0),
                text=read_text(row.get("transactionDescription")) or "",
                vat_code=read_text(row.get("vatCodeId")) or read_text(row.get("vatId")),
            )
            for row in rows
        )
        return JournalEntry(currency=read_text(payload.get("currencyId")) or "", lines=lines)

    def fields(self) -> list[FieldInfo]:
        return list(JOURNAL_FIELDS)

    @cached_property
    def _periods(self) -> FinancialPeriods:
        return FinancialPeriods(self.erp)

    def _period_of(self, sent: Sent) -> str:
        text = str(sent.payload.get("transactionDate") or "")[:DATE_LENGTH]
        day = datetime.strptime(text, "%Y-%m-%d").date() if text else sent.sent_at.astimezone(self.erp.zone).date()
        period = self._periods.find(day)
        return period.id if period else f"{day:%Y%m}"

    def _batches(self, period: str) -> dict[str, JSONDict]:
        """Return the batches of a period by number, each put together from its parts.

        Raises RemoteUnavailable when the list ends too early: what was not seen must not be taken for absent.
        """
        query = {"periodId": period, "module": "GL", "expandAttachments": "false"}
        number, size, seen, told = 1, PAGE_SIZE, 0, 0
        found: dict[str, JSONDict] = {}
        while True:
            page = self.erp.page(PATH, query, number=number, size=size)
            count = sum(_add_part(found, row) for row in page)
            total, size = total_count(page), min(size, page_cap(page) or size)
            seen, told = seen + count, total or told
            if not count or (seen >= told if total else count < size):
                break
            number = seen // size + 1
        if seen < told:
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{PATH}: {seen} of {told} lines")
        return found

    def _release(self, number: str) -> None:
        try:
            answer = self.erp.send("POST", f"{PATH}/{path_key(number)}/action/release", {})
        except Rejected as error:
            raise NotFinished(
                system=SYSTEM, number=number, answer=error.params.get("answer") or str(error), detail=error.detail
            ) from error
        body = answer.body if isinstance(answer.body, dict) else {}
        if body.get("actionResult") == FAILED:
            raise NotFinished(system=SYSTEM, number=number, answer=read_text(body.get("errorInfo")) or FAILED)


def _no_period() -> str:
    return gettext("there is no open financial period for the reversal")


def _add_part(found: dict[str, JSONDict], row: JSONDict) -> int:
    """Put a row of the list with the batch it is part of; returns how many lines it has."""
    lines = read_rows(row.get(LINES))
    number = read_text(row.get("batchNumber")) or ""
    found.setdefault(number, {**row, LINES: []})[LINES].extend(lines)
    return len(lines)


def _with_reference(batches: dict[str, JSONDict], reference: str) -> dict[str, JSONDict]:
    def carries(row: JSONDict) -> bool:
        references = {read_text(line.get("referenceNumber")) for line in row[LINES]}
        return reference in references or reference in (read_text(row.get("description")) or "")

    return {number: row for number, row in batches.items() if carries(row)}


def _body(payload: JSONDict, reference: str) -> tuple[JSONDict, bool]:
    """Return what goes over the wire, and whether the batch is released afterwards."""
    plain: JSONDict = prune(payload)
    is_released = bool(plain.pop("release", False)) and not plain.get("hold")
    words = str(plain.get("description") or "")
    if reference not in words:
        words = f"{words[: LONGEST - len(reference) - 1]} {reference}".strip()
    plain |= {"description": words, "transactionDate": str(plain.get("transactionDate") or "")[:DATE_LENGTH]}
    plain[LINES] = [{"referenceNumber": reference, **line} for line in plain.get(LINES) or ()]
    return wrap(insert_lines(plain, LINES)), is_released
