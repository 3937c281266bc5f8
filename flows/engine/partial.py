"""A record that stands in the target while something that goes with it does not: bound, and tried again until it is.

The next try is an update, which looks up every part before it makes it; so neither the record nor a part comes twice.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from apicenter.errors import FlowError, OutcomeUnknown, RateLimited, RetryableError
from connectors.base import Written
from flows.engine.made import MADE
from flows.engine.plan import Action
from flows.engine.store import Outcome
from flows.models import RunRecord

if TYPE_CHECKING:
    from flows.engine.work import Work

State = RunRecord.State
LONGEST_BACKOFF = timedelta(hours=1)


def without_part(work: Work, done: Outcome, written: Written) -> Outcome:
    """Return how the record goes on when a part of it could not be written. Its intent is settled: it stands."""
    part = written.missing
    assert part is not None
    error = part.error
    assert error is not None
    params = {
        "system": work.system,
        "what": done.row.natural_key,
        "number": written.number or written.id,
        "part": f"{part.title} {part.label}",
        "why": str(error),
    }
    if done.change.action is Action.CREATE or done.row.params.get(MADE):
        params[MADE] = "1"
    done.is_partial = True
    done.state, done.code, done.params = State.WAITING, "part.waiting", params
    if isinstance(error, RateLimited):
        done.code, done.params, done.counts_attempt = error.code, {**params, **error.params}, False
        done.next_at = error.retry_at or timezone.now() + timedelta(seconds=settings.ENV.RETRY_BASE_SECONDS)
    elif isinstance(error, OutcomeUnknown):
        done.next_at = timezone.now() + work.quiet
    elif isinstance(error, RetryableError | FlowError):
        if isinstance(error, FlowError):
            done.code, done.params = error.code, {**params, **error.params}
        done.next_at = timezone.now() + backoff(done.row.attempts)
    else:
        done.state, done.code, done.field = State.NEEDS_YOU, "part.refused", error.field
    return done


def backoff(attempts: int) -> timedelta:
    """Return how long a failed call rests: doubling, with jitter, at most an hour."""
    seconds = settings.ENV.RETRY_BASE_SECONDS * 2 ** min(attempts, 10)
    jitter = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, hides nothing
    return min(timedelta(seconds=seconds * jitter), LONGEST_BACKOFF)
