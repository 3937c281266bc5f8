"""Several orders of one deal, told together: their numbers side by side, and how far all of them have come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.base import ReadRecord, SourceRecord
from connectors.core import OrderStatus
from flows.catalog.back import counterpart_of
from flows.catalog.base import with_resolved
from flows.engine import pairs, store

if TYPE_CHECKING:
    from flows.engine.work import Work

# how far an order has come, the least first
PROGRESS = ("Hold", "CreditHold", "PendingApproval", "Open", "BackOrder", "Shipping", "Completed", "Invoiced")
ENDED = ("Cancelled", "Voided")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to a deal: its orders, by number, and whether another of them is still to be sent."""

    orders: tuple[OrderStatus, ...]
    is_waiting: bool = False

    @property
    def together(self) -> OrderStatus:
        return joined(self.orders, is_waiting=self.is_waiting)


def with_the_others(
    work: Work, kind: str, records: Sequence[ReadRecord], finish: Callable[[SourceRecord, Told], SourceRecord]
) -> list[ReadRecord]:
    """Put the other orders of its deal on each record of ours, and let `finish` add what the kind needs.

    `resolved.deal` names the deal, "" if it is gone. Two queries, a call per deal; the other orders are read too.
    """
    ours = {
        record.key: key for record in records if isinstance(record, SourceRecord) and (key := counterpart_of(record))
    }
    owners = work.target(kind).owners(list(ours.values())) if ours else {}
    keys = {key for owner in owners.values() for key in owner.keys}
    sent = pairs.made_from(work, work.kind.partners, keys) | {key: order for order, key in ours.items()}
    waiting = store.still_to_be_made(work, work.kind.partners, keys) - sent.keys() if keys else set()
    known = _with_missing(work, records, sent.values())

    def told(record: ReadRecord) -> ReadRecord:
        if record.key not in ours or not isinstance(record, SourceRecord):
            return record
        owner = owners.get(ours[record.key])
        of_deal = {key for key in owner.keys if key in sent} if owner else set()
        orders = {sent[key] for key in of_deal} | {record.key}
        all_told = Told(_by_number(known, orders), bool(owner and waiting.intersection(owner.keys)))
        named = with_resolved(record, deal=owner.id if owner else "")
        return finish(replace(named, core=all_told.together), all_told)

    return [told(record) for record in records]


def _with_missing(work: Work, records: Sequence[ReadRecord], wanted: Iterable[str]) -> dict[str, OrderStatus]:
    """Return the orders of these keys: those at hand, and the rest as they are read now."""
    at_hand = {record.key for record in records}
    rest = sorted(key for key in set(wanted) if key not in at_hand)
    found = [*records, *(work.source.fetch(rest) if rest else ())]
    return {one.key: one.core for one in found if isinstance(one, SourceRecord) and isinstance(one.core, OrderStatus)}


def _by_number(known: Mapping[str, OrderStatus], keys: Iterable[str]) -> tuple[OrderStatus, ...]:
    orders = [known[key] for key in keys if key in known]
    return tuple(sorted(orders, key=lambda one: (one.order_type, len(one.number), one.number)))


def joined(orders: Sequence[OrderStatus], *, is_waiting: bool = False) -> OrderStatus:
    """Return orders as one: texts side by side, amounts added, and the status of the one that has come least far.

    Orders that ended count only if all have. There is no status while one is not known, or is still to be sent.
    """
    first = orders[0]
    if len(orders) == 1:
        return first.model_copy(update={"status": None}) if is_waiting else first
    currencies = {one.currency for one in orders}
    totals = [one.total for one in orders]
    is_sum = len(currencies) == 1 and None not in totals
    return first.model_copy(
        update={
            "number": _texts(one.number for one in orders) or "",
            "status": None if is_waiting else least_far([one.status for one in orders]),
            "currency": first.currency if len(currencies) == 1 else None,
            "total": sum((one for one in totals if one is not None), Decimal(0)) if is_sum else None,
            "shipped_on": min((one.shipped_on for one in orders if one.shipped_on), default=None),
            "shipments": tuple(shipment for one in orders for shipment in one.shipments),
            "tracking_number": _texts(one.tracking_number for one in orders),
            "invoice_number": _texts(one.invoice_number for one in orders),
            "invoice_status": _texts(one.invoice_status for one in orders),
        }
    )


def least_far(statuses: Sequence[str | None]) -> str | None:
    """Return the status of the order that has come least far; None if one has a status we cannot place."""
    going = [one for one in statuses if one not in ENDED]
    if not going:
        return statuses[0]
    known = [one for one in going if one in PROGRESS]
    return min(known, key=PROGRESS.index) if len(known) == len(going) else None


def _texts(texts: Iterable[str | None]) -> str | None:
    return ", ".join(dict.fromkeys(text for text in texts if text)) or None
