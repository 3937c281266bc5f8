"""What a token opens, and what it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from apicenter.api.models import ApiToken
from apicenter.api.tokens import issue_token, revoke_token
from apicenter.tenancy import platform_context
from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company, make_company
from tests.factories import inside

pytestmark = pytest.mark.django_db
COLLECTIONS = ["connections", "flows", "runs", "records", "tables"]


def test_a_token_opens_its_organization_only(program: Program, company: Company):
    other = make_company("joris@example.com", name="Other", mark="-secret-of-other")

    for name in COLLECTIONS:
        page = program.call("GET", f"{name}/")
        assert page.json()["results"]
        assert b"-secret-of-other" not in page.content
    assert error_of(program.call("GET", f"flows/{other.products.pk}/")) == (404, "not_found")
    assert error_of(program.call("GET", f"records/{other.held.pk}/contents/")) == (404, "not_found")
    assert error_of(program.call("POST", f"records/{other.held.pk}/send/")) == (404, "not_found")
    assert error_of(program.call("POST", f"flows/{other.products.pk}/pause/")) == (404, "not_found")
    assert error_of(program.call("POST", f"connections/{other.visma_net.pk}/check/")) == (404, "not_found")


def test_without_a_token_nothing_is_shown(company: Company):
    answer = Client().get("/api/v1/flows/")

    assert error_of(answer) == (401, "token_missing")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_of_a_browser_opens_nothing(company: Company):
    client = Client()
    client.force_login(company.owner)

    assert client.get("/api/v1/flows/").status_code == 401


@pytest.mark.parametrize("text", ["apic_wrong", "x", "Bearer", ""])
def test_a_wrong_token_is_refused(company: Company, text: str):
    assert Client().get("/api/v1/flows/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_a_withdrawn_or_expired_token_is_refused(program: Program, company: Company):
    with inside(company.organization):
        revoke_token(program.token)
    assert error_of(program.call("GET", "flows/")) == (401, "token_invalid")

    late = Program(company.organization)
    with platform_context():
        ApiToken.unscoped.filter(pk=late.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert error_of(late.call("GET", "flows/")) == (401, "token_invalid")


def test_a_scope_is_asked_for_each_thing(company: Company):
    reader = Program(company.organization, "flows:read")

    assert reader.get("flows/")
    assert error_of(reader.call("POST", f"flows/{company.products.pk}/pause/")) == (403, "scope_missing")
    assert error_of(reader.call("GET", "records/")) == (403, "scope_missing")
    assert (
        error_of(Program(company.organization, "records:read").call("GET", f"records/{company.sent.pk}/contents/"))[0]
        == 403
    )


def test_only_a_digest_of_a_token_is_kept(program: Program):
    with platform_context():
        row = ApiToken.unscoped.values().get(pk=program.token.pk)

    assert program.text not in str(row)
    assert row["start"] == program.text[:11]


def test_a_token_needs_a_name_a_known_scope_and_a_day_to_come(company: Company):
    with inside(company.organization), pytest.raises(ValidationError) as raised:
        issue_token(name=" ", scopes=["everything"], expires_at=timezone.now())

    assert set(raised.value.message_dict) == {"name", "scopes", "expires_at"}
