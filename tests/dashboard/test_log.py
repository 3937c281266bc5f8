"""Searching the log, turning its pages, taking it home as a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.log.export import harmless
from dashboard.log.log_filter import LogFilter
from dashboard.log.masking import mask_emails, mask_name
from flows.log import search
from flows.log.search import PAGE
from flows.models import Flow, Run, RunRecord, Tally
from tests.factories import inside, make_flow, make_held_record, make_organization, make_record, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    owner = make_user()
    organization = make_organization(owner=owner)
    with inside(organization):
        products, orders = make_flow("products"), make_flow("orders", maps={})
        run = make_run(products, tally={"created": 2})
        make_record(run, "VV-1", label="Hanglamp Arca")
        make_record(run, "VV-2", label="Vloerlamp Lund", state=RunRecord.State.UNCHANGED)
        sold = make_run(orders, tally={"created": 1})
        make_record(sold, "2026/1193", target_number="SO004518", label="=cmd|calc")
        make_held_record(sold, "2026/1194", code="customer.missing", params={})
    client = Client()
    client.force_login(owner)
    client.organization = organization  # type: ignore[attr-defined]
    return client


def found(client: Client, query: str) -> set[str]:
    return {record.natural_key for record in client.get(f"/log/?{query}").context["page"].records}


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
        ("q=vv-", {"VV-1", "VV-2"}),
        ("q=lund", {"VV-2"}),
        ("q=SO004518", {"2026/1193"}),
        ("q=key-VV-1", {"VV-1"}),
        ("state=needs_you", {"2026/1194"}),
        ("state=nonsense", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
        ("kind=orders", {"2026/1193", "2026/1194"}),
        ("kind=orders&state=created", {"2026/1193"}),
        ("flow=nonsense&q=VV-1", {"VV-1"}),
        ("q=%27%20OR%201=1--", set()),
        ("q=%00VV-1", {"VV-1"}),
        ("older=nonsense", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
    ],
)
def test_finds_what_fits(client: Client, query: str, keys: set[str]):
    assert found(client, query) == keys


def test_filters_by_flow_and_by_run(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        flow, run = Flow.objects.get(kind="products"), Run.objects.get(flow__kind="orders")

    assert found(client, f"flow={flow.pk}") == {"VV-1", "VV-2"}
    assert found(client, f"run={run.pk}") == {"2026/1193", "2026/1194"}


def test_the_counts_are_those_of_the_search_whatever_status_is_chosen(client: Client):
    context = client.get("/log/?kind=products&state=created").context

    assert context["total"] == 2
    assert [words for _state, _mark, words, _query in context["counts"]] == ["1 created", "1 unchanged"]


def test_no_hit_says_so_and_offers_the_way_back(client: Client):
    page = client.get("/log/?q=2026%2F0988").content.decode()

    assert "No record with “2026/0988”" in page
    assert "Clear the search" in page


def test_pages_turn_both_ways_without_losing_or_repeating_a_record(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        run = Run.objects.get(flow__kind="products")
        at = run.created_at + timedelta(minutes=1)
        for number in range(PAGE + 20):
            make_record(run, f"NEW-{number:03}", created_at=at)  # one moment: the key decides

    first = client.get("/log/?q=NEW").context["page"]
    second = client.get("/log/", {"q": "NEW", "older": first.older}).context["page"]
    back = client.get("/log/", {"q": "NEW", "newer": second.newer}).context["page"]

    assert (first.newer, second.older) == ("", "")
    assert len({record.pk for record in [*first.records, *second.records]}) == PAGE + 20
    assert [record.pk for record in back.records] == [record.pk for record in first.records]


def test_the_file_holds_what_the_search_finds_and_no_formula(client: Client):
    response = client.get("/log/export/?kind=orders")

    *rows, note = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Disposition"].startswith('attachment; filename="log-')
    assert note == ["Names and e-mail addresses are shortened in this file."]
    assert {row[3] for row in rows[1:]} == {"2026/1193", "2026/1194"}
    assert [row[4] for row in rows if row[3] == "2026/1193"] == ["'=cmd|c•••"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_run_is_quoted(cell: str):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Bruno Delattre", "Bruno D•••"),
        ("Van der Meulen Interieur B.V.", "Van d••• M••• I••• B.V."),
        ("bruno.delattre@example.fr", "br•••@example.fr"),
        ("Bruno Delattre, bruno@example.fr", "Bruno D•••, br•••@example.fr"),
        ("10118 Brasserie", "10118 B•••"),
        ("", ""),
    ],
)
def test_names_are_cut_to_what_recognises_them(name: str, masked: str):
    assert mask_name(name) == masked


def test_addresses_are_cut_inside_sentences():
    assert mask_emails("More than one fits “info@example.com”.") == "More than one fits “in•••@example.com”."


def test_filters_by_cause_by_trigger_and_by_day(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        old = RunRecord.objects.get(natural_key="VV-1")
        RunRecord.objects.filter(pk=old.pk).update(created_at=old.created_at - timedelta(days=3))
        Run.objects.filter(flow__kind="orders").update(trigger=Run.Trigger.MANUAL)
        day = timezone.localtime(old.created_at - timedelta(days=3), ZoneInfo("Europe/Brussels")).date()

    assert found(client, "cause=customer.missing") == {"2026/1194"}
    assert found(client, "trigger=manual") == {"2026/1193", "2026/1194"}
    assert found(client, f"since={day}&until={day}") == {"VV-1"}
    assert found(client, "time=week") == {"VV-1", "VV-2", "2026/1193", "2026/1194"}
    assert found(client, "since=31-12-2026") == {"VV-1", "VV-2", "2026/1193", "2026/1194"}


def test_today_is_the_day_of_the_company():
    with inside(make_organization(time_zone="Pacific/Auckland")), timezone.override(ZoneInfo("Pacific/Auckland")):
        run = make_run(make_flow())
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        make_record(run, "IN", created_at=midnight)
        make_record(run, "BEFORE", created_at=midnight - timedelta(seconds=1))

        keys = {record.natural_key for record in LogFilter(time="today").log_query.records()}

    assert keys == {"IN"}


def test_each_chip_can_be_taken_off_and_all_at_once(client: Client):
    page = client.get("/log/?q=20&kind=orders&state=needs_you").content.decode()

    assert "Status: <b>Needs you</b>" in page
    assert 'href="?q=20&amp;kind=orders" aria-label="Take off the filter Status"' in page
    assert '<a class="small med clear" href="/log/">Clear all</a>' in page
    assert 'name="kind" value="orders"' in page


def test_new_records_are_announced_and_not_pushed_in(client: Client):
    newest = client.get("/log/").context["page"].newest
    with inside(client.organization):  # type: ignore[attr-defined]
        run = Run.objects.get(flow__kind="products")
        for number in range(3):
            make_record(run, f"NEW-{number}", created_at=timezone.now())
        make_record(run, "NEW-HELD", created_at=timezone.now(), state=RunRecord.State.NEEDS_YOU)

    said = client.get("/log/new/", {"after": newest}, headers={"hx-request": "true"}).content.decode()
    filtered = client.get("/log/new/", {"after": newest, "state": "needs_you"}).content.decode()
    none = client.get("/log/new/", {"after": client.get("/log/").context["page"].newest}).content.decode()

    assert "4 new records." in said
    assert "1 new record." in filtered
    assert "new record" not in none
    assert "<html" not in said


def select(client: Client, do: str, *keys: str, **values: str) -> str:
    with inside(client.organization):  # type: ignore[attr-defined]
        picked = [str(pk) for pk in RunRecord.objects.filter(natural_key__in=keys).values_list("pk", flat=True)]
    answer = client.post(
        "/log/selected/", {"record": picked, "do": do, "next": "/log/?kind=orders", **values}, follow=True
    )
    return answer.content.decode()


def states(client: Client) -> dict[str, str]:
    with inside(client.organization):  # type: ignore[attr-defined]
        return dict(RunRecord.objects.values_list("natural_key", "state"))


def test_the_selected_records_that_need_somebody_are_sent_again(client: Client):
    page = select(client, "send", "VV-1", "2026/1194")

    assert "1 record is sent again." in page
    assert states(client)["2026/1194"] == RunRecord.State.WAITING
    assert states(client)["VV-1"] == RunRecord.State.CREATED


def test_setting_several_aside_asks_once(client: Client):
    asked = select(client, "aside", "2026/1193", "2026/1194")
    untouched = states(client)["2026/1194"]
    done = select(client, "aside", "2026/1194", sure="1")

    assert "Set 1 record aside?" in asked
    assert untouched == RunRecord.State.NEEDS_YOU
    assert "1 record is set aside." in done
    assert states(client)["2026/1194"] == RunRecord.State.SKIPPED
    with inside(client.organization):  # type: ignore[attr-defined]
        assert Tally.objects.get(run__flow__kind="orders").is_balanced


def test_a_selection_without_anything_to_do_says_so(client: Client):
    assert "None of the selected records needs you" in select(client, "send", "VV-1")
    assert client.post("/log/selected/", {"record": ["nonsense"], "do": "send"}).status_code == 302


def test_the_way_back_stays_on_this_site(client: Client):
    answer = client.post("/log/selected/", {"do": "send", "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/log/"


def test_nobody_selects_a_record_of_another_company(client: Client):
    other = make_organization("Elsewhere")
    with inside(other):
        foreign = make_held_record(make_run(make_flow()), "X", code="customer.missing", params={})

    client.post("/log/selected/", {"record": [str(foreign.pk)], "do": "send"})

    with inside(other):
        assert RunRecord.objects.get(pk=foreign.pk).state == RunRecord.State.NEEDS_YOU


def test_each_line_says_how_long_it_is_kept(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        until = datetime(2027, 12, 2, 12, tzinfo=UTC)
        RunRecord.objects.filter(natural_key="VV-1").update(expires_at=until)

    assert "2 Dec 2027" in client.get("/log/?q=VV-1").content.decode()


def test_counting_stops_where_it_would_get_slow(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "COUNTED", 3)

    context = client.get("/log/").context

    assert context["is_capped"]
    assert context["total"] == 4


def test_the_log_asks_a_fixed_number_of_queries(client: Client):
    client.get("/log/")
    with CaptureQueriesContext(connection) as few:
        client.get("/log/")
    with inside(client.organization):  # type: ignore[attr-defined]
        run = Run.objects.get(flow__kind="products")
        for number in range(40):
            make_record(run, f"MORE-{number}")

    with CaptureQueriesContext(connection) as many:
        client.get("/log/")

    assert len(many) == len(few)
    assert len(many) <= 22
