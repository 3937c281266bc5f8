"""The connections page: what uses them, how access stands, rename, disconnect, remove."""

from __future__ import annotations

from datetime import timedelta

import pytest
import respx
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from apicenter.organizations.models import AuditEntry, Membership
from connectors.checks import last_check, note_check
from connectors.models import Connection, Credential
from connectors.services import check
from connectors.standing import access_of
from flows.connection_use import disconnect
from flows.models import Binding, Flow
from tests.dashboard.company import Company, make_company
from tests.factories import PASSWORD, add_member, inside, make_connection, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        company.visma_net.store_secrets({"client_id": "id", "client_secret": "secret"})
        company.visma_net.save()
        until = timezone.now() + timedelta(minutes=40)
        Credential.objects.create(connection=company.visma_net, tokens=b"x", expires_at=until, lifetime_seconds=3600)
    return company


def client_of(company: Company, role: str = Membership.Role.OWNER) -> Client:
    user = company.owner
    if role != Membership.Role.OWNER:
        user = make_user(f"{role}@example.com")
        add_member(company.organization, user, role=role)
    client = Client()
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def fresh(company: Company) -> Connection:
    with inside(company.organization):
        return Connection.objects.get(pk=company.visma_net.pk)


def test_a_card_says_how_access_stands_and_what_uses_it(company: Company):
    page = client_of(company).get("/connections/").content.decode()

    assert "renewed today" in page
    assert f'href="/flows/{company.products.pk}/">Products</a>' in page
    assert "Not tried by hand yet" in page


def test_access_that_was_withdrawn_says_so(company: Company):
    with inside(company.organization):
        Credential.objects.update(state=Credential.State.NEEDS_REAUTH)

    assert "withdrawn, connect again" in client_of(company).get("/connections/").content.decode()


def test_access_is_read_for_all_connections_at_once(company: Company, django_assert_num_queries):
    with inside(company.organization):
        rows = list(Connection.objects.all())
        with django_assert_num_queries(1):
            found = access_of(rows)

    assert set(found) == {company.visma_net.pk}


@respx.mock
def test_the_last_check_is_kept_with_its_time_and_read_in_every_language(company: Company):
    respx.post(f"{settings.ENV.VISMA_CONNECT_URL}/connect/token").respond(400, json={"error": "invalid_client"})
    with inside(company.organization):
        Credential.objects.all().delete()
        with translation.override("fr"):
            check(company.visma_net)
        kept = Connection.objects.get(pk=company.visma_net.pk)
        lines = last_check(kept)

    assert kept.checked_at is not None
    assert [line.code for line in lines] == ["credentials.wrong"]
    assert "Last tried today" in client_of(company).get("/connections/").content.decode()


def test_a_check_is_stored_without_the_language_of_who_made_it(company: Company):
    from django.utils.translation import gettext_lazy as _

    from connectors.base import CheckResult, Finding

    with inside(company.organization), translation.override("fr"):
        note_check(company.visma_net, [CheckResult(_("Products"), Finding.OK)])

        assert company.visma_net.checks[0]["what"] == "Products"
        assert last_check(company.visma_net)[0].what == "Produits"


def test_a_connection_gets_another_name(company: Company):
    client_of(company, Membership.Role.EDITOR).post(
        f"/connections/{company.visma_net.pk}/rename/", {"name": " ERP  live "}
    )

    assert fresh(company).name == "ERP live"
    with inside(company.organization):
        entry = AuditEntry.objects.get(action="connection.renamed")
        assert (entry.before, entry.after) == ({"name": "Visma.net"}, {"name": "ERP live"})


@pytest.mark.parametrize("name", ["", "   ", "x" * 151])
def test_a_name_that_cannot_be_is_refused(company: Company, name: str):
    client_of(company).post(f"/connections/{company.visma_net.pk}/rename/", {"name": name})

    assert fresh(company).name == "Visma.net"


def test_disconnecting_asks_first_and_says_how_many_flows_pause(company: Company):
    page = client_of(company).get(f"/connections/{company.visma_net.pk}/disconnect/").content.decode()

    assert "2 flows pause." in page
    assert fresh(company).secrets is not None


def test_disconnecting_erases_access_pauses_flows_and_is_recorded(company: Company):
    page = client_of(company).post(f"/connections/{company.visma_net.pk}/disconnect/", follow=True).content.decode()

    connection = fresh(company)
    assert "Visma.net is disconnected. 2 flows are paused." in page
    assert (connection.secrets, connection.state) == (None, Connection.State.NEW)
    assert connection.account_id == "1234567"
    with inside(company.organization):
        assert not Credential.objects.exists()
        assert set(Flow.objects.values_list("state", "pause_code")) == {("paused", "connection.disconnected")}
        assert Binding.objects.exists()
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions >= {"connection.disconnected", "flow.paused"}


def test_a_flow_that_was_paused_by_somebody_keeps_its_reason(company: Company):
    with inside(company.organization):
        company.orders.pause()

        assert disconnect(company.visma_net) == 1
        assert Flow.objects.get(pk=company.orders.pk).pause_code == ""


def test_pages_work_while_a_connection_is_disconnected(company: Company):
    with inside(company.organization):
        disconnect(company.visma_net)
    client = client_of(company)

    paths = ("/", "/connections/", f"/flows/{company.products.pk}/", f"/setup/connections/{company.visma_net.pk}/")
    assert [client.get(path).status_code for path in paths] == [200] * 4


@pytest.mark.parametrize("role", [Membership.Role.EDITOR, Membership.Role.VIEWER])
def test_only_admins_disconnect_and_remove(company: Company, role: str):
    client = client_of(company, role)

    assert client.get(f"/connections/{company.visma_net.pk}/disconnect/").status_code == 403
    assert client.post(f"/connections/{company.visma_net.pk}/disconnect/").status_code == 403
    assert client.post(f"/connections/{company.visma_net.pk}/remove/").status_code == 403
    assert "/disconnect/" not in client.get("/connections/").content.decode()
    assert fresh(company).secrets is not None


def test_a_connection_in_use_is_not_removed(company: Company):
    page = client_of(company).post(f"/connections/{company.visma_net.pk}/remove/", follow=True).content.decode()

    assert "Flows still use this connection" in page
    assert fresh(company)
    with inside(company.organization):
        assert not AuditEntry.objects.filter(action="connection.removed").exists()


def test_an_unused_connection_is_removed(company: Company):
    with inside(company.organization):
        spare = make_connection("teamleader", name="Spare")
    client = client_of(company, Membership.Role.ADMIN)

    page = client.get("/connections/").content.decode()
    client.post(f"/connections/{spare.pk}/remove/")

    assert page.count("/remove/") == 1
    with inside(company.organization):
        assert not Connection.objects.filter(pk=spare.pk).exists()
        assert AuditEntry.objects.get(action="connection.removed").subject == "Spare"
