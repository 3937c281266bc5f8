from __future__ import annotations

import httpx
import pytest
import respx
from django.conf import settings
from django.utils import timezone

from apicenter.errors import AuthError, OutcomeUnknown, PermissionMissing, RemoteUnavailable
from apicenter.organizations.models import Organization
from connectors.base import Finding
from connectors.models import Connection, Credential, Lane
from connectors.services import check, open_connector
from connectors.tokens import DOUBT
from tests.connectors.connections import answer_account, make_authorised, make_erp
from tests.connectors.fake_connector import API, AUTH

pytestmark = pytest.mark.usefixtures("fakes")


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
    Credential.objects.update(refused_at=timezone.now() - DOUBT)
    router.post(f"{API}/products.list").respond(status)
    router.post(f"{AUTH}/oauth2/access_token").respond(json={"access_token": "a1", "refresh_token": "r1"})

    with pytest.raises(kind), open_connector(connection) as connector:
        connector.api.call("POST", "products.list")

    connection.refresh_from_db()
    assert (connection.state, connection.problem_code) == ("needs_person", code)


def test_a_renewed_token_that_is_refused_marks_nothing_yet(organization: Organization, router: respx.MockRouter):
    connection = make_authorised(organization)
    router.post(f"{API}/products.list").respond(401)
    router.post(f"{AUTH}/oauth2/access_token").respond(json={"access_token": "a1", "refresh_token": "r1"})

    with pytest.raises(RemoteUnavailable), open_connector(connection) as connector:
        connector.api.call("POST", "products.list")

    connection.refresh_from_db()
    assert (connection.problem_code, Credential.objects.get().refused_at is None) == ("", False)


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
