from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import Http404, HttpRequest
from django.utils import timezone

from apicenter.errors import AuthError, OutcomeUnknown, PermissionMissing, RemoteUnavailable
from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context
from connectors.access import connection_for
from connectors.auth import Tokens
from connectors.base import Finding
from connectors.models import Connection, Credential, Lane
from connectors.services import OtherAccount, check, connect, finish_authorization, open_connector, reconfigure
from connectors.tokens import store_tokens
from tests.connectors.fake_connector import API, AUTH, make_organization, use_fakes

SECRETS = {"client_id": "app", "client_secret": "hush"}
BACK = "https://us.example/back"


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    organization = make_organization()
    with organization_context(organization.id):
        yield organization


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def make_focus(organization: Organization, **values: Any) -> Connection:
    given = {"name": "Ours", "environment": "production", "settings": {}, "secrets": SECRETS, **values}
    return connect(organization, "teamleader", **given)


def make_erp(organization: Organization, **values: Any) -> Connection:
    given = {"name": "Books", "environment": "production", "settings": {"tenant_id": "t-1"}, "secrets": SECRETS}
    return connect(organization, "visma_net", **{**given, **values})


def make_authorised(organization: Organization, **values: Any) -> Connection:
    connection = make_focus(organization, **values)
    store_tokens(connection, Tokens("a0", "r0", 3600), asked_at=timezone.now())
    return connection


def answer_account(router: respx.MockRouter, account: str = "acc-1") -> None:
    router.post(f"{AUTH}/oauth2/access_token").respond(json={"access_token": f"of-{account}", "refresh_token": "r"})
    router.post(f"{API}/users.me").respond(json={"data": {"account": {"id": account, "name": f"Name of {account}"}}})


# making one


def test_connecting_stores_secrets_sealed_and_makes_the_lane(organization: Organization):
    connection = make_focus(organization, settings={"department": "BE"})

    connection.refresh_from_db()
    assert connection.read_secrets() == SECRETS
    assert b"hush" not in bytes(connection.secrets)
    assert connection.settings == {"department": "BE"}
    assert (connection.state, connection.lane.key) == ("new", f"teamleader:app:{connection.id}")
    assert (connection.lane.limit_calls, connection.lane.limit_seconds) == (200, 60)


def test_connections_to_one_tenant_with_one_application_share_a_lane(organization: Organization):
    assert make_erp(organization).lane == make_erp(organization, name="Again").lane
    assert Lane.objects.get().key == "visma_net:app:t-1"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"secrets": {}}, ["client_id", "client_secret"]),
        ({"secrets": {"client_id": "app"}}, ["client_secret"]),
        ({"settings": {"department": "Brussels"}}, ["department"]),
    ],
)
def test_a_wrong_entry_is_named_by_its_field(organization: Organization, values: dict[str, Any], fields: list[str]):
    with pytest.raises(ValidationError) as caught:
        make_focus(organization, **values)

    assert list(caught.value.message_dict) == fields
    assert not Connection.objects.exists()


def test_a_required_setting_is_named(organization: Organization):
    with pytest.raises(ValidationError) as caught:
        make_erp(organization, settings={"tenant_id": "  "})

    assert caught.value.message_dict == {"tenant_id": ["Tenant id is required."]}


def test_the_operators_application_is_used_when_none_is_entered(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings.ENV, "TEAMLEADER_CLIENT_ID", "platform")
    monkeypatch.setattr(settings.ENV, "TEAMLEADER_CLIENT_SECRET", "platform-secret")

    connection = make_focus(organization, secrets={})

    assert connection.lane.key.startswith("teamleader:platform:")
    assert connection.read_secrets() == {}


def test_reconfiguring_keeps_a_secret_that_is_not_entered_again(organization: Organization):
    connection = make_erp(organization)

    reconfigure(connection, settings={"tenant_id": "t-2"}, secrets={"client_id": "app", "client_secret": ""})

    connection.refresh_from_db()
    assert connection.read_secrets() == SECRETS
    assert (connection.settings, connection.lane.key) == ({"tenant_id": "t-2"}, "visma_net:app:t-2")
    assert Lane.objects.count() == 1


# the consent


