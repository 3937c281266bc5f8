"""The nightly comparison: what no run brought is sent, what is accounted for is not read, what is gone is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apicenter.errors import FlowError, SettingMissing
from apicenter.notifications.models import Notification
from connectors.sandbox.models import Thing
from connectors.sandbox.teamleader.hooks import accept
from flows.models import Binding, Flow, Job, KeyToRead, LeftOut, Reconciliation, Run, RunRecord, Tally
from flows.needs.replays import forget_links, replay
from flows.reconciling import reconciliation
from flows.reconciling.nightly import next_check, set_checked_nightly, start_due_checks
from flows.reconciling.reconciliation import latest_check, start_check, vanished_of
from flows.services import pause, start_run
from tests.flows.live import Company, work_what_is_due
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def sent(shelf_flow: Flow, shelf: Shelf) -> Flow:
    """Nine records that were read and sent by an ordinary run."""
    shelf.rows = [make_row(f"P{number}", minutes=number) for number in range(9)]
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work()
    shelf.writes.clear()
    shelf.asked.clear()
    return shelf_flow


def work() -> None:
    Job.objects.update(next_at=timezone.now())
    work_until_idle()


def check(flow: Flow) -> Reconciliation:
    run = start_check(flow)
    work()
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.problem_code
    assert all(tally.is_balanced for tally in Tally.objects.filter(run=run))
    found = latest_check(flow)
    assert found is not None
    assert found.run_id == run.pk
    return found


def counts(report: Reconciliation) -> dict[str, int]:
    names = ("compared", "missing", "changed", "vanished", "target_gone", "older", "later", "left_over")
    return {name: value for name in names if (value := getattr(report, name))}


def test_when_all_is_well_nothing_is_read_and_nobody_told(sent: Flow, shelf: Shelf):
    report = check(sent)

    assert counts(report) == {"compared": 9}
    assert report.target_compared == 9
    assert shelf.asked == []  # no record was read
    assert not shelf.writes
    assert not Notification.objects.exists()
    sent.refresh_from_db()
    assert sent.cursor == datetime.fromisoformat(make_row("P8", minutes=8)["at"])


def test_what_polling_missed_is_found_and_sent_once(sent: Flow, shelf: Shelf):
    shelf.rows.append(make_row("OLD", minutes=1))  # with a time of change that polling has passed
    shelf.rows[0].update(name="Renamed", at=make_row("P0", minutes=2)["at"])
    start_run(sent, Run.Trigger.SCHEDULE)
    work()
    assert shelf.writes == []

    report = check(sent)

    assert counts(report) == {"compared": 10, "missing": 1, "changed": 1}
    assert sorted(shelf.writes) == [("create", "OLD"), ("update", "P0")]
    assert Notification.objects.get().event == "check.found"
    assert counts(check(sent)) == {"compared": 10}
    assert not KeyToRead.objects.exists()


def test_what_was_left_out_is_read_once_and_not_every_night(sent: Flow, shelf: Shelf):
    shelf.rows.append(make_row("X", minutes=1, omit="skip.no_quotation"))

    assert counts(check(sent)) == {"compared": 10, "missing": 1}
    RunRecord.objects.all().delete()  # the log is kept for a few days only
    assert counts(check(sent)) == {"compared": 10}
    shelf.rows[-1] = make_row("X", minutes=2)
    assert counts(check(sent)) == {"compared": 10, "changed": 1}

    assert shelf.writes == [("create", "X")]
    shelf.rows.pop()
    check(sent)
    assert not LeftOut.objects.exists()


def test_the_next_run_and_the_first_day_of_the_flow_keep_their_say(sent: Flow, shelf: Shelf):
    Flow.objects.update(start_from=datetime(2026, 11, 1, 8, tzinfo=UTC))
    shelf.rows += [make_row("NEW", at=(timezone.now() + timedelta(minutes=1)).isoformat())]
    shelf.rows += [make_row("ANCIENT", minutes=-9999)]

    assert counts(check(sent)) == {"compared": 11, "later": 1, "older": 1}
    assert not shelf.writes


def test_what_a_person_has_is_not_read_again(sent: Flow, shelf: Shelf):
    shelf.rows.append(make_row("BAD", minutes=20, broken=True))
    start_run(sent, Run.Trigger.MANUAL)
    work()
    held = RunRecord.objects.get(state=State.NEEDS_YOU)

    assert counts(check(sent)) == {"compared": 10}
    held.refresh_from_db()
    assert held.state == State.NEEDS_YOU


def test_what_vanished_is_verified_listed_and_never_deleted(sent: Flow, shelf: Shelf):
    gone = shelf.rows.pop(4)

    report = check(sent)

    assert counts(report) == {"compared": 8, "vanished": 1}
    (pair,) = vanished_of(sent)
    assert pair.source_key == gone["id"]
    assert pair.target_id in shelf.things
    assert not shelf.writes
    row = RunRecord.objects.get(run=report.run)
    assert (row.state, row.code) == (State.SKIPPED, "skip.deleted")
    assert counts(check(sent)) == {"compared": 8}  # told once

    shelf.rows.append(gone)
    check(sent)
    assert not vanished_of(sent).exists()


def test_a_list_that_moves_while_it_is_read_is_no_loss(sent: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    keys = type(shelf.source("products")).keys
    hidden = shelf.rows[0]["id"]

    def shifted(self: Any, position: Any) -> Any:
        page = keys(self, position)
        rows = tuple(row for row in page.rows if row.key != hidden)
        return type(page)(rows, page.position)

    monkeypatch.setattr(type(shelf.source("products")), "keys", shifted)

    assert counts(check(sent)) == {"compared": 8}
    assert not vanished_of(sent).exists()


def test_what_is_gone_in_the_target_is_a_question_to_a_person(sent: Flow, shelf: Shelf):
    gone = Binding.objects.get(source_key="S-P3")
    del shelf.things[gone.target_id]

    report = check(sent)

    assert counts(report) == {"compared": 9, "target_gone": 1}
    held = RunRecord.objects.get(state=State.NEEDS_YOU)
    assert (held.code, held.source_key, held.target_id) == ("drift.target_gone", "S-P3", gone.target_id)
    assert not shelf.writes
    assert counts(check(sent)) == {"compared": 9}  # it waits for a decision, and is not asked about twice

    assert replay(RunRecord.objects.filter(pk=held.pk)) == 1
    work()
    assert shelf.writes == [("create", "P3")]
    held.refresh_from_db()
    assert held.state == State.CREATED
    assert Binding.objects.get(source_key="S-P3").target_id != gone.target_id
    assert counts(check(sent)) == {"compared": 9}


def test_a_link_that_is_forgotten_stays_so_until_the_record_changes(sent: Flow, shelf: Shelf):
    del shelf.things[Binding.objects.get(source_key="S-P3").target_id]
    check(sent)

    assert forget_links(RunRecord.objects.filter(state=State.NEEDS_YOU), who="An Peeters") == 1
    RunRecord.objects.all().delete()

    assert counts(check(sent)) == {"compared": 9}
    assert not Binding.objects.filter(source_key="S-P3").exists()
    assert not shelf.writes


def test_an_update_that_meets_nothing_asks_the_same_question(sent: Flow, shelf: Shelf):
    del shelf.things[Binding.objects.get(source_key="S-P3").target_id]
    shelf.rows[3].update(name="Changed", at=make_row("P3", minutes=30)["at"])

    start_run(sent, Run.Trigger.MANUAL)
    work()

    held = RunRecord.objects.get(state=State.NEEDS_YOU)
    assert held.code == "drift.target_gone"
    replay(RunRecord.objects.filter(pk=held.pk))
    work()
    assert shelf.writes == [("create", "P3")]


def test_a_system_without_a_list_says_so(sent: Flow, shelf: Shelf):
    shelf.lists_keys = False
    shelf.rows.clear()

    report = check(sent)

    assert not report.lists_source
    assert counts(report) == {}
    assert not vanished_of(sent).exists()


def test_one_night_reads_no_more_than_it_may(sent: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reconciliation, "MOST_READ", 2)
    shelf.rows += [make_row(f"OLD{number}", minutes=1) for number in range(5)]

    first, second = check(sent), check(sent)

    assert counts(first) == {"compared": 14, "missing": 2, "left_over": 3}
    assert counts(second) == {"compared": 14, "missing": 2, "left_over": 1}
    assert len(shelf.writes) == 4


def test_two_clicks_make_one_comparison(sent: Flow):
    assert start_check(sent) == start_check(sent)


def test_there_is_nothing_to_compare_before_the_first_run(shelf_flow: Flow):
    with pytest.raises(FlowError, match="read everything once"):
        start_check(shelf_flow)
    pause(shelf_flow)
    with pytest.raises(SettingMissing):
        start_check(shelf_flow)


def test_it_comes_in_the_small_hours_and_not_for_flows_run_by_hand(sent: Flow):
    sent.organization.time_zone = "Europe/Brussels"
    sent.organization.save()
    at = next_check(Flow.objects.get(), after=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert datetime(2026, 7, 1, 23, tzinfo=UTC) <= at < datetime(2026, 7, 2, 3, tzinfo=UTC)

    assert start_due_checks() == 0  # learns its turn
    sent.refresh_from_db()
    assert sent.check_at is not None
    Flow.objects.update(check_at=timezone.now() - timedelta(minutes=1))
    assert start_due_checks() == 0  # nobody starts it by hand
    Flow.objects.update(check_at=timezone.now() - timedelta(minutes=1), every_minutes=15)
    assert start_due_checks() == 1
    assert start_due_checks() == 0
    Run.objects.filter(trigger=Run.Trigger.RECONCILE).update(state=Run.State.DONE)
    Flow.objects.update(check_at=timezone.now() - timedelta(hours=9))
    assert start_due_checks() == 0  # too late for tonight

    set_checked_nightly(Flow.objects.get(), wanted=False)
    assert start_due_checks() == 0
    assert Flow.objects.get().check_at is None


@pytest.mark.filterwarnings("ignore:No directory at:UserWarning")
def test_a_quotation_accepted_after_its_deal_was_won_is_found(company: Company, env: Callable[..., None]):
    """No event tells of it and the deal does not change, so no window of changes holds it."""
    env(CURSOR_LAG_SECONDS=0)
    Flow.objects.filter(kind="orders").update(start_from=timezone.now() - timedelta(seconds=5))
    company.run("orders")
    quotation = waiting_quotation(company)
    accept(company.account("teamleader"), quotation.key)
    polled = company.run("orders")
    assert not Tally.objects.filter(run=polled, created__gt=0).exists()

    run = start_check(company.flow("orders"))
    work_what_is_due()

    report = Reconciliation.objects.get(run=run)
    assert (report.missing, report.changed, report.vanished) == (1, 0, 0)
    assert report.compared == len(company.things("teamleader", "quotation"))
    tally = company.tally(run, "orders")
    assert (tally.read, tally.created) == (1, 1)
    assert report.older > 10


def waiting_quotation(company: Company) -> Thing:
    """Return an open quotation of a won deal that has no accepted one."""
    account = company.account("teamleader")
    won = {deal.key for deal in company.things("teamleader", "deal") if deal.body["status"] == "won"}
    quotations = company.things("teamleader", "quotation")
    buying = {one.body["deal"]["id"] for one in quotations if one.body["status"] == "accepted"}
    open_ones = [one for one in quotations if one.body["deal"]["id"] in won - buying]
    assert open_ones, f"{account}: no such quotation in the seed"
    return open_ones[0]
