"""Times without a zone: another zone of the connection reads again what it puts behind the cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from connectors.auth import Tokens
from connectors.services import reconfigure
from connectors.tokens import store_tokens
from flows.models import Flow, Job, Run, RunRecord
from flows.running.source_clock import moved
from flows.services import start_run
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

SECRETS = {"client_id": "a", "client_secret": "b"}
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shelf, "clock_setting", "time_zone", raising=False)


@pytest.mark.parametrize(
    ("moment", "before", "after", "expected"),
    [
        (NOON, "UTC", "Europe/Oslo", NOON - timedelta(hours=2)),  # 12:00 on the wall was 10:00 UTC
        (NOON, "Europe/Oslo", "UTC", NOON),  # never ahead: an hour too many costs nothing
        (NOON, "Pacific/Auckland", "America/New_York", NOON),
        (NOON, "America/New_York", "Pacific/Auckland", NOON - timedelta(hours=16)),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "UTC", "Europe/Oslo", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (None, "UTC", "Europe/Oslo", None),
    ],
)
def test_a_moment_goes_back_to_what_its_clock_time_means(
    moment: datetime | None, before: str, after: str, expected: datetime | None
):
    assert moved(moment, before=before, after=after) == expected


def test_another_zone_moves_the_cursor_and_begins_a_reading_run_again(shelf_flow: Flow):
    Flow.objects.update(cursor=NOON)
    reading = Run.objects.create(
        flow=shelf_flow, trigger="manual", position={"page": 3}, since=NOON, seen_until=NOON, state="running"
    )
    done = Run.objects.create(
        flow=shelf_flow, trigger="manual", position={"page": 9}, since=NOON, state="done", phase="end"
    )

    reconfigure(shelf_flow.source, settings={"time_zone": "Europe/Oslo"}, secrets=SECRETS)

    for row in (shelf_flow, reading, done):
        row.refresh_from_db()
    earlier = NOON - timedelta(hours=2)
    assert shelf_flow.cursor == earlier
    assert (reading.position, reading.since, reading.seen_until) == (None, earlier, earlier)
    assert (done.position, done.since) == ({"page": 9}, NOON)


def test_the_zone_as_it_was_and_the_zone_of_a_target_move_nothing(shelf_flow: Flow):
    Flow.objects.update(cursor=NOON)

    reconfigure(shelf_flow.source, settings={"time_zone": "UTC"}, secrets=SECRETS)
    reconfigure(shelf_flow.target, settings={"time_zone": "Europe/Oslo"}, secrets=SECRETS)

    shelf_flow.refresh_from_db()
    assert shelf_flow.cursor == NOON


def test_a_page_that_was_read_with_the_old_clock_is_not_stored(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A"), make_row("B")]
    stored: list[int] = []

    def change(position: object) -> None:
        if len(shelf.asked) > 1:
            stored.append(RunRecord.objects.count())
            return
        for side in (shelf_flow.source, shelf_flow.target):  # the shelf is both
            reconfigure(side, settings={"time_zone": "Europe/Oslo"}, secrets=SECRETS)
            audience = next(iter(Shelf.auth.audiences))
            store_tokens(side, Tokens("a", "", 3600), audience=audience, asked_at=timezone.now())

    shelf.before_page = change
    run = start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()
    run.refresh_from_db()
    assert (run.problem_code, RunRecord.objects.count()) == ("remote.changed_meanwhile", 0)

    Job.objects.update(next_at=timezone.now())
    work_until_idle()

    run.refresh_from_db()
    assert (run.problem_code, run.state, stored, RunRecord.objects.count()) == ("", Run.State.DONE, [0], 2)


def test_a_zone_that_does_not_exist_is_refused(shelf_flow: Flow):
    with pytest.raises(ValidationError, match="time_zone"):
        reconfigure(shelf_flow.source, settings={"time_zone": "Europe/Nowhere"}, secrets=SECRETS)