def test_finishing_pins_the_account_and_its_lane(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)

    finish_authorization(connection, "code", BACK)

    connection.refresh_from_db()
    assert (connection.account_id, connection.account_name, connection.state) == ("acc-1", "Name of acc-1", "ok")
    assert [lane.key for lane in Lane.objects.all()] == ["teamleader:app:acc-1"]
    assert Credential.objects.get().version == 1


def test_coming_back_with_another_account_changes_nothing(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)
    finish_authorization(connection, "code", BACK)
    before = Credential.objects.get().tokens

    answer_account(router, "acc-2")
    with pytest.raises(OtherAccount) as caught:
        finish_authorization(connection, "code", BACK)

    assert "Name of acc-2" in str(caught.value)
    assert "Name of acc-1" in str(caught.value)
    assert Credential.objects.get().tokens == before


def test_the_same_account_heals_the_connection(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)
    finish_authorization(connection, "code", BACK)
    connection.mark_problem("token.revoked", {"system": "Fake Focus"})

    finish_authorization(connection, "code", BACK)

    connection.refresh_from_db()
    assert (connection.state, connection.problem_code) == ("ok", "")


# work on one


def test_opening_gives_a_connector_with_token_and_address(organization: Organization, router: respx.MockRouter):
    route = router.post(f"{API}/products.list").respond(json={"data": []})

    with open_connector(make_authorised(organization)) as connector:
        connector.api.call("POST", "products.list")

    assert route.calls.last.request.headers["authorization"] == "Bearer a0"
    assert connector.api.calls == 1


def test_what_was_not_spent_is_given_back_at_the_end(organization: Organization, router: respx.MockRouter):
    router.post(f"{API}/products.list").respond(json={}, headers={"X-RateLimit-Remaining": "150"})
    connection = make_authorised(organization)

    with open_connector(connection) as connector:
        connector.api.overlap(lambda number: connector.api.call("POST", "products.list"), range(7))

    lane = Lane.objects.get()
    assert (sum(count for _, count in lane.grants), lane.remaining) == (7, 150)


def test_a_sandbox_connection_goes_to_the_sandbox(
    organization: Organization, router: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings.ENV, "SANDBOX_URL", "http://fakes.test/sandbox/")
    connection = make_erp(organization, environment="sandbox")
    router.post("http://fakes.test/sandbox/visma-net/connect/connect/token").respond(json={"access_token": "t"})
    erp = router.get("http://fakes.test/sandbox/visma-net/erp/v1/items").respond(json=[])
    orders = router.get("http://fakes.test/sandbox/visma-net/salesorder/api/v3/orders").respond(json=[])

    with open_connector(connection) as connector:
        connector.api.call("GET", "/v1/items")
        connector.api.call("GET", "/api/v3/orders", host="order")

    assert erp.called
    assert orders.called


@pytest.mark.parametrize(
    ("status", "kind", "code"), [(401, AuthError, "token.revoked"), (403, PermissionMissing, "permission.missing")]
)
def test_a_refused_authorisation_marks_the_connection(
    organization: Organization, router: respx.MockRouter, status: int, kind: type[Exception], code: str
):
    connection = make_authorised(organization)
    router.post(f"{API}/products.list").respond(status)
    router.post(f"{AUTH}/oauth2/access_token").respond(json={"access_token": "a1", "refresh_token": "r1"})

    with pytest.raises(kind), open_connector(connection) as connector:
        connector.api.call("POST", "products.list")

    connection.refresh_from_db()
    assert (connection.state, connection.problem_code) == ("needs_person", code)


def test_the_failure_of_one_side_does_not_mark_the_other(organization: Organization, router: respx.MockRouter):
    left, right = make_authorised(organization), make_authorised(organization, name="Other")
    router.post(f"{API}/products.list").respond(403)

    with pytest.raises(PermissionMissing), open_connector(left) as source, open_connector(right):
        source.api.call("POST", "products.list")

    states = {row.name: row.state for row in Connection.objects.all()}
    assert states == {"Ours": "needs_person", "Other": "new"}


def test_an_outage_marks_nothing(organization: Organization, router: respx.MockRouter):
    connection = make_authorised(organization)
    router.post(f"{API}/products.add").respond(503)

    with pytest.raises(OutcomeUnknown), open_connector(connection) as connector:
        connector.api.call("POST", "products.add", is_create=True)

    connection.refresh_from_db()
    assert connection.problem_code == ""


