"""Everything a fresh fake Teamleader account holds: an invented lighting and interior firm in Ghent."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.seed import (
    teamleader_customers,
    teamleader_deals,
    teamleader_invoices,
    teamleader_products,
    teamleader_settings,
)


def things(account: Account, *, now: datetime) -> list[Thing]:
    """The records, unsaved; times count back from `now`, all else is the same in every seeding."""
    at = now.replace(microsecond=0)
    sources = (
        teamleader_settings,
        teamleader_customers,
        teamleader_products,
        teamleader_deals,
        teamleader_invoices,
    )
    return [record.for_account(account) for source in sources for record in source.records(at)]
