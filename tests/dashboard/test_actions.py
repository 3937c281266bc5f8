"""What the buttons do."""

from __future__ import annotations

import pytest
from django.test import Client

from flows.models import Binding, Flow, Run, RunRecord, ValueRow
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import inside, make_binding, make_held_record, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def test_two_clicks_on_run_now_make_one_run(company: Company, client: Client):
    for _click in range(2):
        client.post(f"/flows/{company.products.pk}/run/")

    with inside(company.organization):
        assert Run.objects.filter(trigger=Run.Trigger.MANUAL).count() == 1


def test_run_now_is_off_while_a_run_reads(company: Company, client: Client):
    with inside(company.organization):
        make_run(company.products, state=Run.State.RUNNING, phase=Run.Phase.READ, minutes_ago=0)

    page = client.get(f"/flows/{company.products.pk}/").content.decode()

    assert 'type="submit" disabled' in page
    assert 'hx-trigger="every 2s, look"' in page


def test_a_page_at_rest_looks_every_half_minute(company: Company, client: Client):
    with inside(company.organization):
        Run.objects.exclude(state=Run.State.DONE).delete()

    assert 'hx-trigger="every 30s, look"' in client.get("/").content.decode()


def test_run_all_starts_every_active_flow(company: Company, client: Client):
    with inside(company.organization):
        company.orders.pause()

    client.post("/run/")

    with inside(company.organization):
        started = Run.objects.filter(trigger=Run.Trigger.MANUAL).values_list("flow__kind", flat=True)
        assert list(started) == ["products"]


def test_a_paused_flow_does_not_run_and_goes_on_when_resumed(company: Company, client: Client):
    client.post(f"/flows/{company.orders.pk}/pause/")
    client.post(f"/flows/{company.orders.pk}/run/")

    with inside(company.organization):
        assert not Run.objects.filter(trigger=Run.Trigger.MANUAL).exists()
        assert Flow.objects.get(pk=company.orders.pk).state == Flow.State.PAUSED
    client.post(f"/flows/{company.orders.pk}/resume/")
    with inside(company.organization):
        assert Flow.objects.get(pk=company.orders.pk).state == Flow.State.ACTIVE


def test_choosing_a_counterpart_sends_all_that_waited_and_says_how_many(company: Company, client: Client):
    path = f"/flows/{company.orders.pk}/tables/{company.vat.pk}/pairs/"

    response = client.post(
        path, {"key": "c6b8", "label": "FR 5.5 %", "value": "FR055", "next": "/needs-you/"}, follow=True
    )

    assert response.redirect_chain == [("/needs-you/", 302)]
    assert "4 records are sent again." in response.content.decode()
    with inside(company.organization):
        row = ValueRow.objects.get(key="c6b8")
        assert (row.value, row.key_label, row.is_confirmed) == ("FR055", "FR 5.5 %", True)
        assert RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.WAITING


def test_half_a_pair_is_refused(company: Company, client: Client):
    path = f"/flows/{company.orders.pk}/tables/{company.vat.pk}/pairs/"

    response = client.post(path, {"key": "FR 5.5 %", "value": " "}, follow=True)

    assert "Fill in both sides" in response.content.decode()
    with inside(company.organization):
        assert not ValueRow.objects.filter(key="FR 5.5 %").exists()


def test_a_pair_leads_back_to_our_own_pages_only(company: Company, client: Client):
    path = f"/flows/{company.orders.pk}/tables/{company.vat.pk}/pairs/"

    response = client.post(path, {"key": "x", "value": "y", "next": "https://evil.example/"})

    assert response["Location"] == f"/flows/{company.orders.pk}/tables/"


def test_a_table_of_another_flow_is_not_found(company: Company, client: Client):
    path = f"/flows/{company.products.pk}/tables/{company.vat.pk}/pairs/"

    assert client.post(path, {"key": "x", "value": "y"}).status_code == 404


def test_a_group_is_sent_again_as_a_whole(company: Company, client: Client):
    groups = client.get("/needs-you/").context["groups"]
    missing = next(group for group in groups if group.code == "product.missing")

    response = client.post(f"/needs-you/{missing.key}/send/", follow=True)

    assert "2 records are sent again." in response.content.decode()
    with inside(company.organization):
        assert not RunRecord.objects.filter(code="product.missing").exists()


def test_a_record_is_sent_again(company: Company, client: Client):
    client.post(f"/log/{company.held.pk}/send/")

    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.WAITING


def test_sending_a_finished_record_again_changes_nothing(company: Company, client: Client):
    response = client.post(f"/log/{company.sent.pk}/send/", follow=True)

    assert "no longer needs you" in response.content.decode()
    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.sent.pk).state == RunRecord.State.UPDATED


def test_setting_aside_keeps_the_reason_and_the_name(company: Company, client: Client):
    response = client.post(f"/log/{company.held.pk}/set-aside/", follow=True)

    assert "Set aside by Sofie Claes." in response.content.decode()
    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.SKIPPED


def make_doubtful(company: Company) -> tuple[RunRecord, RunRecord]:
    """Make a customer that fits two of the target's, and an order that waits behind it."""
    choices = [{"id": "10015", "label": "10015 De Linde"}, {"id": "10016", "label": "10016 De Linde 2"}]
    run = make_run(company.orders)
    params = {"system": "Visma.net ERP", "key": "De Linde", "choices": choices}
    customer = make_held_record(
        run, "De Linde", code="match.ambiguous", params=params, kind="customers", source_key="company:1"
    )
    behind = {"what": "De Linde", "dependency": "company:1"}
    order = make_held_record(run, "2026/7", code="dependency.failed", params=behind)
    return customer, order


def test_picking_a_candidate_pairs_it_and_sends_what_waits_behind_it(company: Company, client: Client):
    with inside(company.organization):
        customer, order = make_doubtful(company)
    assert "10016 De Linde 2" in client.get("/needs-you/").content.decode()

    client.post(f"/needs-you/{customer.pk}/choose/", {"choice": "10016"})

    with inside(company.organization):
        assert Binding.objects.get(kind="customers", source_key="company:1").target_id == "10016"
        states = RunRecord.objects.filter(pk__in=[customer.pk, order.pk]).values_list("state", flat=True)
        assert set(states) == {RunRecord.State.WAITING}


def test_only_a_candidate_can_be_picked(company: Company, client: Client):
    with inside(company.organization):
        customer, _order = make_doubtful(company)

    page = client.post(f"/needs-you/{customer.pk}/choose/", {"choice": "99999"}, follow=True).content.decode()

    assert "Pick one of the records that fit." in page
    with inside(company.organization):
        assert not Binding.objects.filter(kind="customers").exists()


def test_a_candidate_that_belongs_to_another_record_is_refused(company: Company, client: Client):
    with inside(company.organization):
        customer, _order = make_doubtful(company)
        make_binding(company.orders, "company:2", "10016", kind="customers")

    page = client.post(f"/needs-you/{customer.pk}/choose/", {"choice": "10016"}, follow=True).content.decode()

    assert "Pick one of the records that fit." in page
