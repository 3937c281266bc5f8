"""A code is worth something only to whoever set out for it, where the system takes PKCE."""

from __future__ import annotations

import io
import re

import pytest
import respx
from django.core.management import call_command

from apicenter.organizations.models import Organization
from connectors.auth import GrantRefused
from connectors.models import Connection
from connectors.pkce import challenge_of, new_verifier
from connectors.services import consent_url, finish_authorization
from tests.connectors.connections import BACK, answer_account, make_focus
from tests.connectors.fake_connector import API, AUTH, FakePkce, use_fakes
from tests.connectors.token_server import ConsentServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, router: respx.MockRouter) -> ConsentServer:
    use_fakes(monkeypatch, FakePkce)
    server = ConsentServer()
    answer_account(router)
    router.post(f"{AUTH}/oauth2/access_token").mock(side_effect=server.exchange)
    router.post(f"{API}/products.list").respond(json={"data": []})
    return server


def set_out(connection: Connection, server: ConsentServer, verifier: str) -> str:
    """Go to the consent page and allow what is asked. Returns the code."""
    return server.consent(consent_url(connection, redirect_uri=BACK, state="s", verifier=verifier))


def test_the_challenge_is_that_of_the_standard():
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_used_once_and_as_long_as_it_has_to_be():
    assert re.fullmatch(r"[A-Za-z0-9_-]{43,128}", new_verifier())
    assert new_verifier() != new_verifier()


def test_a_code_counts_with_the_verifier_of_its_own_consent(organization: Organization, server: ConsentServer):
    connection, verifier = make_focus(organization), new_verifier()

    finish_authorization(connection, set_out(connection, server, verifier), BACK, verifier=verifier)

    connection.refresh_from_db()
    assert connection.state == Connection.State.OK


@pytest.mark.parametrize("verifier", ["", "another"])
def test_a_code_of_somebody_else_is_refused(organization: Organization, server: ConsentServer, verifier: str):
    connection = make_focus(organization)
    code = set_out(connection, server, new_verifier())

    with pytest.raises(GrantRefused):
        finish_authorization(connection, code, BACK, verifier=verifier)


def test_at_a_terminal_the_verifier_is_handed_on(organization: Organization, server: ConsentServer):
    arguments = ("teamleader", "--client-id", "app", "--client-secret", "hush")
    call_command("connect", *arguments, stdout=(said := io.StringIO()))
    _words, url, verifier = said.getvalue().splitlines()

    call_command("connect", "teamleader", "--code", server.consent(url), verifier, stdout=said)

    assert Connection.objects.get().state == Connection.State.OK
