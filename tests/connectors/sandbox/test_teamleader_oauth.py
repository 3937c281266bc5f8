"""The authorization server of the fake Teamleader: codes, and refresh tokens that work once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from connectors.sandbox import services
from connectors.sandbox.models import Account
from tests.connectors.sandbox.caller import SITE, Caller, title
from tests.connectors.sandbox.contract import check_response

BACK = "http://127.0.0.1:8000/connections/back"


def token_call(account: Account, *, as_json: bool = False, **form: str) -> HttpResponse:
    body = {"client_id": account.client_id, "client_secret": account.client_secret, **form}
    if as_json:
        answer = Client().post(f"{SITE}/oauth2/access_token", json.dumps(body), "application/json")
    else:
        answer = Client().post(f"{SITE}/oauth2/access_token", body)
    check_response(
        "teamleader",
        "POST",
        "/oauth2/access_token",
        status=answer.status_code,
        headers=answer.headers,
        body=answer.json(),
    )
    return answer


def consent(account: Account, **query: str) -> dict[str, list[str]]:
    asked = {"client_id": account.client_id, "response_type": "code", "redirect_uri": BACK, "state": "s1", **query}
    answer = Client().get(f"{SITE}/oauth2/authorize", asked)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)


def first_pair(account: Account) -> dict[str, Any]:
    code = services.authorize(account, BACK)
    return dict(token_call(account, grant_type="authorization_code", code=code, redirect_uri=BACK).json())


@pytest.mark.parametrize("as_json", [False, True])
def test_a_code_is_exchanged_for_a_pair_once(call: Caller, as_json: bool):
    given = consent(call.account)
    form = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": BACK}

    first, second = (token_call(call.account, as_json=as_json, **form) for _ in range(2))

    assert given["state"] == ["s1"]
    assert (first.status_code, first.json()["expires_in"]) == (200, 3600)
    assert (second.status_code, title(second)) == (400, "invalid_grant")


def test_a_refusal_comes_back_as_access_denied(call: Caller):
    assert consent(call.account, deny="1") == {"error": ["access_denied"], "state": ["s1"]}


@pytest.mark.parametrize("address", ["https://evil.example/", "javascript:alert(1)", ""])
def test_consent_never_sends_a_browser_elsewhere(call: Caller, address: str):
    asked = {"client_id": call.account.client_id, "response_type": "code", "redirect_uri": address}

    assert Client().get(f"{SITE}/oauth2/authorize", asked).status_code == 400


def test_a_code_dies_after_ten_minutes(call: Caller):
    code = services.authorize(call.account, BACK)
    call.account.tokens.filter(value=code).update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = token_call(call.account, grant_type="authorization_code", code=code, redirect_uri=BACK)

    assert answer.status_code == 400


def test_a_wrong_secret_is_401(call: Caller):
    answer = token_call(call.account, client_secret="guess", grant_type="refresh_token", refresh_token="x")

    assert (answer.status_code, title(answer)) == (401, "invalid_client")


def test_a_refresh_token_works_once_and_its_reuse_ends_the_family(call: Caller):
    old = first_pair(call.account)["refresh_token"]
    new = token_call(call.account, grant_type="refresh_token", refresh_token=old).json()

    reused = token_call(call.account, grant_type="refresh_token", refresh_token=old)
    after = token_call(call.account, grant_type="refresh_token", refresh_token=new["refresh_token"])

    assert reused.json()["errors"] == [
        {"status": 400, "title": "invalid_grant", "meta": {"hint": "Token has been revoked"}}
    ]
    assert after.status_code == 400
    bearer = {"Authorization": f"Bearer {new['access_token']}"}
    assert Client().post(f"{SITE}/api/users.me", headers=bearer).status_code == 401


def test_the_family_survives_when_the_option_says_so(call: Caller):
    services.set_options(call.account, revoke_family_on_reuse=False)
    old = first_pair(call.account)["refresh_token"]
    new = token_call(call.account, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
    token_call(call.account, grant_type="refresh_token", refresh_token=old)

    assert token_call(call.account, grant_type="refresh_token", refresh_token=new).status_code == 200


def test_a_revoked_grant_cannot_be_refreshed(call: Caller):
    pair = first_pair(call.account)
    services.set_faults(call.account, revoke=True)

    answer = token_call(call.account, grant_type="refresh_token", refresh_token=pair["refresh_token"])

    assert (answer.status_code, title(answer)) == (400, "invalid_grant")


def test_chance_hits_the_token_endpoint_only_when_it_is_named(call: Caller):
    old = first_pair(call.account)["refresh_token"]
    services.set_faults(call.account, lost_rate=1)
    new = token_call(call.account, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
    services.set_faults(call.account, lost_rate=1, only=["/oauth2/access_token"])
    form = {"grant_type": "refresh_token", "refresh_token": new, "client_id": call.account.client_id}

    answer = Client().post(f"{SITE}/oauth2/access_token", {**form, "client_secret": call.account.client_secret})

    assert answer.status_code == 504
    assert call.account.tokens.get(value=new).used_at is not None
