"""What has to happen to the payments of an invoice so that it shows what was paid. Pure.

The API registers one payment at a time, gives it no id, and takes off all of them at once. So what is there is compared
by amount and day before anything is done, and nothing is registered twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apicenter.errors import RecordError
from connectors.teamleader.read_invoice import Document, DocumentPayment

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment as it is to stand on the invoice, or, reversed, no longer."""

    amount: Decimal
    currency: str
    paid_on: date
    method_id: str = ""
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """All payments are taken off first if `clears`; then these are registered, in order."""

    register: tuple[Wanted, ...] = ()
    clears: bool = False

    @property
    def is_nothing(self) -> bool:
        return not self.register and not self.clears


def settle(invoice: Document, payments: Sequence[Wanted]) -> Settlement:
    """Return what brings the invoice into step. Raises RecordError where a person has to do it."""
    _check_currency(invoice, payments)
    wanted = [one for one in payments if not one.is_reversed]
    rest, missing = _without(invoice.payments, wanted)
    unknown, _absent = _without(rest, [one for one in payments if one.is_reversed])
    was_reversed = len(unknown) < len(rest)
    if was_reversed and unknown:
        raise RecordError("payment.others_remain", **_named(invoice, sum(one.payment.amount for one in unknown)))
    if was_reversed:
        return Settlement(tuple(wanted), clears=True)
    if not payments and unknown:
        raise RecordError("payment.gone", **_named(invoice, sum(one.payment.amount for one in unknown)))
    due = invoice.due if invoice.due is not None else invoice.payable
    if not missing or invoice.is_paid or (due is not None and due <= 0):
        return Settlement()
    amount = sum((one.amount for one in missing), Decimal(0))
    if due is not None and amount > due:
        raise RecordError("payment.more_than_due", **_named(invoice, amount), due=f"{due:.2f}")
    return Settlement(tuple(missing))


def _without(
    present: Sequence[DocumentPayment], sought: Sequence[Wanted]
) -> tuple[list[DocumentPayment], list[Wanted]]:
    """Return what is present beside the sought, and what of the sought is not there: first those of the same amount
    and day are paired, then those of the same amount, as people register money on another day."""
    rest, missing = list(present), list(sought)
    for is_same_day in (True, False):
        for one in list(missing):
            found = next(
                (
                    each
                    for each in rest
                    if _cents(each.payment.amount) == _cents(one.amount)
                    and (not is_same_day or each.paid_at.date() == one.paid_on)
                ),
                None,
            )
            if found is not None:
                rest.remove(found)
                missing.remove(one)
    return rest, missing


def _check_currency(invoice: Document, payments: Sequence[Wanted]) -> None:
    other = next((one.currency for one in payments if one.currency not in ("", invoice.currency)), None)
    if other is not None:
        raise RecordError("payment.other_currency", what=invoice.number or "", currency=invoice.currency, other=other)


def _named(invoice: Document, amount: Decimal | int) -> dict[str, str]:
    return {"what": invoice.number or "", "amount": f"{amount:.2f}", "currency": invoice.currency}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)
