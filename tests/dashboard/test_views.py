"""What the pages say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import respx
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Membership, Organization
from connectors.models import Connection, Lane
from flows.models import Run, RunRecord
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import inside, make_held_record, make_organization, make_record, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def text_of(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_the_verdict_comes_first(client: Client):
    assert "<h1>7 records need you.</h1>" in text_of(client, "/")


def test_the_rest_is_in_step_only_when_nothing_waits(company: Company, client: Client):
    with inside(company.organization):
        RunRecord.objects.filter(state=RunRecord.State.WAITING).delete()

    assert "<h1>7 records need you. Everything else is in step.</h1>" in text_of(client, "/")


def test_a_run_at_work_is_not_called_in_step(company: Company, client: Client):
    with inside(company.organization):
        RunRecord.objects.all().delete()
        make_run(company.products, state=Run.State.RUNNING, phase=Run.Phase.READ, minutes_ago=0)

    assert "<h1>A run is at work. Nothing needs you so far.</h1>" in text_of(client, "/")


def test_names_inside_reasons_are_cut_in_lists(company: Company, client: Client):
    with inside(company.organization):
        params = {"system": "Visma.net", "key": "Praktijk Linde", "candidates": "10015 Praktijk Linde"}
        make_held_record(company.held.run, "Praktijk Linde", kind="customers", code="match.ambiguous", params=params)

    assert "Linde" not in text_of(client, "/log/")
    assert "Linde" not in text_of(client, "/log/export/")


def test_the_verdict_names_a_connection_that_is_down(company: Company, client: Client):
    with inside(company.organization):
        company.visma_net.mark_problem("token.revoked", {"system": "Visma.net"})

    page = text_of(client, "/")

    assert "Visma.net: the connection needs you." in page
    assert "no longer accepts the authorisation" in page


def noon_somewhere() -> str:
    """Return a time zone in which it is about noon: the company's runs are some hours old, and all of today."""
    ahead = 12 - timezone.now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def test_the_sum_of_today_adds_up(client: Client):
    Organization.objects.update(time_zone=noon_somewhere())

    today = client.get("/").context["overview"].day.sums

    assert today.read > 0
    assert today.is_balanced


def test_a_live_part_comes_without_the_shell(client: Client):
    part = text_of(client, "/", hx_request="true")

    assert part.startswith('<div id="live"')
    assert '<nav class="nav-x" id="menu" hx-swap-oob="true"' in part
    assert "<html" not in part


def test_the_way_back_in_the_browser_gets_the_whole_page(client: Client):
    page = text_of(client, "/log/", hx_request="true", hx_history_restore_request="true")

    assert "<html" in page


def test_a_live_part_of_an_ended_session_leads_to_the_sign_in_page():
    response = Client().get("/", headers={"hx-request": "true"})

    assert response["HX-Redirect"] == "/accounts/login/"


def test_an_empty_company_is_told_what_comes_next():
    user = make_user("fresh@example.com")
    make_organization("Fresh", owner=user)
    client = Client()
    client.force_login(user)

    assert "Link your first two systems" in text_of(client, "/")
    assert "No system is connected yet" in text_of(client, "/connections/")
    assert "Nothing needs you" in text_of(client, "/needs-you/")


def test_causes_are_tasks_with_the_fix_in_them(client: Client):
    page = text_of(client, "/needs-you/")

    assert "7 records need you, 3 decisions" in page
    assert "Save and send 4 records" in page
    assert '<option value="FR20">' in page
    assert "Send 2 records again" in page


def test_the_same_code_with_other_details_is_another_task(company: Company, client: Client):
    with inside(company.organization):
        make_record(
            company.held.run,
            "2026/1200",
            state=RunRecord.State.NEEDS_YOU,
            code="product.missing",
            params={"sku": "VV-9", "system": "Visma.net"},
        )

    assert "8 records need you, 4 decisions" in text_of(client, "/needs-you/")


def test_names_and_addresses_are_cut_in_lists_but_not_on_the_record(company: Company, client: Client):
    listed = [text_of(client, path) for path in ("/log/", "/needs-you/", "/log/export/")]

    assert not [page for page in listed if "Delattre" in page or "bruno.delattre" in page]
    assert "bruno.delattre@example.fr" in text_of(client, f"/log/{company.held.pk}/")


def test_a_record_shows_what_came_and_what_was_sent_without_secrets(company: Company, client: Client):
    page = text_of(client, f"/log/{company.sent.pk}/")

    assert "&quot;VV-1042-BRS&quot;" in page
    assert "194.5" in page
    assert "very-secret" not in page
    assert 'href="https://focus.teamleader.example/products/77"' in page


def test_a_link_that_is_no_web_address_is_not_shown(company: Company, client: Client):
    with inside(company.organization):
        bad = make_record(company.run, "BAD", exchange={"sent": {"a": 1}, "url": "javascript:alert(1)"})

    assert "javascript:" not in text_of(client, f"/log/{bad.pk}/")


def test_contents_that_cannot_be_opened_say_so(company: Company, client: Client):
    with inside(company.organization):
        RunRecord.objects.filter(pk=company.sent.pk).update(source=company.sent.exchange)

    assert "cannot be opened any more" in text_of(client, f"/log/{company.sent.pk}/")


def test_sending_again_is_off_where_it_cannot_help(company: Company, client: Client):
    page = text_of(client, f"/log/{company.held.pk}/")

    assert 'disabled aria-describedby="why-off"' in page
    assert "Sending it again helps only after a counterpart is chosen." in page


def test_earlier_events_of_the_same_record_are_listed(company: Company, client: Client):
    with inside(company.organization):
        later = make_record(company.held.run, "VV-1042-BRS", kind="products", flow=company.products)

    assert f"/log/{company.sent.pk}/" in text_of(client, f"/log/{later.pk}/")


def test_the_map_is_readable(company: Company, client: Client):
    page = text_of(client, f"/flows/{company.products.pk}/map/")

    assert "Cut to length: 255" in page
    assert "Choose a source" not in page


def test_settings_are_in_words_for_those_who_only_look(company: Company, client: Client):
    with inside(company.organization):
        Membership.objects.update(role=Membership.Role.VIEWER)

    page = text_of(client, f"/flows/{company.orders.pk}/settings/")

    assert "<dt>Sent as</dt><dd>sales order</dd>" in page
    assert "<dt>Arrive on hold</dt><dd>yes</dd>" in page


def test_a_connection_shows_its_budget(company: Company, client: Client):
    with inside(company.organization):
        soon = timezone.now() + timedelta(seconds=30)
        Lane.objects.filter(pk=company.visma_net.lane_id).update(remaining=20, reset_at=soon, blocked_until=soon)

    page = text_of(client, "/connections/")

    assert "180 of 200" in page
    assert "asks us to wait until" in page


@respx.mock
def test_a_check_with_wrong_credentials_says_so_and_marks_the_connection(company: Company, client: Client):
    with inside(company.organization):
        company.visma_net.store_secrets({"client_id": "id", "client_secret": "wrong"})
        company.visma_net.save()
    respx.post(f"{settings.ENV.VISMA_CONNECT_URL}/connect/token").respond(400, json={"error": "invalid_client"})

    response = client.post(f"/connections/{company.visma_net.pk}/check/", headers={"hx-request": "true"})

    page = response.content.decode()
    assert page.lstrip().startswith("<section")
    assert "refused the client id or client secret" in page
    assert "Check again" in page
    with inside(company.organization):
        assert Connection.objects.get(pk=company.visma_net.pk).state == Connection.State.NEEDS_PERSON
