"""Refusals have one form, and the schema names every address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import validate

from apicenter.api import throttling
from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company

pytestmark = pytest.mark.django_db


def test_too_many_calls_are_told_when_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch, env: Any):
    call_command("createcachetable", verbosity=0)
    env(API_CALLS_PER_MINUTE=2)

    answers = [program.call("GET", "flows/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert error_of(answers[-1]) == (429, "throttled")
    assert int(answers[-1]["Retry-After"]) > 0
    assert throttling.TokenThrottle().get_rate() == "2/min"


def test_broken_json_and_unknown_addresses_have_the_same_form(program: Program, company: Company):
    broken = program.client.generic(
        "POST",
        f"/api/v1/flows/{company.products.pk}/runs/",
        "{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.text}"},
    )

    assert error_of(broken) == (400, "malformed")
    assert error_of(program.call("GET", "nothing/here/")) == (404, "not_found")
    assert error_of(program.call("DELETE", f"flows/{company.products.pk}/")) == (405, "method_not_allowed")


def test_the_schema_is_valid_and_names_every_address():
    schema = Client().get("/api/schema.json").json()

    validate(schema)
    assert "/api/v1/flows/{id}/runs/" in schema["paths"]
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
