"""How changes reach a flow, on its pages and through the API: instant updates, and the nightly check."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.organizations.models import AuditEntry, Membership
from connectors.models import Connection, WebhookAddress
from dashboard.flow.flow_checks import check_words
from flows.models import Binding, Flow, Job, Reconciliation, Run, RunRecord
from flows.reconciling.reconciliation import start_check
from flows.services import start_run
from tests.dashboard.api_client import Program
from tests.dashboard.company import make_company
from tests.dashboard.flow.pages import client_of
from tests.dashboard.people import signed_in_just_now
from tests.factories import inside
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def checked(flow: Flow, shelf: Shelf) -> Flow:
    """Two records were sent; one was deleted here, one there, and a third came that no run has read."""
    shelf.rows = [make_row("A"), make_row("B")]
    start_run(flow, Run.Trigger.MANUAL)
    work_until_idle()
    shelf.rows = [make_row("B"), make_row("C")]
    del shelf.things[Binding.objects.get(source_key="S-B").target_id]
    start_check(flow)
    work_until_idle()
    return flow


def test_the_flow_says_what_the_last_check_came_to(checked: Flow, client: Client):
    words = "2 compared, 1 found and sent, 1 vanished, 1 gone in the target"

    assert words in client.get(f"/flows/{checked.pk}/").content.decode()
    page = client.get(f"/flows/{checked.pk}/check/").content.decode()
    assert f"Last check: {words}." in page
    assert "No longer in Memory" in page
    assert Binding.objects.get(source_key="S-A").target_id in page


def test_large_numbers_are_grouped_and_only_what_was_sent_is_called_sent(checked: Flow):
    report = Reconciliation.objects.select_related("flow").get()
    report.compared, report.missing, report.vanished, report.target_gone = 1204, 3, 0, 0

    assert check_words(report) == "1,204 compared, 3 found (1 sent)"


def test_what_is_gone_there_is_made_again_or_forgotten_on_its_card(checked: Flow, client: Client):
    page = client.get("/needs-you/").content.decode()
    assert "Create 1 record again" in page
    key = next(card.group.key for card in client.get("/needs-you/").context["page"].cards)

    answer = client.post(f"/needs-you/{key}/records/", {"forget": "1"}, follow=True).content.decode()

    assert "1 link is forgotten." in answer
    assert not Binding.objects.filter(source_key="S-B").exists()
    assert AuditEntry.objects.filter(action="record.link_forgotten").count() == 1
    assert RunRecord.objects.get(source_key="S-B", code="skip.set_aside_because").state == RunRecord.State.SKIPPED


def test_check_now_and_the_switches(flow: Flow, client: Client):
    too_early = client.post(f"/flows/{flow.pk}/check/now/", follow=True).content.decode()
    assert "There is nothing to compare with" in too_early
    start_run(flow, Run.Trigger.MANUAL)
    work_until_idle()

    client.post(f"/flows/{flow.pk}/check/now/")
    assert Run.objects.filter(trigger=Run.Trigger.RECONCILE).count() == 1
    assert "Both systems are being compared." in client.get(f"/flows/{flow.pk}/check/").content.decode()

    client.post(f"/flows/{flow.pk}/check/save/")
    client.post(f"/flows/{flow.pk}/instant/save/")
    flow.refresh_from_db()
    assert (flow.is_checked_nightly, flow.reacts_at_once) == (False, False)
    client.post(f"/flows/{flow.pk}/check/save/", {"nightly": "on"})
    client.post(f"/flows/{flow.pk}/instant/save/", {"reacts_at_once": "on"})
    flow.refresh_from_db()
    assert (flow.is_checked_nightly, flow.reacts_at_once) == (True, True)


def test_a_viewer_sees_the_check_and_cannot_start_it(checked: Flow):
    viewer = client_of(checked.organization, Membership.Role.VIEWER)

    assert "Check now" not in viewer.get(f"/flows/{checked.pk}/check/").content.decode()
    assert viewer.post(f"/flows/{checked.pk}/check/now/").status_code == 403


def test_programs_do_the_same(checked: Flow):
    program = Program(checked.organization)

    (report,) = program.get(f"flows/{checked.pk}/checks/")
    assert (report["compared"], report["missing"], report["vanished"], report["target_gone"]) == (2, 1, 1, 1)
    assert [row["source_key"] for row in program.get(f"flows/{checked.pk}/vanished/")] == ["S-A"]
    held = RunRecord.objects.get(code="drift.target_gone")
    assert program.call("POST", f"records/{held.pk}/forget-link/").status_code == 200
    assert program.call("POST", f"records/{held.pk}/forget-link/").status_code == 409
    started = program.call("POST", f"flows/{checked.pk}/checks/").json()
    assert started["trigger"] == "reconcile"
    program.call("PATCH", f"flows/{checked.pk}/", {"reacts_at_once": False, "is_checked_nightly": False})
    row = program.get(f"flows/{checked.pk}/")
    assert (row["reacts_at_once"], row["is_checked_nightly"]) == (False, False)
    assert row["instant_updates"].startswith("off: ")


def test_a_reader_may_see_checks_and_not_start_one(checked: Flow):
    reader = Program(checked.organization, "flows:read")

    assert reader.call("GET", f"flows/{checked.pk}/checks/").status_code == 200
    assert reader.call("POST", f"flows/{checked.pk}/checks/").status_code == 403


def test_an_address_is_made_for_a_system_that_needs_one_entered():
    company = make_company()
    owner = signed_in_just_now(company.owner)
    page = owner.get("/connections/").content.decode()
    assert "Set up instant updates" in page
    with inside(company.organization):
        before = Connection.objects.get(pk=company.visma_net.pk)

    owner.post(f"/connections/{before.pk}/address/")
    owner.post(f"/connections/{before.pk}/address/")

    with inside(company.organization):
        address = WebhookAddress.objects.get()
        assert AuditEntry.objects.filter(action="connection.address_made").count() == 1
        assert f"/api/deliveries/{address.read_token()}/" in owner.get("/connections/").content.decode()
        assert not Job.objects.exists()
