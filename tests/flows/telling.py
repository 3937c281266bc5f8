"""What is held back, looked at and told, for tests of messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import mail

from apicenter.notifications import outbox
from apicenter.notifications.look import look_at
from apicenter.notifications.models import Watch
from apicenter.notifications.webhooks import PostAnswer
from flows.models import RunRecord
from flows.watching.facts import aftermath, came_in, facts
from tests.dashboard.company import Company
from tests.factories import make_held_record, make_run

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Brussels
VAT = {"table": "vat", "key": "c6b8", "value": "FR 5.5 %"}


def no_post(url: str, body: bytes, headers: Any) -> PostAnswer:
    raise AssertionError("no webhook is expected")


def hold(company: Company, count: int, *, params: dict[str, Any] | None = None) -> list[RunRecord]:
    run = make_run(company.orders, minutes_ago=1)
    return [
        make_held_record(
            run, f"2026/{number}", code="vat.no_pair", params=params or VAT, label="Bruno Delattre, bruno@example.fr"
        )
        for number in range(count)
    ]


def look(company: Company, now: datetime) -> bool:
    Watch.objects.update(is_changed=True)
    return look_at(company.organization.pk, facts=facts, ask=aftermath, came_in=came_in, now=now)


def send(now: datetime) -> int:
    return outbox.send_due_here(post=no_post, now=now)


def tell(company: Company, now: datetime) -> list[str]:
    """Look and send; returns the subjects that went out."""
    mail.outbox.clear()
    look(company, now)
    send(now)
    return [str(message.subject) for message in mail.outbox]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
