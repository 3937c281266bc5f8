"""Payments on booked invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.sandbox.announcing import announce
from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused, read_stamp, stamp
from connectors.sandbox.teamleader.reading import refuse_unknown
from connectors.sandbox.teamleader.writing import save

_KEYS = {"id", "payment", "paid_at", "payment_method_id"}


def register_payment(incoming: Incoming) -> Reply:
    """Add a payment; one that settles the invoice marks it paid and matched. 204, without an id for the payment."""
    asked = checks.mapping(incoming.body, field="body")
    options = Options.of(incoming.account)
    refuse_unknown(asked, _KEYS, options)
    invoice = checks.found(incoming.account, "invoice", asked.get("id"))
    payment = checks.money(asked.get("payment"), field="payment")
    paid_at = read_stamp(asked.get("paid_at"), field="paid_at", refuse_zulu=options.refuse_zulu)
    if asked.get("payment_method_id") is not None:
        method = asked["payment_method_id"]
        checks.reference(incoming.account, method, kind="paymentMethod", field="payment_method_id")
    if invoice.body["status"] == "draft":
        raise Refused("A draft invoice cannot be paid", field="id")
    if payment["currency"] != invoice.body["currency"]:
        raise Refused("payment.currency must be the currency of the invoice", field="payment.currency")
    _settle(invoice, payment, stamp(paid_at))
    save(invoice)
    announce(incoming.account, "invoice", "paymentRegistered", invoice.key)
    return Reply(204)


def remove_payments(incoming: Incoming) -> Reply:
    """Take every payment off an invoice; a single one cannot be named. 204."""
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {"id"}, Options.of(incoming.account))
    invoice = checks.found(incoming.account, "invoice", asked.get("id"))
    if invoice.body["status"] == "draft":
        raise Refused("A draft invoice has no payments", field="id")
    total = invoice.body["total"]
    total["due"] = dict(total.get("payable") or total["tax_inclusive"])
    invoice.body |= {"payments": [], "status": "outstanding", "paid": False, "paid_at": None}
    save(invoice)
    return Reply(204)


def _settle(invoice: Thing, payment: dict[str, Any], paid_at: str) -> None:
    total = invoice.body["total"]
    due = Decimal(str(total["due"]["amount"])) - Decimal(str(payment["amount"]))
    invoice.body["payments"].append({"paid_at": paid_at, "payment": payment})
    total["due"] = {**total["due"], "amount": float(due)}
    if due <= 0:
        invoice.body |= {"status": "matched", "paid": True, "paid_at": paid_at}
