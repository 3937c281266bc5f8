"""Letting us in: what is entered, who comes back from the consent page, and repairing a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import respx
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Organization
from connectors.models import Connection
from connectors.sandbox.models import Account
from connectors.sandbox.services import authorize
from dashboard.setup import consents
from dashboard.setup.guides import callback_url
from tests.connectors.connections import answer_account
from tests.connectors.fake_connector import AUTH, FakePkce, use_fakes
from tests.connectors.token_server import ConsentServer
from tests.dashboard.setup_site import served_site
from tests.factories import inside, make_binding, make_connection, make_flow, make_organization, make_user

TENANT = "7d1f3c0a-52f8-4be1-9a37-0c64f0d2e911"
CALLBACK = "/setup/teamleader/callback/"
OWN = "/setup/production/authorise/"


@pytest.fixture
def organization(db: None) -> Organization:
    return make_organization(owner=make_user())


@pytest.fixture
def client(organization: Organization) -> Client:
    client = Client()
    client.force_login(organization.members.get())
    return client


@pytest.fixture
def demo(transactional_db: None, tmp_path: Path, env: Callable[..., None]) -> Iterator[tuple[Client, Organization]]:
    """Somebody whose demo company is connected, on a site that answers."""
    with served_site(tmp_path, env):
        organization = make_organization(owner=make_user())
        client = Client()
        client.force_login(organization.members.get())
        client.post("/setup/systems/")
        yield client, organization


def connection(organization: Organization, connector: str) -> Connection:
    with inside(organization):
        return Connection.objects.get(connector=connector)


def begin(client: Client, one: Connection, page: str = "") -> str:
    """Set out for the consent page and return the state that must come back."""
    response = client.get(f"/setup/connections/{one.pk}/consent/", {"page": page})
    return parse_qs(urlsplit(response["Location"]).query)["state"][0]


def come_back(client: Client, organization: Organization, state: str, code: str = "") -> HttpResponse:
    with inside(organization):
        given = code or authorize(Account.objects.get(system="teamleader"), callback_url())
    return client.get(CALLBACK, {"state": state, "code": given}, follow=True)


def make_unauthorised(organization: Organization) -> Connection:
    with inside(organization):
        one = make_connection("teamleader", state=Connection.State.NEW, account_id="", account_name="")
        one.store_secrets({"client_id": "id", "client_secret": "very-secret"})
        one.save()
    return one


# what is entered


def test_teamleader_is_made_before_one_leaves_for_its_consent_page(client: Client, organization: Organization):
    entered = {"client_id": "an id", "client_secret": "very-secret"}

    response = client.post("/setup/production/connect/teamleader/", entered)

    one = connection(organization, "teamleader")
    address = client.get(f"/setup/connections/{one.pk}/consent/")["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert f"url=/setup/connections/{one.pk}/consent/" in response.content.decode()
    assert address.startswith(settings.ENV.TEAMLEADER_AUTH_URL)
    assert (asked["client_id"], asked["redirect_uri"]) == (["an id"], [callback_url()])
    assert len(asked["state"][0]) >= 40


def test_no_client_is_asked_for_where_the_operator_has_registered_one(client: Client, env: Callable[..., None]):
    env(TEAMLEADER_CLIENT_ID="ours", TEAMLEADER_CLIENT_SECRET="ours too")

    page = client.get(OWN).content.decode()

    assert 'id="teamleader_client_id"' not in page
    assert 'id="visma_net_client_id"' in page
    assert "Sign in to Teamleader" in page


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"tenant_id": "nonsense", "client_id": "x", "client_secret": "y"}, "Tenant id does not look right."),
        ({"tenant_id": TENANT, "client_id": "x"}, "This field is required."),
        ({"client_id": "x", "client_secret": "y"}, "This field is required."),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_its_field(
    client: Client, organization: Organization, entered: dict[str, str], sentence: str
):
    page = client.post("/setup/production/connect/visma_net/", entered).content.decode()

    assert sentence in page
    assert 'aria-invalid="true"' in page
    with inside(organization):
        assert not Connection.objects.exists()


@respx.mock
def test_a_refusal_is_one_plain_sentence_and_secrets_are_never_shown_again(client: Client, organization: Organization):
    respx.post(f"{settings.ENV.VISMA_CONNECT_URL}/connect/token").respond(400, json={"error": "invalid_tenant"})
    entered = {"tenant_id": TENANT, "client_id": "own-client", "client_secret": "very-secret"}

    page = client.post("/setup/production/connect/visma_net/", entered).content.decode()

    assert "does not know this tenant id" in page
    assert TENANT in page
    for path in [OWN, f"/setup/connections/{connection(organization, 'visma_net').pk}/"]:
        shown = page + client.get(path).content.decode()
        assert "very-secret" not in shown
        assert "own-client" not in shown
        assert "stored; fill in to replace it" in shown


def test_a_connection_that_records_went_through_stays_with_its_company(client: Client, organization: Organization):
    with inside(organization):
        flow = make_flow()
        make_binding(flow, "VV-1", "77")
        Connection.objects.filter(pk=flow.source.pk).update(settings={"tenant_id": TENANT})
    moved = {"tenant_id": TENANT.replace("7d", "8e"), "client_id": "x", "client_secret": "y"}

    page = client.post(f"/setup/connections/{flow.source.pk}/", moved).content.decode()

    assert "so it stays with its company" in page
    with inside(organization):
        assert Connection.objects.get(pk=flow.source.pk).settings["tenant_id"] == TENANT


@pytest.mark.parametrize("path", ["/setup/production/connect/exact/", "/setup/sandbox/connect/visma_net/"])
def test_what_is_not_offered_is_not_found(client: Client, path: str):
    assert client.post(path).status_code == 404


def test_the_guide_shows_the_address_to_register(client: Client):
    page = client.get(OWN).content.decode()

    assert callback_url() in page
    assert "https://marketplace.focus.teamleader.eu/build" in page


# coming back


def test_who_comes_back_with_the_state_is_connected_and_it_is_tried(demo: tuple[Client, Organization]):
    client, organization = demo
    one = connection(organization, "teamleader")
    with inside(organization):
        one.mark_problem("token.revoked", {"system": "Teamleader Focus"})

    page = come_back(client, organization, begin(client, one)).content.decode()

    assert "What we tried just now" in page
    assert "Read products" in page
    assert connection(organization, "teamleader").state == Connection.State.OK


def test_a_state_works_once(demo: tuple[Client, Organization]):
    client, organization = demo
    state = begin(client, connection(organization, "teamleader"))
    come_back(client, organization, state)

    page = come_back(client, organization, state).content.decode()

    assert "was not begun here, or was finished already" in page


def test_another_account_is_told_by_name_and_changes_nothing(demo: tuple[Client, Organization]):
    client, organization = demo
    with inside(organization):
        Connection.objects.filter(connector="teamleader").update(account_id="other", account_name="De Wilde BV")
    one = connection(organization, "teamleader")

    page = come_back(client, organization, begin(client, one)).content.decode()

    assert "but this connection belongs to “De Wilde BV”" in page
    assert connection(organization, "teamleader").account_id == "other"


def test_a_code_that_is_spent_is_one_plain_sentence(demo: tuple[Client, Organization]):
    client, organization = demo
    state = begin(client, connection(organization, "teamleader"))

    page = come_back(client, organization, state, code="never issued").content.decode()

    assert "Teamleader Focus no longer accepts the authorisation" in page


def test_repairing_leads_back_to_the_page_that_began_it(demo: tuple[Client, Organization]):
    client, organization = demo
    one = connection(organization, "teamleader")

    response = come_back(client, organization, begin(client, one, page="connection"))

    assert response.redirect_chain == [(f"/setup/connections/{one.pk}/", 302)]
    assert "Read products" in response.content.decode()


def test_a_wrong_state_is_refused_and_the_right_one_still_counts(client: Client, organization: Organization):
    one = make_unauthorised(organization)
    state = begin(client, one)

    page = client.get(CALLBACK, {"state": "guessed", "code": "x"}, follow=True).content.decode()
    denied = client.get(CALLBACK, {"state": state, "error": "access_denied"}, follow=True).content.decode()

    assert "was not begun here" in page
    assert "You did not allow the access in Teamleader Focus" in denied
    assert connection(organization, "teamleader").state == Connection.State.NEW


def test_a_state_of_another_session_is_refused(client: Client, organization: Organization):
    state = begin(client, make_unauthorised(organization))
    elsewhere = Client()
    elsewhere.force_login(organization.members.get())

    page = elsewhere.get(CALLBACK, {"state": state, "code": "x"}, follow=True).content.decode()

    assert "was not begun here" in page


def test_coming_back_in_another_company_is_refused(client: Client, organization: Organization):
    state = begin(client, make_unauthorised(organization))
    second = make_organization("Second", owner=organization.members.get())
    client.post("/organization/", {"organization": str(second.pk)})

    page = client.get(CALLBACK, {"state": state, "code": "x"}, follow=True).content.decode()

    assert "was begun for another company" in page


@pytest.mark.parametrize(("minutes", "is_refused"), [(9, False), (11, True)])
def test_a_state_lives_ten_minutes(organization: Organization, minutes: int, is_refused: bool):
    one = make_unauthorised(organization)
    session, now = SessionStore(), timezone.now()
    begun = consents.begin(session, one, page="", now=now - timedelta(minutes=minutes))

    def redeem() -> consents.Consent:
        return consents.redeem(session, begun.state, organization=organization.pk, now=now)

    if is_refused:
        with pytest.raises(consents.ConsentRefused, match="ten minutes"):
            redeem()
    else:
        assert redeem() == consents.Consent(one.pk, "", begun.verifier)


def test_the_verifier_stays_here_until_the_code_is_back(
    client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
):
    use_fakes(monkeypatch, FakePkce)
    one, server = make_unauthorised(organization), ConsentServer()
    leaving = client.get(f"/setup/connections/{one.pk}/consent/")["Location"]
    verifier = client.session["consent"]["verifier"]

    with respx.mock(assert_all_called=False) as router:
        answer_account(router)
        router.post(f"{AUTH}/oauth2/access_token").mock(side_effect=server.exchange)
        state = parse_qs(urlsplit(leaving).query)["state"][0]
        client.get(CALLBACK, {"state": state, "code": server.consent(leaving)})

    assert verifier not in leaving
    assert connection(organization, "teamleader").state == Connection.State.OK


def test_only_a_system_with_a_consent_page_has_one(client: Client, organization: Organization):
    with inside(organization):
        one = make_connection("visma_net")

    assert client.get(f"/setup/connections/{one.pk}/consent/").status_code == 404


# ways in


def test_a_broken_connection_is_repaired_from_where_it_is_told(client: Client, organization: Organization):
    with inside(organization):
        flow = make_flow()
        flow.source.mark_problem("token.revoked", {"system": "Visma.net ERP"})
    link = f'href="/setup/connections/{flow.source.pk}/"'

    assert link in client.get("/").content.decode()
    assert link in client.get("/connections/").content.decode()
    assert "Reconnect Visma.net" in client.get(f"/setup/connections/{flow.source.pk}/").content.decode()
