"""What makes two failures the same task: the cause with those of its parameters that one decision settles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

CHOOSING = ("match.ambiguous", "match.suggested")  # a person says which record it is, or that it is none of them

# The parameters that make two failures of one code the same task. A code that is not here is one task per flow.
TASK_PARAMS: dict[str, tuple[str, ...]] = {
    "value.no_pair": ("table", "key"),
    "vat.no_pair": ("table", "key"),
    "product.missing": ("sku", "system"),
    "customer.inactive": ("customer", "system"),
    "item.inactive": ("sku", "system"),
    "match.ambiguous": ("key", "system", "candidates"),
    "match.suggested": ("key", "system", "candidates"),
    "refused.by_target": ("answer", "system"),
    "permission.missing": ("what", "system"),
    "setting.missing": ("setting",),
    "mapping.failed": ("field", "why"),
    "mapping.required": ("field",),
    "look_up.none": ("value", "where"),
    "look_up.several": ("value", "where"),
    "currency.unknown": ("currency", "system"),
    "stock.short": ("item", "place"),
    "period.closed": ("date", "system"),
}


def cause_key(flow_id: UUID, code: str, params: Mapping[str, Any]) -> str:
    """Return 16 characters that all records of one task share."""
    parts = [str(flow_id), code, *(str(params.get(name, "")) for name in TASK_PARAMS.get(code, ()))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
