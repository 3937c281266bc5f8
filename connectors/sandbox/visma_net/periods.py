"""Financial periods: a document in a closed one is refused."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.models import Account
from connectors.sandbox.options import Options
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.refusal import Refused

LEDGERS = {"closedInCustomerLedger": "customer ledger", "closedInGeneralLedger": "general ledger"}


def open_period(account: Account, *, date: str, period: str | None, ledger: str = "closedInCustomerLedger") -> str:
    """Return the period (YYYYPP) of a document. Raises Refused when it is closed or unknown."""
    wanted = period or day_of(date).strftime("%Y%m")
    thing = store.find(account, "period", wanted)
    if thing is None:
        raise Refused(f"The financial period '{wanted}' cannot be found in the system.", period=wanted)
    if thing.body[ledger] or wanted in Options.of(account).closed_periods:
        raise Refused(
            f"Financial period {wanted[4:]}-{wanted[:4]} is closed in the {LEDGERS[ledger]}.",
            code="1601-FinancialPeriodClosed",
            period=wanted,
        )
    return wanted


def day_of(text: str) -> datetime:
    """Read the day of a document's date. Raises Refused."""
    try:
        return datetime.strptime(str(text)[:10], "%Y-%m-%d")
    except ValueError as error:
        raise Refused(f"Could not convert string to DateTime: '{text}'.") from error


def date_text(text: str) -> str:
    """Return a document's date as it is read back."""
    return f"{day_of(text):%Y-%m-%d}T00:00:00"
