"""Payments on booked invoices: what was paid elsewhere is registered, and taken off again when it was reversed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, FieldType, Text, Written
from connectors.core import JSONDict, Money
from connectors.maps import FieldMap, ResourceMap
from connectors.shared import Bill
from connectors.teamleader.api import FocusTarget
from connectors.teamleader.invoices import invoice_info, invoices_of_deal, register_payment
from connectors.teamleader.orders import deals_of
from connectors.teamleader.read_invoice import Document, read_invoice
from connectors.teamleader.read_values import read_decimal
from connectors.teamleader.settlement import Wanted, settle

NOON = time(12, tzinfo=UTC)  # the day stays the day in every zone of Europe
PAYMENTS = _("Payments")

PAYMENT_MAP = ResourceMap(
    fields=(),
    lists={
        "payments": (
            FieldMap(target="reference", source="key"),
            FieldMap(target="amount", source="amount", required=True),
            FieldMap(target="currency", source="currency", required=True),
            FieldMap(target="paid_at", source="paid_on", required=True),
            FieldMap(target="payment_method_id", source="method", table="payment_method"),
            FieldMap(target="is_reversed", source="is_reversed"),
        )
    },
)
PAYMENT_TARGETS = (
    FieldInfo("payments.reference", _("Number of the payment"), group=PAYMENTS, hint=_("Only for the log")),
    FieldInfo("payments.amount", _("Amount"), FieldType.MONEY, PAYMENTS, is_required=True),
    FieldInfo("payments.currency", _("Currency"), group=PAYMENTS, is_required=True),
    FieldInfo("payments.paid_at", _("Paid on"), FieldType.DATE, PAYMENTS, is_required=True),
    FieldInfo(
        "payments.payment_method_id", _("Payment method"), FieldType.CHOICE, PAYMENTS, list_name="payment_methods"
    ),
    FieldInfo("payments.is_reversed", _("Taken back"), FieldType.BOOLEAN, PAYMENTS),
)


class PaymentTarget(FocusTarget):
    """The payments of one invoice, whose id is the target's id. Invoices are not made here, only paid."""

    kind: ClassVar[str] = "payments"
    title: ClassVar[Text] = PAYMENTS
    natural_key: ClassVar[str] = "id"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = PAYMENT_TARGETS
    default_map: ClassVar[ResourceMap] = PAYMENT_MAP
    can_create: ClassVar[bool] = False
    is_referenced: ClassVar[bool] = False

    def update(self, target_id: str, payload: JSONDict) -> Written:
        """Look at what is registered and do what is missing; doing it twice is harmless, also after a lost answer.

        Raises RecordError where a person has to do it, OutcomeUnknown when no clear answer came.
        """
        raw = invoice_info(self.focus, target_id)
        invoice = read_invoice(raw)
        todo = settle(invoice, [_wanted(row) for row in payload.get("payments") or ()])
        if todo.is_nothing:
            return Written(target_id, number=invoice.number or "", answer="kept")
        sent: list[JSONDict] = []
        if todo.clears:
            self.focus.post("invoices.removePayments", {"id": target_id}, is_create=True)
            sent.append({"invoices.removePayments": {"id": target_id}})
        for one in todo.register:
            money = Money(amount=one.amount, currency=one.currency or invoice.currency)
            paid_at = datetime.combine(one.paid_on, NOON)
            register_payment(self.focus, target_id, money, paid_at=paid_at, method_id=one.method_id)
            sent.append({"invoices.registerPayment": {"amount": one.amount, "paid_at": one.paid_on.isoformat()}})
        return Written(target_id, number=invoice.number or "", url=invoice.url or "", answer="done", sent=sent)

    def bills(self, keys: Sequence[str]) -> dict[str, tuple[Bill, ...]]:
        """Return the booked invoices of the deal of each quotation: a call for a hundred, and one for each deal."""
        deals = deals_of(self.focus, keys)
        wanted = list(dict.fromkeys(deals.values()))
        found = dict(zip(wanted, self.api.overlap(partial(invoices_of_deal, self.focus), wanted), strict=True))
        return {key: tuple(_bill(one) for one in found[deal]) for key, deal in deals.items()}

    def read(self, target_id: str) -> JSONDict:
        invoice = read_invoice(invoice_info(self.focus, target_id))
        return {
            "payments": [
                {
                    "amount": one.payment.amount,
                    "currency": one.payment.currency,
                    "paid_at": one.paid_at.date().isoformat(),
                }
                for one in invoice.payments
            ]
        }

    def fields(self) -> list[FieldInfo]:
        return list(PAYMENT_TARGETS)


def _bill(one: Document) -> Bill:
    total = one.totals.including if one.payable is None else one.payable
    return Bill(one.key, one.number or "", one.currency, total)


def _wanted(row: JSONDict) -> Wanted:
    return Wanted(
        amount=read_decimal(row["amount"]),
        currency=str(row.get("currency") or ""),
        paid_on=_day(row["paid_at"]),
        method_id=str(row.get("payment_method_id") or ""),
        is_reversed=bool(row.get("is_reversed")),
    )


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])
