"""Which documents of a CRM a flow takes as orders: a flow's settings say it, the source carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SendsWhen(StrEnum):
    """What makes a deal an order."""

    WON = "deal_won"
    PHASE = "deal_phase"  # the deal stands in a chosen phase
    ACCEPTED = "quotation_accepted"  # a quotation is accepted, whatever the deal
    PAID = "deal_paid"  # won, invoiced, and every invoice is paid


class Several(StrEnum):
    """What happens when a deal has more than one accepted quotation."""

    ALL = "all_quotations"  # each is an order of its own
    NEWEST = "newest_quotation"
    ASK = "ask_quotation"


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """What a source reads as orders. `phases` are ids of the source's own phases."""

    when: SendsWhen = SendsWhen.WON
    phases: frozenset[str] = frozenset()
    several: Several = Several.ALL
    takes_estimates: bool = False  # a deal without an accepted quotation is an order of its estimated value


@dataclass(frozen=True, slots=True)
class Known:
    """A record of the source that was sent, or that waits to be."""

    key: str
    is_sent: bool
