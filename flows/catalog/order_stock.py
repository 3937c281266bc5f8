"""The stock check of an orders flow: what is about to be sent is compared with what can be sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from flows.catalog.order_settings import StockCheck
from flows.documents.stock_check import Short, shortages
from flows.engine import rulings
from flows.engine.plan import Action, Change

if TYPE_CHECKING:
    from flows.engine.work import Work

LOOKS_AGAIN = timedelta(hours=1)
SHORT = "stock.short"


def check_stock(work: Work, kind: str, changes: Sequence[Change], how: StockCheck) -> list[Change]:
    """Hold back, let wait or remark on orders for which there is not enough. Raises RetryableError, FlowError."""
    if how is StockCheck.OFF:
        return list(changes)
    target = work.target(kind)
    needs = [(change.key, target.needs(change.payload)) for change in changes]
    items = sorted({need.item for _key, found in needs for need in found})
    short = shortages(needs, target.available(items)) if items else {}
    return [_checked(work, change, short.get(change.key, ()), how) for change in changes]


def _checked(work: Work, change: Change, short: Sequence[Short], how: StockCheck) -> Change:
    if not short or rulings.is_let_pass(work, change.key, SHORT):
        return change
    params = _params(short)
    if how is StockCheck.NOTE:
        return replace(change, note="stock.noted", note_params=params)
    retry_at = timezone.now() + LOOKS_AGAIN if how is StockCheck.WAIT else None
    return Change(Action.HOLD, change.key, change.natural_key, code=SHORT, params=params, retry_at=retry_at)


def _params(short: Sequence[Short]) -> dict[str, str]:
    first = short[0]
    return {
        "item": first.item,
        "wanted": _number(first.wanted),
        "available": _number(max(first.available, Decimal(0))),
        "place": first.place or "–",
        "count": str(len(short)),
    }


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
