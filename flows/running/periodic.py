"""What happens by the clock, whoever's clock it is: the dispatcher's in the embedded mode, Celery beat's otherwise.

Each entry may run late, or twice at once: what it does is claimed row by row. One that fails does not stop the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError

from apicenter.api.kept_answers import purge_answers
from apicenter.notifications.inbox import purge_old
from flows.demo.life import deliver_for_sandboxes, live_sandboxes
from flows.log.retention import purge_all
from flows.needs.cause_tasks import refresh_all_tasks
from flows.plans.trials import look_after_all
from flows.reconciling.nightly import start_due_checks
from flows.running.clock import mend_all
from flows.services import start_due_flows
from flows.triggers.hints import start_all_hinted
from flows.triggers.instant import bring_into_line
from flows.watching.telling import tell
from flows.watching.watchdog import look

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A piece of work for the whole platform and how often it is done."""

    name: str
    seconds: float
    work: Callable[[], object]


PERIODIC = (
    Periodic("clock", 15, mend_all),
    Periodic("schedule", 5, start_due_flows),
    Periodic("hints", 5, start_all_hinted),
    Periodic("instant updates", 15, bring_into_line),
    Periodic("nightly checks", 60, start_due_checks),
    Periodic("purge", 3600, purge_all),
    Periodic("purge answers", 3600, purge_answers),
    Periodic("causes", 120, refresh_all_tasks),
    Periodic("trials", 3600, look_after_all),
    Periodic("life of the sandboxes", 20, live_sandboxes),
    Periodic("webhooks of the sandboxes", 5, deliver_for_sandboxes),
    Periodic("tell", 10, tell),
    Periodic("watchdog", 60, look),
    Periodic("purge_messages", 3600, purge_old),
)


def run_periodic(entry: Periodic) -> None:
    """Do one entry; anything but a lost database is logged and forgotten until its next turn. Raises DatabaseError."""
    try:
        entry.work()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("periodic work %s failed; it is tried again in %s s", entry.name, entry.seconds)