def test_a_lease_that_ends_too_soon_keeps_a_create_at_home(organization: Organization, router: respx.MockRouter):
    route = router.post(f"{API}/products.add").respond(201, json={})

    with (
        pytest.raises(RemoteUnavailable),
        open_connector(make_authorised(organization), send_before=lambda: 5.0) as connector,
    ):
        connector.api.call("POST", "products.add", is_create=True)

    assert not route.called


# the live check


def test_a_check_that_passes_makes_the_connection_good(organization: Organization, router: respx.MockRouter):
    connection = make_authorised(organization)
    connection.mark_problem("token.revoked", {})
    answer_account(router)
    router.post(f"{API}/products.list").respond(json={"data": []})

    results = check(connection)

    assert [row.finding for row in results] == [Finding.OK]
    assert (connection.state, connection.account_id) == ("ok", "acc-1")


def test_a_check_says_what_is_wrong_and_never_raises(organization: Organization, router: respx.MockRouter):
    connection = make_erp(organization)
    router.post(url__regex=".*/connect/token").respond(400, json={"error": "invalid_tenant"})

    (row,) = check(connection)

    connection.refresh_from_db()
    assert (row.finding, row.code) == (Finding.BAD, "tenant.wrong")
    assert connection.problem_code == "tenant.wrong"


def test_a_check_during_an_outage_leaves_the_state(organization: Organization, router: respx.MockRouter):
    connection = make_authorised(organization)
    router.post(f"{API}/products.list").mock(side_effect=httpx.ConnectError)

    (row,) = check(connection)

    assert (row.finding, row.code, connection.state) == (Finding.BAD, "remote.unavailable", "new")


# from a request


def test_a_member_finds_the_connection_and_a_stranger_does_not(organization: Organization):
    connection = make_focus(organization)
    member, stranger = (User.objects.create_user(f"{name}@example.com") for name in ("member", "stranger"))
    Membership.objects.create(user=member, organization=organization)

    assert connection_for(request_of(member), connection.id) == connection
    with pytest.raises(Http404):
        connection_for(request_of(stranger), connection.id)


def request_of(user: User) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


# the command


def run_connect(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connect", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_consent_page_and_takes_its_code(organization: Organization, router: respx.MockRouter):
    arguments = ("teamleader", "--client-id", "app", "--client-secret", "hush", "--organization", str(organization.id))
    answer_account(router)
    router.post(f"{API}/products.list").respond(json={"data": []})

    asked = run_connect(*arguments)
    done = run_connect("teamleader", "--code", "c1")

    assert f"{AUTH}/oauth2/authorize?client_id=app" in asked
    assert "hush" not in asked + done
    assert "ok    Products" in done
    assert Connection.objects.get().state == "ok"


def test_the_command_makes_a_connection_with_client_credentials(organization: Organization, router: respx.MockRouter):
    router.post(url__regex=".*/connect/token").respond(json={"access_token": "t"})
    router.post(url__regex=".*/products.list").respond(json=[])
    router.post(url__regex=".*/users.me").respond(
        content=json.dumps({"data": {"account": {"id": "t-1", "name": "Co"}}})
    )

    run_connect("visma_net", "--tenant-id", "t-1", "--client-id", "app", "--client-secret", "hush", "--name", "Books")

    connection = Connection.objects.get()
    assert (connection.name, connection.state, connection.account_name) == ("Books", "ok", "Co")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sap",), "There is no connector “sap”"),
        (("visma_net", "--client-id", "app", "--client-secret", "x"), "Tenant id is required."),
        (("visma_net", "--set", "novalue"), "--set takes NAME=VALUE"),
        (("visma_net", "--organization", "nonsense"), "Name the organization"),
    ],
)
def test_the_command_fails_with_one_sentence(organization: Organization, arguments: tuple[str, ...], sentence: str):
    with pytest.raises(CommandError, match=sentence):
        run_connect(*arguments)


def test_the_command_fails_when_the_check_does(organization: Organization, router: respx.MockRouter):
    router.post(url__regex=".*/connect/token").respond(401, json={"error": "invalid_client"})

    with pytest.raises(CommandError, match="does not work yet"):
        run_connect("visma_net", "--tenant-id", "t-1", "--client-id", "app", "--client-secret", "wrong")
