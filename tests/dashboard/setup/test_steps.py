"""The set-up against the sandbox: from an empty company to first runs, each step saved, nothing written before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from apicenter.organizations.models import Membership, Organization
from connectors.models import Connection
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.services import set_faults
from flows.models import Flow, MapVersion, Run, RunRecord, ValueTable
from tests.dashboard.people import signed_in
from tests.dashboard.setup_site import (
    FLOWS,
    PRODUCTS_AND_ORDERS,
    QUESTIONS,
    SETTINGS,
    answer_all,
    choose_flows,
    connect_demo,
    settings_of,
    text_of,
)
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_company_begins_at_the_systems(client: Client):
    assert client.get("/setup/")["Location"] == "/setup/systems/"
    assert 'href="/setup/"' in text_of(client, "/")
    assert 'href="/setup/"' in text_of(client, "/connections/")


def test_the_demo_company_is_connected_by_one_click(client: Client, organization: Organization):
    connect_demo(client)

    with inside(organization):
        states = dict(Connection.objects.values_list("connector", "state"))
    assert states == {"teamleader": Connection.State.OK, "visma_net": Connection.State.OK}
    assert client.get("/setup/")["Location"] == FLOWS


def test_an_operator_without_the_sandbox_offers_none(client: Client, env: Callable[..., None]):
    env(SANDBOX_ENABLED=False)

    assert "demo company" not in text_of(client, "/setup/systems/").replace("your own, or a demo company", "")
    assert client.post("/setup/systems/").status_code == 404


def test_flows_are_made_as_drafts_with_their_schedule(client: Client, organization: Organization):
    choose_flows(client)

    with inside(organization):
        flows = {flow.kind: flow for flow in Flow.objects.all()}
        assert set(flows) == {"products", "orders"}
        assert {flow.state for flow in flows.values()} == {Flow.State.DRAFT}
        assert (flows["products"].every_minutes, flows["orders"].every_minutes) == (15, None)
        assert flows["orders"].start_from == datetime(2025, 12, 1, tzinfo=ZoneInfo(organization.time_zone))
        assert flows["products"].start_from is None


@pytest.mark.usefixtures("flows_chosen")
def test_a_flow_that_is_switched_off_again_goes_and_the_others_keep_their_answers(
    client: Client, organization: Organization
):
    with inside(organization):
        kept = Flow.objects.get(kind="products").pk

    client.post(FLOWS, {"products-is_on": "on", "products-every": "30"})

    with inside(organization):
        assert [(flow.pk, flow.every_minutes) for flow in Flow.objects.all()] == [(kept, 30)]
        assert MapVersion.objects.count() == 1


def test_no_flow_at_all_is_told_and_makes_none(client: Client, organization: Organization):
    connect_demo(client)

    assert "Switch on at least one flow." in client.post(FLOWS, {}).content.decode()
    with inside(organization):
        assert not Flow.objects.exists()


def test_a_schedule_that_is_not_offered_is_refused(client: Client, organization: Organization):
    connect_demo(client)

    response = client.post(FLOWS, {"products-is_on": "on", "products-every": "1"})

    assert response.status_code == 200
    with inside(organization):
        assert not Flow.objects.exists()


@pytest.mark.usefixtures("flows_chosen")
def test_the_dry_run_counts_real_records_and_writes_nothing(client: Client, organization: Organization):
    with inside(organization):
        before = Thing.objects.count()

    response = client.post("/setup/sandbox/test/", follow=True)

    trial = response.context["trial"]
    own = [line for one in trial.flows for line in one.lines if line.kind == one.flow.kind]
    assert len(own) == 20  # ten of each flow; the customers of the orders are shown beside them
    assert trial.created + trial.updated + trial.left_alone + trial.held == trial.total
    assert trial.updated >= 1  # what exists already is found before anything was paired
    assert "&quot;selling_price&quot;" in response.content.decode()
    with inside(organization):
        assert (Thing.objects.count(), RunRecord.objects.count(), Run.objects.count()) == (before, 0, 0)


@pytest.mark.usefixtures("flows_chosen")
def test_activating_starts_each_flow_once(client: Client, organization: Organization):
    answer_all(client)

    for _click in range(2):
        assert client.post("/setup/sandbox/activate/")["Location"] == "/setup/sandbox/done/"

    with inside(organization):
        assert Run.objects.count() == 2
        flows = {flow.kind: flow for flow in Flow.objects.all()}
    assert {flow.state for flow in flows.values()} == {Flow.State.ACTIVE}
    assert flows["products"].next_run_at is not None
    assert flows["orders"].next_run_at is None
    assert "First runs" in text_of(client, "/setup/")
    part = client.get("/setup/sandbox/done/", headers={"hx-request": "true"}).content.decode()
    assert part.startswith('<div id="live"')


@pytest.mark.usefixtures("flows_chosen")
def test_a_flow_that_is_at_work_is_not_lost_when_another_is_added(client: Client, organization: Organization):
    answer_all(client)
    client.post("/setup/sandbox/activate/")

    client.post(FLOWS, {"products-every": "60", "orders-every": "", "customers-is_on": "on", "customers-every": "30"})

    with inside(organization):
        states = dict(Flow.objects.values_list("kind", "state"))
        assert Flow.objects.get(kind="products").every_minutes == 60
    assert states == {"products": Flow.State.ACTIVE, "orders": Flow.State.ACTIVE, "customers": Flow.State.DRAFT}


@pytest.mark.usefixtures("flows_chosen")
def test_a_colleague_goes_on_where_it_was_left(client: Client, organization: Organization):
    colleague = make_user("colleague@example.com")
    add_member(organization, colleague)

    assert signed_in(colleague).get("/setup/")["Location"] == QUESTIONS
    assert "The set-up is not finished" in text_of(signed_in(colleague), "/")


@pytest.mark.usefixtures("flows_chosen")
def test_a_system_that_is_down_is_one_sentence_on_every_page(client: Client, organization: Organization):
    with inside(organization):
        set_faults(Account.objects.get(system="visma_net"), down=True)
    path, _flow = settings_of(organization)

    pages = [
        client.get(QUESTIONS),
        client.post("/setup/sandbox/test/", follow=True),
        client.post(path, SETTINGS, follow=True),
        client.post(FLOWS, PRODUCTS_AND_ORDERS | {"customers-is_on": "on"}, follow=True),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert all("Visma.net ERP cannot be reached at the moment." in page.content.decode() for page in pages)


@pytest.mark.parametrize("path", [QUESTIONS, "/setup/sandbox/test/", "/setup/sandbox/done/", FLOWS])
def test_a_step_that_lies_ahead_leads_back(client: Client, path: str):
    assert client.get(path)["Location"] == "/setup/sandbox/authorise/"


@pytest.mark.usefixtures("flows_chosen")
def test_a_viewer_sees_the_steps_and_changes_nothing(client: Client, organization: Organization):
    path, _flow = settings_of(organization)
    with inside(organization):
        table, one = ValueTable.objects.all()[0], Connection.objects.all()[0]
    viewer = make_user("accountant@example.com")
    add_member(organization, viewer, role=Membership.Role.VIEWER)
    looking = signed_in(viewer)

    read = ["/setup/systems/", "/setup/sandbox/authorise/", FLOWS, QUESTIONS, "/setup/sandbox/test/"]
    changed = [*read[:1], FLOWS, path, f"/setup/tables/{table.pk}/", "/setup/sandbox/test/", "/setup/sandbox/activate/"]
    changed += [f"/setup/connections/{one.pk}/", f"/setup/connections/{one.pk}/check/"]

    assert {looking.get(page).status_code for page in read} == {200}
    assert {looking.post(page).status_code for page in changed} == {403}
    assert looking.get(f"/setup/connections/{one.pk}/consent/").status_code == 403
    assert looking.get("/setup/teamleader/callback/").status_code == 403


@pytest.mark.usefixtures("flows_chosen")
def test_an_editor_sets_flows_up_but_connects_nothing(client: Client, organization: Organization):
    path, _flow = settings_of(organization)
    with inside(organization):
        one = Connection.objects.all()[0]
    editor = make_user("editor@example.com")
    add_member(organization, editor, role=Membership.Role.EDITOR)
    editing = signed_in(editor)

    connects = ["/setup/systems/", f"/setup/connections/{one.pk}/", "/setup/sandbox/connect/visma_net/"]
    assert [editing.post(page).status_code for page in connects] == [403] * 3
    assert editing.get(f"/setup/connections/{one.pk}/consent/").status_code == 403
    assert editing.post(path, {}).status_code != 403
    assert editing.post(f"/setup/connections/{one.pk}/check/").status_code == 200
    entry = '<details class="entry"'
    assert entry in client.get("/setup/sandbox/authorise/").content.decode()
    assert entry not in editing.get("/setup/sandbox/authorise/").content.decode()


@pytest.mark.usefixtures("flows_chosen")
def test_the_things_of_another_organization_are_not_found(client: Client, organization: Organization):
    path, _flow = settings_of(organization)
    with inside(organization):
        table, one = ValueTable.objects.all()[0], Connection.objects.get(connector="teamleader")
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    other = signed_in(stranger)

    posts = [path, f"/setup/tables/{table.pk}/", f"/setup/connections/{one.pk}/check/", f"/setup/connections/{one.pk}/"]
    gets = [f"/setup/connections/{one.pk}/", f"/setup/connections/{one.pk}/consent/"]

    assert {other.post(page).status_code for page in posts} == {404}
    assert {other.get(page).status_code for page in gets} == {404}
    assert other.get("/setup/sandbox/questions/")["Location"] == "/setup/sandbox/authorise/"
