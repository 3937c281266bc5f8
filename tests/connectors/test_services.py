from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from apicenter.organizations.models import Membership, Organization, User
from connectors.access import connection_for
from connectors.models import Connection, Lane
from connectors.services import reconfigure
from tests.connectors.connections import SECRETS, make_erp, make_focus

pytestmark = pytest.mark.usefixtures("fakes")


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
