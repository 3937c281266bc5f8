"""What a person does on the pages of a flow: schedule, filter, settings, older records, stopping, deleting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apicenter.errors import RemoteUnavailable
from apicenter.organizations.models import AuditEntry, Membership, Organization
from apicenter.tenancy import organization_context
from connectors.models import Lane
from dashboard.flow_settings.setting_form import SettingForm
from flows.models import Binding, Flow, Job, Run, RunRecord, Tally
from flows.running import held_up
from flows.running.queue import Queue
from flows.services import start_run
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import show_again, signed_in_just_now
from tests.dashboard.test_setting_form import posted
from tests.factories import add_member, inside, make_held_record, make_organization, make_record, make_run, make_user
from tests.flows.memory import START, make_row
from tests.flows.shelf import Shelf, make_authorised_flow, use_shelf, work_until_idle

pytestmark = pytest.mark.django_db
State = RunRecord.State


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return use_shelf(monkeypatch)


@pytest.fixture
def flow(db: None, shelf: Shelf) -> Iterator[Flow]:
    """A flow between two systems in memory, so that nothing here needs a network."""
    call_command("createcachetable", verbosity=0)
    organization = make_organization(owner=make_user())
    with organization_context(organization.pk):
        yield make_authorised_flow()


@pytest.fixture
def client(flow: Flow) -> Client:
    return client_of(flow.organization)


def client_of(organization: Organization, role: str = Membership.Role.OWNER) -> Client:
    client = Client()
    with organization_context(organization.pk):
        found = Membership.objects.filter(role=role).select_related("user").first()
    client.force_login(found.user if found else _new_member(organization, role))
    return client


def _new_member(organization: Organization, role: str) -> object:
    user = make_user(f"{role}@example.com")
    add_member(organization, user, role=role)
    return user


def text_of(client: Client, path: str, **headers: str) -> str:
    return client.get(path, follow=True, headers=headers).content.decode()


def address(flow: Flow, rest: str = "") -> str:
    return f"/flows/{flow.pk}/{rest}"


def said(client: Client, path: str, data: Any = None) -> str:
    """Return the message that an action leaves."""
    return " ".join(str(message) for message in client.post(path, data or {}, follow=True).context["messages"])


def work() -> None:
    for queue in Queue:
        work_until_idle(queue)


# schedule


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"how": "30"}, (30, None, "")),
        ({"how": "daily", "at": "06:15", "cron": "junk"}, (None, "06:15", "")),
        ({"how": "cron", "cron": "0 6 * * 1-5"}, (None, None, "0 6 * * 1-5")),
        ({"how": "hand"}, (None, None, "")),
    ],
)
def test_a_schedule_is_chosen(client: Client, flow: Flow, sent: dict[str, str], stored: tuple[object, object, str]):
    client.post(address(flow, "schedule/save/"), sent)

    flow.refresh_from_db()
    at = flow.daily_at.strftime("%H:%M") if flow.daily_at else None
    assert (flow.every_minutes, at, flow.cron) == stored
    assert (flow.next_run_at is None) == (sent["how"] == "hand")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"how": "daily"}, "Choose a time."),
        ({"how": "cron", "cron": "0 99 * * *"}, "“99” cannot be read as hour."),
        ({"how": "cron"}, "five parts"),
        ({"how": "7"}, "Select a valid choice."),
        ({}, "This field is required."),
    ],
)
def test_a_wrong_schedule_is_told_and_changes_nothing(client: Client, flow: Flow, sent: dict[str, str], sentence: str):
    assert sentence in client.post(address(flow, "schedule/save/"), sent).content.decode()
    assert Flow.objects.get().next_run_at is None


def test_the_next_three_times_are_shown_while_one_chooses(client: Client, flow: Flow):
    part = text_of(client, address(flow, "schedule/?how=cron&cron=0+6+*+*+*"), hx_request="true")

    assert part.startswith('<div class="well small" id="coming"')
    assert part.count("06:00") == 3


def test_the_page_says_how_often_in_words(client: Client, flow: Flow):
    client.post(address(flow, "schedule/save/"), {"how": "daily", "at": "06:15"})

    assert "daily at 06:15" in text_of(client, address(flow))


# filter


def boxes(field: str = "sku", op: str = "starts_with", value: str = "L", **more: str) -> dict[str, str]:
    return {"join": "and", "g0-join": "and", "g0-r0-field": field, "g0-r0-op": op, "g0-r0-value": value, **more}


@pytest.fixture
def records(flow: Flow, shelf: Shelf) -> None:
    shelf.rows = [make_row(code, minutes=number) for number, code in enumerate(["L1", "L2", "X1"])]
    start_run(flow, Run.Trigger.MANUAL)
    work()


def test_a_filter_is_tried_on_real_records_before_it_is_saved(client: Client, flow: Flow, records: None):
    part = client.post(
        address(flow, "filters/try/"), boxes(part="hits"), headers={"hx-request": "true"}
    ).content.decode()

    assert "<b>2</b> of the last 3 records pass" in part
    assert part.index("L2") < part.index("X1")
    assert Flow.objects.get().filters is None


def test_a_filter_is_saved_and_shown_again(client: Client, flow: Flow, records: None):
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "save"})

    page = text_of(client, address(flow, "filters/"))
    assert 'value="L"' in page
    assert "SKU starts with “L”" in text_of(client, address(flow))
    assert AuditEntry.objects.get(action="flow.filters_changed").after == {"filter": "SKU starts with “L”"}


def test_a_row_is_added_without_javascript_and_keeps_what_was_entered(client: Client, flow: Flow, records: None):
    page = client.post(address(flow, "filters/try/"), {**boxes(), "do": "add-row:0"}).content.decode()

    assert "<html" in page
    assert 'value="L"' in page
    assert 'name="g0-r1-field"' in page


def test_a_wrong_row_is_told_and_nothing_is_saved(client: Client, flow: Flow, records: None):
    page = client.post(address(flow, "filters/save/"), boxes(op="matches", value="(")).content.decode()

    assert "This pattern cannot be read." in page
    assert 'aria-invalid="true"' in page
    assert Flow.objects.get().filters is None


def test_a_filter_is_cleared(client: Client, flow: Flow, records: None):
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "save"})
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "clear"})

    assert Flow.objects.get().filters is None


def test_a_system_that_is_away_leaves_the_filter_as_it_is(client: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch):
    def fail(source: object) -> list[object]:
        raise RemoteUnavailable(system="Memory")

    monkeypatch.setattr(Shelf.sources["products"], "fields", fail)

    page = client.post(address(flow, "filters/save/"), boxes()).content.decode()

    assert "Memory cannot be reached at the moment." in page
    assert Flow.objects.get().filters is None


# settings


def test_settings_are_saved_and_marked_and_set_back(client: Client, flow: Flow):
    changed = posted(SettingForm(flow, {}, []), only_sellable=False)
    assert "Saved." in said(client, address(flow, "settings/save/"), changed)
    flow.refresh_from_db()
    assert flow.settings["only_sellable"] is False

    page = text_of(client, address(flow, "settings/"))
    assert "Usual: yes." in page
    assert 'name="reset" value="only_sellable"' in page

    assert "as usual again" in said(client, address(flow, "settings/save/"), {"reset": "only_sellable"})
    flow.refresh_from_db()
    assert flow.settings["only_sellable"] is True


def test_saving_says_how_many_records_are_sent_again(client: Client, flow: Flow):
    run = make_run(flow)
    for key in ("A", "B"):
        make_held_record(run, key, code="setting.missing", params={"setting": "x"}, source=make_row(key))

    changed = posted(SettingForm(flow, {}, []), kinds=["ServiceItem"])
    words = said(client, address(flow, "settings/save/"), changed)

    assert "2 records are sent again" in words
    assert RunRecord.objects.filter(state=State.WAITING).count() == 2


def test_a_flow_is_renamed(client: Client, flow: Flow):
    client.post(address(flow, "rename/"), {"name": "Lamps"})

    assert "<h1>Lamps</h1>" in text_of(client, address(flow))
    assert "at most 150 characters" in client.post(address(flow, "rename/"), {"name": " "}).content.decode()


# older records


def day(moment: object) -> str:
    return timezone.localtime(moment).date().isoformat()  # type: ignore[arg-type]


def test_older_records_are_counted_first_and_then_read(client: Client, flow: Flow, shelf: Shelf, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: (START + timedelta(days=30)).date())
    shelf.rows = [make_row(f"L{number}", minutes=number) for number in range(6)]
    period = {"since": day(START), "until": day(START)}

    page = client.get(address(flow, "backfill/"), period).content.decode()
    assert "About 6 records would be read." in page
    assert "Read 6 records again" in page
    assert not Run.objects.exists()

    client.post(address(flow, "backfill/start/"), {**period, "expected": "6"})
    run = Run.objects.get()
    assert (run.trigger, run.expected, run.started_by) == (Run.Trigger.BACKFILL, 6, flow.organization.members.get())
    work()
    flow.refresh_from_db()
    assert flow.cursor is None
    assert len(shelf.things) == 6


def test_dates_that_make_no_sense_are_told_at_their_box(client: Client, flow: Flow):
    page = client.get(address(flow, "backfill/"), {"since": "2020-02-02", "until": "2020-02-01"}).content.decode()

    assert "The last day is before the first one." in page
    assert 'value="2020-02-01"' in page
    assert client.post(address(flow, "backfill/start/"), {"since": "x", "until": "2999-01-01"}).status_code == 200
    assert not Run.objects.exists()


def test_a_count_that_fails_says_why(client: Client, flow: Flow, shelf: Shelf):
    def fail(_position: object) -> None:
        raise RemoteUnavailable(system="Memory")

    shelf.before_page = fail

    page = client.get(address(flow, "backfill/"), {"since": "2020-02-01", "until": "2020-02-02"}).content.decode()

    assert "Memory cannot be reached at the moment." in page


# runs


@pytest.fixture
def company() -> Company:
    return make_company()


def test_a_run_at_work_shows_its_progress_and_can_be_stopped(company: Company):
    with inside(company.organization):
        run = make_run(
            company.products,
            state=Run.State.RUNNING,
            phase=Run.Phase.READ,
            trigger=Run.Trigger.BACKFILL,
            expected=97,
            minutes_ago=1,
            started_by=company.owner,
            tally={"created": 30, "unchanged": 30, "waiting": 2},
        )
        Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    client = client_of(company.organization)

    page = text_of(client, f"/flows/{company.products.pk}/")
    assert "<b>60</b> of 97" in page
    assert re.search(r"\b(60|[1-5]\d) a minute", page)  # fewer when the machine is slow
    assert "About 1 minute left." in page
    assert "Sofie Claes" in page
    assert "The next one can start as soon as it has read everything." in page
    assert 'hx-trigger="every 2s, look"' in page

    client.post(f"/flows/{company.products.pk}/runs/{run.pk}/stop/")
    with inside(company.organization):
        run.refresh_from_db()
    assert run.stop_requested
    assert "Stopping after the records it is at" in text_of(client, f"/flows/{company.products.pk}/")


def test_a_first_run_tells_what_it_has_found_there(client: Client, flow: Flow):
    Flow.objects.update(adopted_at=None)
    start_run(flow, Run.Trigger.MANUAL)

    assert "records found in Memory so far" in text_of(client, address(flow))


def test_a_stopped_backfill_goes_on_or_is_closed(client: Client, flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A")]
    run = start_run(flow, Run.Trigger.BACKFILL, since=START)
    client.post(address(flow, f"runs/{run.pk}/stop/"))
    assert "was stopped." in text_of(client, address(flow))

    assert "goes on where it stopped" in said(client, address(flow, f"runs/{run.pk}/go-on/"))
    client.post(address(flow, f"runs/{run.pk}/stop/"))
    assert "0 records are left out." in said(client, address(flow, f"runs/{run.pk}/leave/"))

    run.refresh_from_db()
    assert (run.state, run.phase) == (Run.State.STOPPED, Run.Phase.END)
    assert "was stopped." not in text_of(client, address(flow))
    assert not Job.objects.exists()


def test_a_run_tells_what_it_did_record_by_record(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{company.run.pk}/"

    page = text_of(client, path)
    assert "<b>5</b> read" in page
    assert "1 created" in page
    assert page.count("/log/") > 3
    assert f"/log/export/?run={company.run.pk}" in page

    only = client.get(path, {"state": "updated"}).context["page"].records.records
    assert [record.state for record in only] == [State.UPDATED]


def test_a_run_tells_what_held_it_up_and_is_over(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{company.run.pk}/"
    assert "Was held up" not in text_of(client, path)
    entries = held_up.begun([], "database.full", {}, at=START)
    company.run.held_up = held_up.over(entries, at=START + timedelta(minutes=5))
    with inside(company.organization):
        company.run.save(update_fields=["held_up"])

    text = text_of(client, path)
    assert "Was held up" in text
    assert "The disk of this platform is full" in text


def test_a_long_run_is_shown_in_pages(company: Company):
    with inside(company.organization):
        run = make_run(company.products, minutes_ago=600, tally={"created": 60})
        for number in range(60):
            make_record(run, f"N{number:02}")
    client = client_of(company.organization)
    path = f"/flows/{company.products.pk}/runs/{run.pk}/"

    first = client.get(path).context["page"].records
    second = client.get(path, {"older": first.older}).context["page"].records

    assert (len(first.records), len(second.records)) == (50, 10)


def test_runs_are_shown_in_pages_and_by_what_they_did(company: Company):
    client = client_of(company.organization)
    path = f"/flows/{company.orders.pk}/"

    first = client.get(path).context["page"].run_page
    second = client.get(f"{path}?{first.older}").context["page"].run_page
    needs = client.get(path, {"show": "needs"}).context["page"].run_page
    nonsense = client.get(path, {"show": "x", "older": "y"})

    assert (len(first.lines), len(second.lines)) == (20, 1)
    assert [line.sums.needs_you for line in needs.lines] == [7]
    assert nonsense.status_code == 200


def test_a_run_belongs_to_its_flow(company: Company):
    client = client_of(company.organization)

    assert client.get(f"/flows/{company.orders.pk}/runs/{company.run.pk}/").status_code == 404


# deleting


def test_only_admins_delete_a_flow_and_are_told_what_goes(client: Client, flow: Flow, records: None):
    editor, viewer = (client_of(flow.organization, role) for role in (Membership.Role.EDITOR, Membership.Role.VIEWER))
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    outside = signed_in_just_now(stranger)
    for other, answer in ((editor, 403), (viewer, 403), (outside, 404)):
        assert other.get(address(flow, "delete/")).status_code == answer
        assert other.post(address(flow, "delete/now/")).status_code == answer
    assert "delete/" not in text_of(editor, address(flow, "settings/"))

    page = text_of(client, address(flow, "delete/"))
    assert "3 records in the log" in page
    assert "3 pairs of records" in page
    show_again(client)
    assert "is deleted" in said(client, address(flow, "delete/now/"))

    assert not Flow.objects.exists()
    assert not Tally.objects.exists()
    assert Binding.objects.count() == 3


def test_a_flow_at_work_is_not_deleted(client: Client, flow: Flow):
    start_run(flow, Run.Trigger.MANUAL)
    Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))

    show_again(client)
    assert "is at work" in said(client, address(flow, "delete/now/"))
    assert Flow.objects.exists()


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (Flow.State.DRAFT, "This flow is being set up."),
        (Flow.State.PAUSED, "Paused: nothing is read or sent until you resume it"),
        (Flow.State.ACTIVE, "Not run yet."),
    ],
)
def test_the_first_line_says_how_things_are(client: Client, flow: Flow, state: str, verdict: str):
    Flow.objects.update(state=state)

    assert verdict in text_of(client, address(flow))
