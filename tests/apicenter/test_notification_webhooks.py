"""Webhooks through the outbox: tries, answers, order, switching off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from apicenter.notifications import events, outbox, webhooks
from apicenter.notifications.models import Delivery, Notification, Webhook
from apicenter.notifications.services import notify
from apicenter.notifications.webhooks import PostAnswer
from apicenter.organizations.models import AuditEntry, Organization
from tests.factories import inside, make_organization, make_user

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/services/T0/secret-part"
WEBHOOK_EVENTS = [events.TRIAL, events.WEBHOOK_OFF]


class Receiver:
    """Stands for the other side: answers as told, and remembers what came."""

    def __init__(self, *answers: PostAnswer) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, object]] = []
        self.headers: list[Mapping[str, str]] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        assert url == URL
        self.bodies.append(json.loads(body))
        self.headers.append(headers)
        return self.answers.pop(0) if self.answers else PostAnswer(status=200, text="ok")


BROKEN = PostAnswer(status=500, text="oops")


@pytest.fixture
def organization() -> Iterator[Organization]:
    organization = make_organization("Verhaegen Licht", owner=make_user())
    with inside(organization):
        yield organization


@pytest.fixture
def webhook(organization: Organization) -> Webhook:
    made, _secret = webhooks.create_webhook(name="Books", url=URL, form="generic", events=WEBHOOK_EVENTS, language="fr")
    return made


def tell(number: int = 1) -> None:
    notify(events.TRIAL, params={"number": number}, key=f"trial:{number}")


def soon(hours: float = 0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1, hours=hours)


def rows() -> list[Delivery]:
    return list(Delivery.objects.filter(channel="webhook").order_by("created_at"))


def test_a_message_is_sent_signed_in_the_webhooks_language(webhook: Webhook):
    receiver = Receiver()
    tell()

    outbox.send_due_here(post=receiver, now=soon())

    assert receiver.bodies[0]["event"] == events.TRIAL
    assert receiver.headers[0]["webhook-id"] == str(rows()[0].pk)
    assert rows()[0].state == Delivery.State.SENT
    assert rows()[0].answers[0]["status"] == 200
    assert Webhook.objects.get().worked_at is not None


def test_one_that_fails_is_tried_again_with_the_same_id(webhook: Webhook):
    receiver = Receiver(BROKEN, PostAnswer(problem="answer.late"))
    tell()

    for hours in (0, 0.1, 0.5):
        outbox.send_due_here(post=receiver, now=soon(hours))

    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    assert [one["status"] for one in rows()[0].answers] == [500, None, 200]
    assert rows()[0].state == Delivery.State.SENT
    assert Webhook.objects.get().failing_since is None


def test_those_behind_one_that_failed_wait_their_turn(webhook: Webhook):
    receiver = Receiver(BROKEN)
    tell(1)
    tell(2)

    outbox.send_due_here(post=receiver, now=soon())

    assert len(receiver.bodies) == 1
    assert [row.tries for row in rows()] == [1, 0]


def test_one_that_fails_for_days_is_switched_off_and_admins_are_told(webhook: Webhook):
    tell(1)
    outbox.send_due_here(post=Receiver(BROKEN), now=soon())
    tell(2)
    outbox.send_due_here(post=Receiver(BROKEN), now=soon(hours=24 * 5 + 1))
    mail.outbox.clear()
    outbox.send_due_here(post=Receiver(), now=soon(hours=24 * 5 + 2))

    assert not Webhook.objects.get().is_on
    assert {row.state for row in rows()} == {Delivery.State.FAILED}
    assert [message.subject for message in mail.outbox if "Books" in message.subject]
    assert Notification.objects.filter(event=events.WEBHOOK_OFF).count() == 1


def test_it_is_told_only_what_it_listens_to(webhook: Webhook):
    notify(events.TEST)

    assert rows() == []


def test_one_that_is_off_is_told_nothing(webhook: Webhook):
    webhooks.switch(webhook, is_on=False)
    tell()

    assert rows() == []


def test_address_and_secret_are_stored_sealed_and_never_audited(webhook: Webhook):
    stored = Webhook.objects.get()

    assert b"secret-part" not in bytes(stored.sealed)
    assert stored.host == "hooks.example.com"
    assert "secret-part" not in str(list(AuditEntry.objects.values()))


def test_another_secret_signs_from_then_on(webhook: Webhook):
    old = webhook.read()["secret"]

    new = webhooks.rotate_secret(webhook)

    assert new != old
    assert Webhook.objects.get().read() == {"url": URL, "secret": new}


def test_the_same_key_is_told_once(organization: Organization):
    tell(1)

    assert notify(events.TRIAL, key="trial:1") is None
    assert Notification.objects.count() == 1


def test_an_unknown_event_is_a_fault(organization: Organization):
    with pytest.raises(KeyError):
        notify("no.such.event")
