"""What has to happen to the payments of an invoice: a table of what is there, what was paid, and what follows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import RecordError
from connectors.core import Money, Totals
from connectors.teamleader.read_invoice import Document, DocumentPayment
from connectors.teamleader.settlement import Settlement, Wanted, settle


def invoice(*paid: tuple[str, int], due: str = "100", **changes: Any) -> Document:
    """An invoice on which amounts were registered, each on a day of November."""
    payments = tuple(
        DocumentPayment(
            paid_at=datetime(2026, 11, day, 9, tzinfo=UTC), payment=Money(amount=Decimal(amount), currency="EUR")
        )
        for amount, day in paid
    )
    values = {
        "key": "i", "number": "2026 / 5", "is_credit_note": False, "status": "outstanding", "is_paid": False,
        "currency": "EUR", "totals": Totals(excluding=Decimal(100), including=Decimal(121)), "due": Decimal(due),
    }  # fmt: skip
    return Document(payments=payments, **{**values, **changes})


def paid(amount: str, day: int = 20, **changes: Any) -> Wanted:
    return Wanted(Decimal(amount), "EUR", date(2026, 11, day), **changes)


def back(amount: str, day: int = 20) -> Wanted:
    return paid(amount, day, is_reversed=True)


NOTHING = Settlement()
SETTLED = [
    ("nothing there yet", invoice(), [paid("40")], Settlement((paid("40"),))),
    ("it is there already", invoice(("40", 20)), [paid("40")], NOTHING),
    ("there on another day", invoice(("40.00", 21)), [paid("40")], NOTHING),
    ("the second of two", invoice(("40", 20)), [paid("40"), paid("60", 21)], Settlement((paid("60", 21),))),
    ("two of the same amount", invoice(("40", 20)), [paid("40"), paid("40", 21)], Settlement((paid("40", 21),))),
    ("paid there already, in other parts", invoice(("121", 2), due="0", is_paid=True), [paid("60")], NOTHING),
    ("beside what others registered", invoice(("10", 2)), [paid("40")], Settlement((paid("40"),))),
    ("taken back", invoice(("40", 20)), [back("40")], Settlement(clears=True)),
    ("taken back, and it never was there", invoice(), [back("40")], NOTHING),
    (
        "one of two taken back: the other is put back",
        invoice(("40", 20), ("60", 21)),
        [back("40"), paid("60", 21)],
        Settlement((paid("60", 21),), clears=True),
    ),
]
ASKED = [
    ("taken back beside another's payment", invoice(("40", 20), ("10", 2)), [back("40")], "payment.others_remain"),
    ("more than is open", invoice(due="30"), [paid("40")], "payment.more_than_due"),
    ("no longer known", invoice(("40", 20)), [], "payment.gone"),
    ("in another currency", invoice(currency="NOK"), [paid("40")], "payment.other_currency"),
]


@pytest.mark.parametrize(
    ("document", "payments", "todo"), [row[1:] for row in SETTLED], ids=[row[0] for row in SETTLED]
)
def test_what_is_missing_is_registered_and_nothing_twice(document: Document, payments: list[Wanted], todo: Settlement):
    assert settle(document, payments) == todo


@pytest.mark.parametrize(("document", "payments", "code"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_a_person_is_asked_where_we_cannot_know(document: Document, payments: list[Wanted], code: str):
    with pytest.raises(RecordError) as asked:
        settle(document, payments)

    assert asked.value.code == code
    assert "%(" not in str(asked.value)
