"""Deliveries: forged, doubled, out of order, too many; they cost a read, never a record, and move no cursor."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from connectors.events import Delivery, Hint, NotForUs, Webhooks
from connectors.models import Connection, WebhookAddress
from connectors.webhook_addresses import address_of
from flows.models import Flow, Job, KeyToRead, Run, RunRecord, Tally
from flows.running.queue import Queue
from flows.running.runner import drain
from flows.services import pause, start_run
from flows.triggers.hints import start_all_hinted
from flows.triggers.instant import set_reacts_at_once
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db


class ShelfWebhooks(Webhooks):
    """Deliveries {"key", "kind", "account"}."""

    kinds = frozenset({"products"})

    @classmethod
    def read(cls, delivery: Delivery) -> list[Hint]:
        body = json.loads(delivery.body)
        if body.get("account", "memory") != "memory":
            raise NotForUs("hint.other_account")
        return [Hint("changed", body.get("kind", "products"), body.get("key", ""))]


@pytest.fixture
def told(shelf_flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Flow:
    """A flow whose first run is done and whose source announces changes."""
    cache.clear()
    monkeypatch.setattr(Shelf, "webhooks", ShelfWebhooks, raising=False)
    Connection.objects.filter(pk=shelf_flow.source_id).update(account_id="memory")
    return shelf_flow


def post(flow: Flow, *, secret: str = "", body: Any = None, **options: Any) -> Any:
    known = address_of(flow.source)
    data = body if isinstance(body, bytes) else json.dumps(body or {})
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    path = f"/api/deliveries/{secret or known.read_token()}/"
    return client.post(path, data, content_type="application/json", **options)


def settle() -> None:
    Job.objects.update(next_at=timezone.now())
    work_until_idle()


def test_a_hint_reads_one_record_and_moves_no_cursor(told: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B")]

    answer = post(told, body={"key": "S-B"})
    settle()

    assert (answer.status_code, answer.content) == (200, b"")
    run = Run.objects.get()
    assert (run.trigger, run.state, run.started_by) == (Run.Trigger.WEBHOOK, Run.State.DONE, None)
    assert shelf.writes == [("create", "B")]
    tally = Tally.objects.get(run=run)
    assert tally.is_balanced
    assert (tally.read, tally.created) == (1, 1)
    told.refresh_from_db()
    assert told.cursor is None
    assert told.hinted_at is not None
    assert not KeyToRead.objects.exists()


def test_a_flood_for_one_record_is_one_read(told: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    shelf.rows = [make_row("A")]
    read = []
    monkeypatch.setattr(shelf.source("products"), "reread", lambda keys: read.append(list(keys)) or [], raising=False)

    for _ in range(50):
        post(told, body={"key": "S-A"})
    row = KeyToRead.objects.get()

    assert (row.times, Run.objects.count(), Job.objects.count()) == (50, 1, 1)
    settle()
    assert read == [["S-A"]]


def test_deliveries_doubled_and_out_of_order_end_in_the_present_state(told: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", name="New", minutes=5)]

    for name in ("newest", "older", "older"):
        post(told, body={"key": "S-A", "says": name})
        settle()

    assert [thing["name"] for thing in shelf.things.values()] == ["New"]
    assert shelf.writes == [("create", "A")]


def test_a_hint_that_comes_while_its_record_is_read_is_read_again(told: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    post(told, body={"key": "S-A"})
    shelf.before_create = lambda code: (
        shelf.rows[0].update(name="Newer", at=make_row("A", minutes=9)["at"]),
        post(told, body={"key": "S-A"}),
        setattr(shelf, "before_create", lambda code: None),
    )

    settle()

    assert [thing["name"] for thing in shelf.things.values()] == ["Newer"]
    assert not KeyToRead.objects.exists()


def test_a_hint_that_comes_between_the_answer_and_its_storing_is_read_again(told: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    post(told, body={"key": "S-A"})
    shelf.after_fetch = lambda keys: (
        shelf.rows[0].update(name="Newer", at=make_row("A", minutes=9)["at"]),
        post(told, body={"key": "S-A"}),
        setattr(shelf, "after_fetch", lambda keys: None),
    )

    settle()

    assert [thing["name"] for thing in shelf.things.values()] == ["Newer"]
    assert not KeyToRead.objects.exists()


def test_a_delivery_for_another_account_is_set_aside(told: Flow):
    answer = post(told, body={"key": "S-A", "account": "somebody else"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert not KeyToRead.objects.exists()
    address = WebhookAddress.objects.get()
    assert (address.refused_count, address.refused_code, address.delivery_count) == (1, "hint.other_account", 0)


def test_the_endpoint_reveals_nothing_and_needs_no_session(told: Flow):
    unknown = post(told, secret="x" * 43, body={"key": "S-A"})
    oversized = post(told, body=b"x" * (64 * 1024 + 1))
    got = Client().get(f"/api/deliveries/{address_of(told.source).read_token()}/")

    assert (unknown.status_code, unknown.content) == (404, b"")
    assert (oversized.status_code, oversized.content) == (413, b"")
    assert got.status_code == 405
    assert not unknown.cookies
    assert not oversized.cookies
    assert not KeyToRead.objects.exists()


def test_too_many_deliveries_are_slowed_down(told: Flow, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dashboard.api.deliveries.MOST_PER_MINUTE", 2)

    answers = [post(told, body={"key": "S-A"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_the_secret_is_not_stored_in_clear(told: Flow):
    address = address_of(told.source)

    stored = WebhookAddress.objects.values_list("digest", "token").get()

    assert address.read_token() not in stored[0]
    assert address.read_token().encode() not in bytes(stored[1])


@pytest.mark.parametrize("how", ["paused", "switched off", "other kind"])
def test_what_nobody_waits_for_leaves_nothing(told: Flow, how: str):
    if how == "paused":
        pause(told)
    if how == "switched off":
        set_reacts_at_once(told, wanted=False)

    post(told, body={"key": "S-A", "kind": "orders" if how == "other kind" else "products"})

    assert not KeyToRead.objects.exists()
    assert not Run.objects.exists()


def test_hints_wait_until_the_first_run_has_read_everything(told: Flow, shelf: Shelf):
    Flow.objects.update(adopted_at=None)
    post(told, body={"key": "S-A"})
    assert KeyToRead.objects.count() == 1
    assert not Run.objects.exists()

    Flow.objects.update(adopted_at=timezone.now())

    assert start_all_hinted() == 1
    assert start_all_hinted() == 0


def test_a_hint_without_a_key_reads_what_changed_lately_once(told: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B")]

    for _ in range(3):
        post(told, body={})
    settle()

    assert [code for _, code in shelf.writes] == ["A", "B"]
    assert Run.objects.count() == 1
    told.refresh_from_db()
    assert told.cursor is not None  # an ordinary pass, told by the source
    post(told, body={})
    assert KeyToRead.objects.count() == 1
    assert start_all_hinted() == 0
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert start_all_hinted() == 1


def test_a_hint_overtakes_a_long_read_but_not_its_bookkeeping(told: Flow, shelf: Shelf):
    """The long run reads in one slice; the hint's job is the more urgent one of the two."""
    shelf.rows = [make_row(f"L{number}") for number in range(9)]
    long = start_run(told, Run.Trigger.MANUAL)

    post(told, body={"key": "S-L8"})
    Job.objects.update(next_at=timezone.now())

    first = Job.objects.order_by("priority").first()
    assert first is not None
    assert first.run_id != long.pk
    while drain(Queue.BULK):
        pass
    codes = [code for _, code in shelf.writes]
    assert codes[0] == "L8"
    assert sorted(codes) == [f"L{number}" for number in range(9)]
    for run in Run.objects.all():
        assert all(tally.is_balanced for tally in run.tallies.all())
    assert RunRecord.objects.filter(state=RunRecord.State.WAITING).count() == 0
