"""A journal entry as bookkeepers read one: a line per account, debit left of credit, and both totals below."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format

from connectors.currencies import decimals_of
from flows.documents.entries import entry_of
from flows.models import Flow
from flows.tables.option_lists import kept_list


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line; an amount of nothing is an empty text."""

    account: str
    text: str
    vat: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class EntryTable:
    """The whole entry, amounts in the reader's way of writing them."""

    rows: list[EntryRow]
    debit: str
    credit: str
    currency: str


def entry_table(flow: Flow, payload: Any) -> EntryTable | None:
    """Return a payload as a journal entry to be shown, None if it is none. Accounts go by name if that is known."""
    entry = entry_of(flow, payload)
    if entry is None:
        return None
    accounts, vat = (_labels(flow, name) for name in ("accounts", "vat_categories"))
    digits = decimals_of(entry.currency)
    rows = [
        EntryRow(
            account=accounts.get(line.account, line.account),
            text=line.text,
            vat=vat.get(line.vat_code or "", line.vat_code or ""),
            debit=_amount(line.debit, digits),
            credit=_amount(line.credit, digits),
        )
        for line in entry.lines
    ]
    credit = sum((line.credit for line in entry.lines), Decimal(0))
    return EntryTable(rows, _amount(entry.total, digits), _amount(credit, digits), entry.currency)


def _labels(flow: Flow, name: str) -> dict[str, str]:
    kept = kept_list(flow.target, name)
    return kept.labels if kept else {}


def _amount(amount: Decimal, digits: int) -> str:
    return number_format(amount, digits, force_grouping=True) if amount else ""
