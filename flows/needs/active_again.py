"""Records held because a customer or an item could not be used in the target: sent again once it can, by themselves."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING

from connectors.base import Usable
from flows.models import RunRecord
from flows.needs.replays import replay

if TYPE_CHECKING:
    from flows.engine.work import Work

logger = logging.getLogger(__name__)
MOST_ASKED = 20  # of each kind in one run; of more, others are looked at the next time
NAMED_IN = {"customer.inactive": (Usable.CUSTOMER, "customer"), "item.inactive": (Usable.ITEM, "sku")}


def release_usable(work: Work) -> int:
    """Look at what such records of the flow wait for, and send those again that need wait no longer. Returns how many.

    Raises RetryableError, FlowError.
    """
    held = RunRecord.objects.filter(flow=work.flow, state=RunRecord.State.NEEDS_YOU, code__in=NAMED_IN)
    waiting: dict[tuple[str, str], list[RunRecord]] = {}
    for row in held.only("pk", "code", "params"):
        waiting.setdefault((row.code, str(row.params.get(NAMED_IN[row.code][1], ""))), []).append(row)
    released = [row.pk for code in NAMED_IN for key in _usable(work, code, waiting) for row in waiting[code, key]]
    if released:
        logger.info("flow %s: %s records can be sent again", work.flow.pk, len(released))
    return replay(RunRecord.objects.filter(pk__in=released)) if released else 0


def _usable(work: Work, code: str, waiting: dict[tuple[str, str], list[RunRecord]]) -> set[str]:
    keys = [key for cause, key in waiting if cause == code and key]
    asked = random.sample(keys, min(len(keys), MOST_ASKED))
    target = work.target(work.kind.key)
    return target.usable(NAMED_IN[code][0], sorted(asked)) & set(asked) if asked else set()
