"""How many decimals amounts of a currency have (ISO 4217): 2, but for these."""

from __future__ import annotations

NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def decimals_of(currency: str) -> int:
    """Return how many decimals amounts of this currency have."""
    code = currency.strip().upper()
    return 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2
