"""A message on its way out: tried again, given up, sent once whoever sends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from apicenter.notifications import outbox
from apicenter.notifications.models import Delivery
from flows.models import RunRecord
from tests.dashboard.company import Company, make_company
from tests.factories import inside
from tests.flows.telling import NOON, hold, look, minutes, send, tell

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def company() -> Iterator[Company]:
    """One flow with nothing held back so far, seen from inside the organization."""
    company = make_company()
    with inside(company.organization):
        RunRecord.objects.all().delete()
        yield company


def test_a_mail_server_that_is_away_is_tried_again(company: Company, monkeypatch: pytest.MonkeyPatch):
    hold(company, 1)
    look(company, NOON)
    look(company, NOON + minutes(1))
    backend = "django.core.mail.backends.locmem.EmailBackend.send_messages"

    def refuse(*args: object) -> None:
        raise SMTPServerDisconnected("away")

    with monkeypatch.context() as patch:
        patch.setattr(backend, refuse)
        assert send(NOON + minutes(1)) == 0
    row = Delivery.objects.get(channel="email")
    assert (row.state, row.tries, row.problem) == ("waiting", 1, "mail.SMTPServerDisconnected")
    assert send(NOON + minutes(1.5)) == 0
    assert send(NOON + minutes(2.5)) == 1


def test_a_message_is_given_up_after_many_tries_and_can_be_sent_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    hold(company, 1)
    look(company, NOON)
    look(company, NOON + minutes(1))

    def refuse(*args: object) -> None:
        raise SMTPServerDisconnected("away")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        for day in range(10):
            send(NOON + timedelta(days=day, minutes=1))
    row = Delivery.objects.get(channel="email")
    assert row.state == Delivery.State.FAILED

    outbox.try_again(row)
    assert send(datetime.now(UTC) + minutes(1)) == 1


def test_two_workers_send_a_delivery_once(company: Company):
    hold(company, 1)
    look(company, NOON)
    look(company, NOON + minutes(1))
    row = Delivery.objects.get(channel="email")
    same_row = Delivery.objects.get(pk=row.pk)

    assert outbox.claim(row, NOON + minutes(1))
    assert not outbox.claim(same_row, NOON + minutes(1))
    assert send(NOON + minutes(2)) == 0


def test_a_delivery_of_a_worker_that_fell_silent_is_taken_up(company: Company):
    hold(company, 1)
    look(company, NOON)
    look(company, NOON + minutes(1))
    outbox.claim(Delivery.objects.get(channel="email"), NOON + minutes(1))

    assert send(NOON + minutes(5)) == 0
    assert send(NOON + minutes(7)) == 1


def test_a_message_that_never_gets_through_a_fault_of_ours_is_given_up(company: Company):
    hold(company, 1)
    look(company, NOON)
    look(company, NOON + minutes(1))
    row = Delivery.objects.get(channel="email")
    for turn in range(8):
        row.refresh_from_db()
        outbox.claim(row, NOON + minutes(10 * turn))

    assert send(NOON + minutes(90)) == 0
    assert Delivery.objects.get(pk=row.pk).state == Delivery.State.FAILED


def test_a_letter_can_be_unsubscribed_from_with_one_click(company: Company):
    hold(company, 1)
    tell(company, NOON)
    tell(company, NOON + minutes(1))
    headers = mail.outbox[0].extra_headers

    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/notifications/link/" in headers["List-Unsubscribe"]
    assert headers["Message-ID"].startswith(f"<{Delivery.objects.get(channel='email').pk}@")
