from __future__ import annotations

import io
import json

import pytest
import respx
from django.core.management import CommandError, call_command

from apicenter.organizations.models import Organization
from connectors.models import Connection
from tests.connectors.connections import answer_account
from tests.connectors.fake_connector import API, AUTH

pytestmark = pytest.mark.usefixtures("fakes")


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
