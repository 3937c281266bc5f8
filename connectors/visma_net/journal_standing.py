"""Journal transactions looked at again: how one stands in the books, and the entry that undoes it. Pure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from connectors.base import Period
from connectors.core import JSONDict
from connectors.revising import Comparing, Standing, StandingLine
from connectors.visma_net.journal_map import LINES
from connectors.visma_net.read_values import read_decimal, read_id, read_rows, read_text
from connectors.visma_net.subaccounts import segments_of

COMPARING = Comparing(
    lines=LINES,
    item="accountNumber",
    line=("accountNumber", "debitAmountInCurrency", "creditAmountInCurrency", "vatCodeId"),
    head=("currencyId",),
    fixed=frozenset({"currencyId"}),
)
UNDOES = "R"  # begins the reference of a reversal
LONGEST_REFERENCE = 15
DATE_LENGTH = 10


def read_batch(number: str, batch: JSONDict) -> Standing:
    """Read a batch as it is booked. It can neither be changed nor cancelled, only undone by another one."""
    return Standing(
        number,
        read_text(batch.get("status")) or "",
        may_change=False,
        may_cancel=False,
        is_booked=True,
        head={"currencyId": read_text(batch.get("currencyId"))},
        lines=tuple(StandingLine(str(row.get("lineNumber")), _values(row)) for row in read_rows(batch.get(LINES))),
    )


def reversal_reference(batch: JSONDict) -> str:
    """Return what the reversal of a batch is known by, "" for a batch that carries no reference of ours."""
    references = (read_text(row.get("referenceNumber")) for row in read_rows(batch.get(LINES)))
    own = next((one for one in references if one), "")
    return f"{UNDOES}{own}"[:LONGEST_REFERENCE] if own else ""


def reversal_of(batch: JSONDict, period: Period) -> JSONDict:
    """Return the plain body of the entry that undoes a batch: each amount on the other side, on hold."""
    reference = reversal_reference(batch)
    words = _("Reversal of %(number)s") % {"number": read_text(batch.get("batchNumber")) or ""}
    return {
        "transactionDate": str(batch.get("transactionDate") or "")[:DATE_LENGTH],
        "financialPeriod": period.id,
        "currencyId": read_text(batch.get("currencyId")),
        "description": f"{words} {reference}".strip(),
        "hold": True,
        **({"branch": branch} if (branch := read_id(batch.get("branch"), "number")) else {}),
        **({"ledger": ledger} if (ledger := read_text(batch.get("ledger"))) else {}),
        **(
            {"createVatTransaction": True, "skipVatAmountValidation": True} if batch.get("createVatTransaction") else {}
        ),
        LINES: [_opposite(row, reference) for row in read_rows(batch.get(LINES))],
    }


def _opposite(row: JSONDict, reference: str) -> JSONDict:
    values = _values(row)
    debit, credit = values.pop("debitAmountInCurrency"), values.pop("creditAmountInCurrency")
    sides = {"debitAmountInCurrency": credit} if credit else {"creditAmountInCurrency": debit}
    vat, text = read_id(row.get("vat")), read_text(row.get("transactionDescription"))
    segments = segments_of(row.get("subaccount"))
    named = {name: value for name, value in values.items() if value is not None}
    more = {
        name: value
        for name, value in (("vatId", vat), ("transactionDescription", text), ("subaccount", segments))
        if value
    }
    return {**named, **sides, **more, "referenceNumber": reference}


def _values(row: JSONDict) -> dict[str, Any]:
    return {
        "accountNumber": read_id(row.get("accountNumber"), "number"),
        "debitAmountInCurrency": read_decimal(row.get("debitAmountInCurrency")) or None,
        "creditAmountInCurrency": read_decimal(row.get("creditAmountInCurrency")) or None,
        "vatCodeId": read_id(row.get("vatCode")),
    }
