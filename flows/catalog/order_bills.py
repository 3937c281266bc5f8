"""Invoices that the ERP made from orders we sent: their payments belong on the CRM's own invoice of the same deal.

No number links the two, so they are paired by what they have in common: the deal of the order that is billed, the
currency, and what both come to. One that fits is taken, of several a person chooses, and without one nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.base import SourceRecord
from connectors.core import PaidInvoice
from connectors.shared import Bill
from flows.engine import pairs

if TYPE_CHECKING:
    from flows.engine.work import Work

ORDERS, INVOICES = ("orders",), ("invoices",)
CENT = Decimal("0.01")


def orders_billed(work: Work, records: Sequence[SourceRecord]) -> dict[str, tuple[str, ...]]:
    """Return, by the key of an invoice, the orders of ours that it bills, as the CRM names them.

    Only invoices are looked at on which something may be paid, and that changed since our first order was sent.
    """
    first = pairs.first_sent_at(work, ORDERS)
    if first is None:
        return {}
    paid = [one for one in records if _may_be_paid(one) and (one.modified_at is None or one.modified_at >= first)]
    found: dict[str, tuple[str, ...]]
    found = {key: (order,) for key, order in pairs.counterparts(work, ORDERS, [one.key for one in paid]).items()}
    behind = work.source.orders_behind([one for one in paid if one.key not in found])
    made = pairs.counterparts(work, ORDERS, [order for orders in behind.values() for order in orders])
    for key, orders in behind.items():
        if ours := tuple(made[order] for order in orders if order in made):
            found[key] = ours
    return found


def bills_for(work: Work, kind: str, billed: Mapping[str, tuple[SourceRecord, Sequence[str]]]) -> dict[str, list[Bill]]:
    """Return, by the key of an invoice, the CRM's invoices that fit it. `billed` has each with the orders behind it.

    One that the invoices flow sent has a pair of its own, and one that is paired already belongs to another.
    """
    bills = (
        work.target(kind).bills([order for _record, orders in billed.values() for order in orders]) if billed else {}
    )
    ids = [bill.id for found in bills.values() for bill in found]
    gone = pairs.made_from(work, INVOICES, ids).keys() | pairs.taken_targets(work, kind, ids)
    fitting: dict[str, list[Bill]] = {}
    for key, (record, orders) in billed.items():
        of_deal = {bill.id: bill for order in orders for bill in bills.get(order, ())}
        fitting[key] = [bill for bill in of_deal.values() if bill.id not in gone and _fits(record, bill)]
    return fitting


def _may_be_paid(record: SourceRecord) -> bool:
    return isinstance(record.core, PaidInvoice) and record.core.may_be_paid


def _fits(record: SourceRecord, bill: Bill) -> bool:
    invoice = record.core
    assert isinstance(invoice, PaidInvoice)
    is_same = invoice.total is not None and invoice.total.quantize(CENT) == bill.total.quantize(CENT)
    return is_same and invoice.currency == bill.currency
