"""What stops the start because it names something that does not exist."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_price_list(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A price for a kind of flow that does not exist is a misspelling, and would charge the wrong price."""
    from flows.catalog.registry import FLOW_KINDS  # imports models

    prices = settings.ENV.PLANS
    unknown = sorted(set(prices.kinds) - set(FLOW_KINDS)) if prices else []
    if not unknown:
        return []
    known = ", ".join(sorted(FLOW_KINDS))
    return [Error(f"PLANS has prices for kinds of flows that do not exist: {', '.join(unknown)}. There are: {known}.")]
