"""The overview: days in the company's time zone, sums by kind, states, and a fixed number of queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apicenter.organizations.models import Membership
from apicenter.tenancy import platform_context
from connectors.models import Credential
from dashboard.overview.day_chart import ChartChoice, build_chart
from dashboard.overview.page import build_overview
from flows.models import Flow, Run, RunRecord, Tally
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_flow, make_held_record, make_organization, make_run, make_user

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def run_at(flow: Flow, moment: datetime, created: int) -> Run:
    run = make_run(flow, tally={"created": created})
    Run.objects.filter(pk=run.pk).update(created_at=moment)
    return run


def days_of(zone: str, today: date, *moments: datetime, choice: ChartChoice | None = None) -> dict[date, int]:
    with inside(make_organization()), timezone.override(ZoneInfo(zone)):
        flow = make_flow()
        for moment in moments:
            run_at(flow, moment, 1)
        chart = build_chart(choice or ChartChoice(), [flow], today=today)
        return {day.date: day.sums.created for day in chart.days if day.sums.read}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Brussels", {date(2026, 11, 18): 1, date(2026, 11, 19): 2}),
        ("UTC", {date(2026, 11, 18): 2, date(2026, 11, 19): 1}),
        ("America/New_York", {date(2026, 11, 18): 3}),
    ],
)
def test_a_day_begins_at_midnight_where_the_company_is(zone: str, expected: dict[date, int]):
    moments = (
        datetime(2026, 11, 18, 22, 59, 59, tzinfo=UTC),  # 23:59:59 in Brussels
        datetime(2026, 11, 18, 23, 0, 0, tzinfo=UTC),  # midnight in Brussels
        datetime(2026, 11, 19, 0, 30, 0, tzinfo=UTC),
    )

    assert days_of(zone, date(2026, 11, 19), *moments) == expected


def test_the_day_on_which_clocks_change_has_25_hours():
    moments = (
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),  # midnight, summer time
        datetime(2026, 10, 25, 22, 59, tzinfo=UTC),  # 23:59, winter time
        datetime(2026, 10, 25, 23, 0, tzinfo=UTC),  # midnight, winter time
    )

    found = days_of("Europe/Brussels", date(2026, 10, 26), *moments)

    assert found == {date(2026, 10, 25): 2, date(2026, 10, 26): 1}


def test_the_window_holds_whole_days_also_across_a_change_of_clocks():
    first = datetime(2026, 3, 27, 0, 0, tzinfo=BRUSSELS)

    assert days_of("Europe/Brussels", date(2026, 4, 2), first) == {date(2026, 3, 27): 1}
    with platform_context():
        Tally.unscoped.all().delete()
    assert days_of("Europe/Brussels", date(2026, 4, 2), first - timedelta(seconds=1)) == {}


def test_the_chart_is_of_one_flow_when_asked(company: Company, client: Client):
    whole = client.get("/chart/?days=14", headers={"hx-request": "true"}).context["chart"]
    one = client.get(f"/chart/?days=14&flow={company.orders.pk}", headers={"hx-request": "true"}).context["chart"]

    assert len(one.days) == 14
    assert 0 < sum(day.sums.read for day in one.days) < sum(day.sums.read for day in whole.days)


@pytest.mark.parametrize(
    "query", ["days=9999", "days=x", "flow=nonsense", "days=14&flow=00000000-0000-0000-0000-000000000000"]
)
def test_a_choice_that_makes_no_sense_does_no_harm(client: Client, query: str):
    assert client.get(f"/?{query}").status_code == 200


def test_without_javascript_the_choice_is_made_on_the_page(client: Client):
    assert client.get("/chart/?days=30")["Location"] == "/?days=30"
    assert 'href="/?days=30#chart"' in client.get("/").content.decode()


def test_the_numbers_of_the_chart_stand_in_a_table_too(client: Client):
    page = client.get("/").content.decode()

    assert "Show as table" in page
    assert page.count("<tr data-label=") == 7
    assert 'role="img" aria-label="Records per day, last 7 days:' in page


def test_the_sum_of_today_names_the_kinds():
    with inside(make_organization()):
        run = make_run(make_flow("orders", maps={}), minutes_ago=0, tally={"created": 22})
        Tally.objects.create(run=run, kind="customers", read=14, created=14)
        overview = build_overview()

    assert overview.day.created == "22 orders, 14 customers"
    assert overview.day.sums.created == 36


def test_what_was_sent_today_counts_every_run_not_only_the_last_48():
    with inside(make_organization()), timezone.override(BRUSSELS):
        flow = make_flow()
        at = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        for _number in range(60):
            run_at(flow, at, 1)
        line = build_overview().flows[0]

    assert line.sent_today == 60
    assert len(line.beats) == 48


def test_the_number_of_queries_does_not_grow_with_flows_runs_and_records(company: Company, client: Client):
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    with inside(company.organization):
        for number in range(4):
            flow = make_flow(source=company.products.source, target=company.products.target, name=f"F{number}")
            for _ in range(3):
                run = make_run(flow, tally={"created": 1})
            for row in range(5):
                params = {"sku": f"S{row}", "system": "Visma.net"}
                make_held_record(run, f"N{number}-{row}", code="product.missing", params=params)

    with CaptureQueriesContext(connection) as many:
        client.get("/")

    assert len(many) == len(few)
    assert len(many) <= 32


def test_everything_paused_says_so_and_offers_the_way_on(company: Company, client: Client):
    with inside(company.organization):
        Flow.objects.update(state=Flow.State.PAUSED)

    page = client.get("/").content.decode()

    assert "<h1>All flows are paused. Nothing is sent until you resume them.</h1>" in page
    assert "Run all now" not in page


def test_all_fine_is_said_in_five_words(company: Company, client: Client):
    with inside(company.organization):
        RunRecord.objects.all().delete()

    assert "<h1>Everything is in step.</h1>" in client.get("/").content.decode()


def test_a_run_at_work_shows_how_far_it_is(company: Company, client: Client):
    with inside(company.organization):
        tally = {"created": 60, "waiting": 35}
        make_run(company.products, state=Run.State.RUNNING, phase=Run.Phase.SETTLE, minutes_ago=0, tally=tally)

    page = client.get("/").content.decode()

    assert "60 of 95" in page
    assert 'max="95" value="60"' in page


def test_the_api_use_panel_says_when_access_was_renewed_and_what_is_left(company: Company, client: Client):
    with inside(company.organization):
        until = timezone.now() + timedelta(minutes=50)
        Credential.objects.create(connection=company.visma_net, expires_at=until, lifetime_seconds=3600)

    page = client.get("/").content.decode()

    assert "0 of 200" in page
    assert "access renewed today" in page


def test_a_viewer_is_not_sent_to_pages_that_change_things(company: Company):
    viewer = make_user("viewer@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    with inside(company.organization):
        company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})
    client = Client()
    client.force_login(viewer)

    page = client.get("/").content.decode()

    assert "the connection needs you" in page
    assert "/setup/connections/" not in page
