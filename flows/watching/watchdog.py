"""The platform watches itself: who works the queue, whether it grows, whether letters go out. The operator is told.

What is wrong stands in the database, so it is seen by whoever still runs: the web processes notice a dispatcher that
has died, the dispatcher notices everything else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.mail import send_letter
from apicenter.notifications.models import Delivery
from apicenter.notifications.rules import Channel
from apicenter.tenancy import platform_context
from connectors.base import Text
from flows.models import Alarm, Heartbeat, Job, Run
from flows.running.held_up import DISK_FULL

logger = logging.getLogger(__name__)
SILENT_AFTER = timedelta(minutes=3)  # a heart beats every five seconds
LATE_AFTER = timedelta(minutes=10)
DAY = timedelta(days=1)
FEWEST_TRIES = 3
LOOK_SECONDS = 60
WORDS: dict[str, tuple[Text, Text]] = {
    "worker.silent": (
        _("Nobody works the queue"),
        _(
            "The dispatcher or the Celery beat has been silent since %(since)s. "
            "Start it: records wait, nothing is lost."
        ),
    ),
    "queue.late": (
        _("The queue is late"),
        _(
            "%(count)s jobs are due and not taken up, the oldest since %(since)s. "
            "Start more workers, or look at their log."
        ),
    ),
    "disk.full": (
        _("The disk of the database is full"),
        _("%(count)s runs stand still since %(since)s. Make room: records wait, nothing is lost."),
    ),
    "mail.unsent": (
        _("Messages do not go out"),
        _("Letters to %(count)s people could not be sent since %(since)s. Look at the mail server of EMAIL_URL."),
    ),
}


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is wrong with the platform just now; `code` is a key of WORDS."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


def symptoms(now: datetime) -> list[Symptom]:
    """Return what is wrong just now."""
    found = (_silent_worker(now), _late_queue(now), _full_disk(), _unsent_messages(now))
    return [one for one in found if one is not None]


def _silent_worker(now: datetime) -> Symptom | None:
    """No heart at all means that nothing was ever started, as on a machine that only serves pages."""
    last = Heartbeat.objects.aggregate(at=Max("beat_at"))["at"]
    return _since("worker.silent", last) if last is not None and last < now - SILENT_AFTER else None


def _late_queue(now: datetime) -> Symptom | None:
    """Jobs that somebody could take up and nobody does: their lane is neither at work nor held back by its vendor."""
    is_free = Q(lane__lease_until=None) | Q(lane__lease_until__lt=now)
    may_call = Q(lane__blocked_until=None) | Q(lane__blocked_until__lt=now)
    with platform_context():
        late = Job.unscoped.filter(
            is_free, may_call, next_at__lt=now - LATE_AFTER, lane__served_at__lt=now - LATE_AFTER
        )
        oldest, count = late.aggregate(at=Min("next_at"))["at"], late.count()
    return _since("queue.late", oldest, count=str(count)) if oldest is not None else None


def _full_disk() -> Symptom | None:
    """Runs that could still note that nothing else can be stored; without room even for that, only the log says so."""
    with platform_context():
        held = [
            run.held_up[-1]["since"]
            for run in Run.unscoped.filter(problem_code=DISK_FULL, state=Run.State.RUNNING).only("held_up")
        ]
    return _since("disk.full", datetime.fromisoformat(min(held)), count=str(len(held))) if held else None


def _unsent_messages(now: datetime) -> Symptom | None:
    """Letters of the last day that were tried several times in vain, and none that went out since."""
    with platform_context():
        unsent = Delivery.unscoped.filter(channel=Channel.EMAIL, tries__gte=FEWEST_TRIES, created_at__gt=now - DAY)
        unsent = unsent.exclude(state__in=[Delivery.State.SENT, Delivery.State.OVER])
        oldest, count = unsent.aggregate(at=Min("created_at"))["at"], unsent.values("target").distinct().count()
        if oldest is None or Delivery.unscoped.filter(channel=Channel.EMAIL, sent_at__gt=oldest).exists():
            return None  # a single address that takes nothing is its owner's business
    return _since("mail.unsent", oldest, count=str(count))


def _since(code: str, moment: datetime, **params: str) -> Symptom:
    return Symptom(code, {"since": f"{moment:%Y-%m-%d %H:%M} UTC", **params})


def look(now: datetime | None = None) -> list[Symptom]:
    """Raise and end alarms by what is wrong just now, and tell the operator what is new. Returns what is wrong."""
    at = now or timezone.now()
    found = symptoms(at)
    Alarm.objects.filter(over_at=None).exclude(code__in=[one.code for one in found]).update(over_at=at)
    for one in found:
        Alarm.objects.get_or_create(code=one.code, over_at=None, defaults={"params": one.params, "raised_at": at})
    _tell(at)
    return found


def look_now_and_then() -> None:
    """The same from a page that is called often: at most once a minute, whoever calls it."""
    if cache.add("watchdog", True, LOOK_SECONDS):
        look()


def is_worker_silent(now: datetime | None = None) -> bool:
    """Whether nobody has worked for minutes, as a page may have to say."""
    return _silent_worker(now or timezone.now()) is not None


def _tell(now: datetime) -> None:
    """Write to the operator about every alarm that was not told, once each; one that cannot be sent is tried again."""
    for alarm in Alarm.objects.filter(over_at=None, told_at=None):
        title, text = (str(part) % alarm.params for part in WORDS[alarm.code])
        logger.error("%s: %s", title, text)
        with transaction.atomic():
            if not Alarm.objects.filter(pk=alarm.pk, told_at=None).update(told_at=now):
                continue
            if not settings.ENV.OPERATOR_EMAIL:
                continue
            try:
                context = {"title": title, "text": text}
                send_letter("alarm", settings.ENV.OPERATOR_EMAIL, context, language=settings.LANGUAGE_CODE)
            except OSError as error:
                logger.warning("the alarm %s could not be sent: %s", alarm.code, error)
                transaction.set_rollback(True)
