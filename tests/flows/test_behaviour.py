"""How runs behave: in portions that lose nothing, in chosen hours, and giving up when every record needs somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apicenter.errors import Rejected
from flows.models import Flow, Run, RunRecord
from flows.running.behaviour import Behaviour, BehaviourError, set_behaviour
from flows.running.schedule import into_hours
from flows.services import resume, start_run, window_start
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("at", "begin", "end", "expected"),
    [
        ("09:30", "07:00", "19:00", "26 09:30"),
        ("05:00", "07:00", "19:00", "26 07:00"),
        ("19:00", "07:00", "19:00", "27 07:00"),
        ("23:30", "22:00", "05:00", "26 23:30"),  # over midnight
        ("04:59", "22:00", "05:00", "26 04:59"),
        ("12:00", "22:00", "05:00", "26 22:00"),
    ],
)
def test_a_turn_outside_of_the_hours_comes_when_they_begin(at: str, begin: str, end: str, expected: str):
    moment = datetime.combine(date(2026, 11, 26), time.fromisoformat(at), tzinfo=BRUSSELS).astimezone(UTC)

    found = into_hours(moment, time.fromisoformat(begin), time.fromisoformat(end), zone=BRUSSELS)

    assert f"{found.astimezone(BRUSSELS):%d %H:%M}" == expected


def test_a_run_stops_after_its_portion_and_the_next_turn_goes_on(shelf: Shelf, shelf_flow: Flow):
    shelf.rows = [make_row(f"SKU-{number}", minutes=number) for number in range(12)]
    set_behaviour(shelf_flow, Behaviour(most_per_run=5))
    seen = []

    for _turn in range(3):
        start_run(shelf_flow, Run.Trigger.SCHEDULE)
        work_until_idle()
        seen.append(len(shelf.things))

    assert seen == [8, 12, 12]  # whole pages of four
    run = Run.objects.order_by("created_at").first()
    assert run is not None
    assert (Run.objects.count(), run.state) == (2, Run.State.DONE)
    assert [tally.read for tally in run.tallies.all()] == [12]


def test_the_flow_pauses_when_every_record_needs_somebody(shelf: Shelf, shelf_flow: Flow):
    shelf.rows = [make_row(f"SKU-{number}", minutes=number) for number in range(12)]
    for number in range(12):
        shelf.fail(f"SKU-{number}", Rejected(system="Memory", answer="no"))
    set_behaviour(shelf_flow, Behaviour(most_errors=4))

    start_run(shelf_flow, Run.Trigger.SCHEDULE)
    work_until_idle()

    shelf_flow.refresh_from_db()
    assert (shelf_flow.state, shelf_flow.pause_code) == (Flow.State.PAUSED, "errors.in_row")
    assert RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).count() == 4
    shelf.failures.clear()
    resume(shelf_flow)
    work_until_idle()
    assert len(shelf.things) == 8


def test_a_later_start_holds_even_where_the_flow_has_read_further_back(shelf_flow: Flow):
    shelf_flow.cursor = timezone.now() - timedelta(days=30)
    set_behaviour(shelf_flow, Behaviour(start_from=timezone.now().date()))

    begin = window_start(shelf_flow)

    assert begin is not None
    assert begin > timezone.now() - timedelta(days=2)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Behaviour(most_per_run=0), "most_per_run"),
        (Behaviour(hours_from=time(7)), "hours_until"),
        (Behaviour(hours_from=time(7), hours_until=time(7)), "hours_until"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(shelf_flow: Flow, wanted: Behaviour, field: str):
    with pytest.raises(BehaviourError) as caught:
        set_behaviour(shelf_flow, wanted)

    assert caught.value.field == field
