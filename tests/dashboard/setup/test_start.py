"""Before it starts: what is left to answer, the lights, the dry run field by field, and the steps sent on."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from apicenter.organizations.models import Membership, Organization
from connectors.sandbox.faults import is_write
from connectors.sandbox.models import Account, Call
from connectors.sandbox.services import set_faults
from dashboard.setup import sent_steps
from dashboard.setup.outstanding import outstanding
from dashboard.setup.questions import HOLD
from dashboard.setup.trial import find_trial
from flows.models import Flow, Run, ValueRow, ValueTable
from tests.dashboard.people import signed_in
from tests.dashboard.setup_site import FLOWS, QUESTIONS, SETTINGS, answer_all, connect_demo
from tests.factories import add_member, inside, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"hx-request": "true"}
TEST = "/setup/sandbox/test/"


def flow_of(organization: Organization, kind: str) -> Flow:
    with inside(organization):
        return Flow.objects.select_related("organization").get(kind=kind)


# flows


def test_a_flow_is_saved_as_soon_as_it_is_switched_on(client: Client, organization: Organization):
    connect_demo(client)

    card = client.post(f"{FLOWS}products/", {"products-is_on": "on", "products-every": "30"}, headers=HTMX)

    assert flow_of(organization, "products").every_minutes == 30
    assert 'id="flow-count"' in card.content.decode()
    client.post(f"{FLOWS}products/", {"products-every": "30"}, headers=HTMX)
    with inside(organization):
        assert not Flow.objects.exists()


def test_records_are_counted_by_one_call(client: Client, organization: Organization):
    connect_demo(client)
    with inside(organization):
        before = Call.objects.filter(account__system="visma_net", path__contains="inventory").count()

    part = client.get(f"{FLOWS}products/found/").content.decode()

    assert "520 records found in Visma.net ERP" in part
    with inside(organization):
        calls = Call.objects.filter(account__system="visma_net", path__contains="inventory")
        assert calls.count() == before + 1


def test_a_kind_that_the_pair_does_not_offer_is_not_found(client: Client, organization: Organization):
    connect_demo(client)

    assert client.post(f"{FLOWS}invoices-of-mars/", headers=HTMX).status_code == 404


# what is left to answer


@pytest.mark.usefixtures("flows_chosen")
def test_an_open_answer_and_a_suggestion_keep_it_from_being_activated(client: Client, organization: Organization):
    response = client.post("/setup/sandbox/activate/", follow=True)

    assert response.redirect_chain == [(QUESTIONS, 302)]
    assert "Before you activate" in response.content.decode()
    with inside(organization):
        assert not Run.objects.exists()
        left = outstanding(Flow.objects.all())
    assert left.open > 0
    assert left.suggested > 0


@pytest.mark.usefixtures("flows_chosen")
def test_confirming_all_leaves_what_is_open(client: Client, organization: Organization):
    client.post("/setup/sandbox/questions/confirm/")

    with inside(organization):
        left = outstanding(Flow.objects.all())
    assert left.suggested == 0
    assert left.open > 0


@pytest.mark.usefixtures("flows_chosen")
def test_one_suggestion_is_confirmed_in_its_row(client: Client, organization: Organization):
    asked = client.get(QUESTIONS).context["asked"]
    table = next(table for flow in asked for table in flow.tables if table.suggested_count > 1)
    first, second = [row for row in table.rows if row.is_suggested][:2]

    client.post(
        f"/setup/tables/{table.table.pk}/", {first.name: first.value, second.name: second.value, "row": first.name}
    )

    with inside(organization):
        rows = {row.key: row.is_confirmed for row in ValueRow.objects.filter(table=table.table)}
    assert (rows[first.keys[0]], rows[second.keys[0]]) == (True, False)


@pytest.mark.usefixtures("flows_chosen")
def test_several_that_fit_must_be_chosen_from(client: Client, organization: Organization):
    products = client.get(QUESTIONS).context["asked"][0]

    row = next(row for row in products.tables[0].rows if row.keys == ("21",))

    assert row.is_open
    assert len(row.fits) == 2


@pytest.mark.usefixtures("flows_chosen")
def test_having_records_held_back_is_an_answer(client: Client, organization: Organization):
    table = client.get(QUESTIONS).context["asked"][0].tables[0]
    row = table.rows[0]
    with inside(organization):
        before = outstanding(Flow.objects.all()).open

    client.post(f"/setup/tables/{table.table.pk}/", {row.name: HOLD})

    with inside(organization):
        assert outstanding(Flow.objects.all()).open == before - 1
        stored = ValueRow.objects.get(table=table.table, key=row.keys[0])
    assert (stored.value, stored.is_confirmed, stored.is_left_open) == ("", False, True)


@pytest.mark.usefixtures("flows_chosen")
def test_an_order_that_becomes_an_invoice_has_the_fields_of_one(client: Client, organization: Organization):
    flow = flow_of(organization, "orders")

    client.post(f"/setup/flows/{flow.pk}/settings/", SETTINGS | {"settings-orders-send_as": "customer_invoice"})

    flow = flow_of(organization, "orders")
    with inside(organization):
        assert flow.settings["send_as"] == "customer_invoice"
        assert flow.map_version is not None
        assert flow.map_version.number == 2


# lights


@pytest.mark.usefixtures("flows_chosen")
def test_the_lights_say_what_is_missing_and_lead_there(client: Client, organization: Organization):
    flow = flow_of(organization, "orders")

    part = client.get(f"/setup/sandbox/readiness/{flow.pk}/").content.decode()

    with inside(organization):
        table = ValueTable.objects.get(flow=flow, name="customer_class")
    assert f"{QUESTIONS}#table-{table.pk}" in part
    assert f"{QUESTIONS}#settings-{flow.pk}" in part  # lines without a product have no item yet
    assert "Number series" in part


@pytest.mark.usefixtures("flows_chosen")
def test_the_lights_turn_green_once_it_is_put_right(client: Client, organization: Organization):
    answer_all(client)
    flow = flow_of(organization, "products")

    group = client.get(f"/setup/sandbox/readiness/{flow.pk}/").context["group"]

    assert {line.light.level for line in group.lines} == {"ok"}


@pytest.mark.usefixtures("flows_chosen")
def test_a_system_that_lets_us_in_no_more_is_red(client: Client, organization: Organization):
    with inside(organization):
        set_faults(Account.objects.get(system="visma_net"), down=True)

    page = client.get(TEST, {"checks": "1"})

    groups = {group.key: group for group in page.context["groups"]}
    assert groups["visma_net"].lines[0].light.level == "bad"
    assert groups["teamleader"].lines[0].light.level == "ok"


@pytest.mark.usefixtures("flows_chosen")
def test_a_viewer_makes_no_live_checks(client: Client, organization: Organization):
    viewer = make_user("viewer@example.com")
    add_member(organization, viewer, role=Membership.Role.VIEWER)

    assert signed_in(viewer).get("/setup/sandbox/readiness/visma_net/").status_code == 403
    assert signed_in(viewer).get(TEST, {"checks": "1"}).status_code == 200
    assert client.get("/setup/sandbox/readiness/nobody/").status_code == 404


# the dry run


@pytest.mark.usefixtures("flows_chosen")
def test_the_dry_run_makes_no_call_that_writes(client: Client, organization: Organization):
    with inside(organization):
        last = Call.objects.order_by("-pk").values_list("pk", flat=True)[0]

    client.post(TEST)

    with inside(organization):
        calls = (
            Call.objects.filter(pk__gt=last).exclude(path__startswith="/oauth2").exclude(path__contains="connect/token")
        )
        made = [(call.method, call.path) for call in calls]
    assert len(made) > 20
    assert [call for call in made if is_write(*call)] == []


@pytest.mark.usefixtures("flows_chosen")
def test_an_update_shows_what_stands_there_and_what_would(client: Client, organization: Organization):
    answer_all(client)

    client.post(TEST)

    with inside(organization):
        trial = find_trial(flow_of(organization, "products"))
    assert trial is not None
    update = next(line for line in trial.lines if line.is_update)
    fields = {one.title: one for one in update.fields}
    assert (fields["VAT rate"].before, fields["VAT rate"].after) == ("21%", "6%")
    assert fields["VAT rate"].verdict == "changed"
    assert fields["Name"].verdict == "same"
    assert fields["Description"].is_kept
    assert update.changed_count >= 1


@pytest.mark.usefixtures("flows_chosen")
def test_customers_that_orders_would_make_are_shown_too(client: Client, organization: Organization):
    answer_all(client)

    client.post(TEST)

    with inside(organization):
        trial = find_trial(flow_of(organization, "orders"))
    assert trial is not None
    assert {line.kind for line in trial.lines} == {"orders", "customers"}


@pytest.mark.usefixtures("flows_chosen")
def test_flows_are_tried_one_after_the_other_with_progress(client: Client, organization: Organization):
    first = client.post(TEST, headers=HTMX)
    second = client.post(TEST, {"since": first.context["since"]}, headers=HTMX)
    third = client.post(TEST, {"since": first.context["since"]}, headers=HTMX)

    assert [part.context["done"] for part in (first, second, third)] == [0, 1, 2]
    assert 'hx-trigger="load"' in second.content.decode()
    assert 'hx-trigger="load"' not in third.content.decode()
    assert "progress" not in third.content.decode()


@pytest.mark.usefixtures("flows_chosen")
def test_an_answer_that_changes_takes_the_dry_run_back(client: Client, organization: Organization):
    client.post(TEST)
    table = client.get(QUESTIONS).context["asked"][0].tables[0]

    client.post(f"/setup/tables/{table.table.pk}/", {table.rows[0].name: table.options[0].value})

    with inside(organization):
        assert find_trial(flow_of(organization, "products")) is None
        assert find_trial(flow_of(organization, "orders")) is not None


# the steps sent on


def test_the_steps_are_sent_in_the_language_that_was_chosen(client: Client, organization: Organization):
    client.post("/setup/guides/visma_net/send/", {"email": "ict@example.com", "language": "fr", "back": "/setup/"})

    letter = mail.outbox[-1]
    assert letter.to == ["ict@example.com"]
    assert "https://oauth.developers.visma.com" in str(letter.body)
    assert "1. " in str(letter.body)


@pytest.mark.parametrize(
    ("email", "back"), [("nonsense", "/setup/systems/"), ("a@example.com", "https://evil.example/")]
)
def test_what_is_wrong_sends_nothing_or_leads_nowhere_else(
    client: Client, organization: Organization, email: str, back: str
):
    response = client.post("/setup/guides/teamleader/send/", {"email": email, "back": back})

    assert len(mail.outbox) == (email != "nonsense")
    assert response["Location"] == ("/setup/systems/" if email == "nonsense" else "/setup/")


def test_steps_are_sent_so_often_a_day(client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sent_steps, "MOST_A_DAY", 1)

    for _letter in range(2):
        client.post("/setup/guides/teamleader/send/", {"email": "ict@example.com"})

    assert len(mail.outbox) == 1
