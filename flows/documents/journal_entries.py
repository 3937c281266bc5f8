"""An order or invoice as a journal entry: how much goes to which ledger account, and on which side. Pure.

The total and the VAT per rate are the source's own, since the customer owes those; revenue, shipping and discount come
from the lines; what is left over is rounding, so an entry always balances. Amounts are signed while it is made: debit
is positive. A credit note is the same entry with its sides changed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from apicenter.errors import MappingError
from connectors.core import JournalEntry, JournalLine, JournalPart, OrderLine, SalesDocument
from connectors.currencies import decimals_of
from flows.documents.totals import PRECISE, line_total, round_to, spread_discount

ZERO = Decimal(0)
Account = Callable[[OrderLine], str | None]
NO_ACCOUNT = {
    JournalPart.RECEIVABLE: "ledger.no_receivable",
    JournalPart.REVENUE: "ledger.no_revenue",
    JournalPart.VAT: "ledger.no_vat",
    JournalPart.SHIPPING: "ledger.no_shipping",
    JournalPart.DISCOUNT: "ledger.no_discount",
    JournalPart.ROUNDING: "ledger.no_rounding",
}


class MutationType(StrEnum):
    """How far a document is split over ledger accounts."""

    SIMPLE = "simple"
    RECOMMENDED = "recommended"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where each part goes; "" or None where no account is chosen. Only the parts a document has need one."""

    receivable: str
    simple_revenue: str
    revenue: Account
    vat: Account
    shipping: str
    discount: str
    rounding: str
    is_shipping: Callable[[OrderLine], bool]


@dataclass(frozen=True, slots=True)
class _Amount:
    part: JournalPart
    account: str | None
    amount: Decimal
    vat_code: str | None = None
    text: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """An order line with what it comes to before and after all discounts."""

    line: OrderLine
    gross: Decimal
    net: Decimal

    @property
    def rate(self) -> Decimal:
        return self.line.vat_rate or ZERO


def compose(document: SalesDocument, accounts: Accounts, how: MutationType, *, is_credit: bool = False) -> JournalEntry:
    """Return the entry; it has no lines if the document comes to nothing.

    Raises MappingError "ledger.no_<part>" for a part that has an amount and no account, and for amounts that cannot be.
    """
    digits = decimals_of(document.currency)
    total = round_to(document.totals.including, digits)
    text = " ".join(filter(None, (document.number, document.customer.name if document.customer else "")))
    amounts = [_Amount(JournalPart.RECEIVABLE, accounts.receivable, total)]
    if how is MutationType.SIMPLE:
        amounts.append(_Amount(JournalPart.REVENUE, accounts.simple_revenue, -total))
    else:
        amounts += _split(document, accounts, is_per_line=how is MutationType.COMPLEX, digits=digits)
        left = -sum((one.amount for one in amounts), ZERO)
        amounts.append(_Amount(JournalPart.ROUNDING, accounts.rounding, left))
    sign = -1 if is_credit else 1
    lines = tuple(_line(one, sign * one.amount, text) for one in amounts if one.amount)
    return JournalEntry(currency=document.currency, lines=lines)


def _split(document: SalesDocument, accounts: Accounts, *, is_per_line: bool, digits: int) -> list[_Amount]:
    with localcontext(PRECISE):
        lines = _priced(document, digits)
        amounts: list[_Amount] = []
        for one in lines:
            if accounts.is_shipping(one.line):
                amounts.append(_Amount(JournalPart.SHIPPING, accounts.shipping, -one.gross, one.line.vat_code))
                continue
            text, position = (one.line.text, one.line.position) if is_per_line else ("", None)
            account = accounts.revenue(one.line) if one.gross else None
            amounts.append(_Amount(JournalPart.REVENUE, account, -one.gross, one.line.vat_code, text, position))
        amounts += [
            _Amount(JournalPart.DISCOUNT, accounts.discount, one.gross - one.net, one.line.vat_code) for one in lines
        ]
        return [*_grouped(amounts), *_grouped(_vat(document, lines, accounts, digits))]


def _priced(document: SalesDocument, digits: int) -> list[_Line]:
    spread = spread_discount(document.lines, document.discounts, currency=document.currency)
    return [
        _Line(
            line, line_total(line.model_copy(update={"discount_percent": ZERO}), currency=document.currency), one.total
        )
        for line, one in zip(document.lines, spread, strict=True)
    ]


def _vat(document: SalesDocument, lines: Sequence[_Line], accounts: Accounts, digits: int) -> Iterable[_Amount]:
    """Yield the VAT per rate as the source says it, shared out where several codes have the same rate."""
    told: dict[Decimal, Decimal] = {}
    for one in document.totals.taxes:
        told[one.rate] = told.get(one.rate, ZERO) + one.tax
    by_rate: dict[Decimal, dict[str | None, list[_Line]]] = {}
    for line in lines:
        by_rate.setdefault(line.rate, {}).setdefault(line.line.vat_code, []).append(line)
    for rate, by_code in by_rate.items():
        nets = {code: sum((one.net for one in group), ZERO) for code, group in by_code.items()}
        shares = {code: round_to(net * rate, digits) for code, net in nets.items()}
        whole = round_to(told.get(rate, sum(nets.values(), ZERO) * rate), digits)
        largest = max(nets, key=lambda code: abs(nets[code]))
        shares[largest] += whole - sum(shares.values(), ZERO)
        for code, share in shares.items():
            account = accounts.vat(by_code[code][0].line) if share else None
            yield _Amount(JournalPart.VAT, account, -share, code)


def _grouped(amounts: Iterable[_Amount]) -> list[_Amount]:
    """Return one amount per part, account, VAT code and, where they stay apart, order line."""
    found: dict[tuple[object, ...], _Amount] = {}
    for one in amounts:
        key = (one.part, one.account, one.vat_code, one.position)
        before = found[key].amount if key in found else ZERO
        found[key] = _Amount(one.part, one.account, before + one.amount, one.vat_code, one.text, one.position)
    return list(found.values())


def _line(one: _Amount, amount: Decimal, text: str) -> JournalLine:
    if not one.account:
        raise MappingError(NO_ACCOUNT[one.part])
    sides = {"debit": amount} if amount > 0 else {"credit": -amount}
    return JournalLine(
        account=one.account,
        part=one.part,
        text=one.text or text,
        vat_code=one.vat_code,
        position=one.position,
        **sides,
    )
