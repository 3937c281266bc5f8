"""Everything a new Visma.net company of the sandbox holds."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.seed import visma_company, visma_customers, visma_items


def things(account: Account, *, now: datetime) -> list[Thing]:
    """Return the records to insert, and set the number series behind what is there already."""
    records = (*visma_company.records(now), *visma_items.records(now), *visma_customers.records(now))
    account.counters = {
        **account.counters,
        "CUSTOMER": visma_customers.FIRST_NUMBER - 1 + visma_customers.count(),
        "inventoryId": 9000,
    }
    return [record.for_account(account) for record in records]
