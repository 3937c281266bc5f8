"""A key that makes a request harmless to repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.api.kept_answers import KEPT, purge_answers
from apicenter.api.models import IdempotentRequest
from apicenter.tenancy import platform_context
from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company

pytestmark = pytest.mark.django_db


def test_the_same_key_does_the_work_once(program: Program, company: Company):
    path = f"records/{company.held.pk}/set-aside/"

    first = program.call("POST", path, Idempotency_Key="k-1")
    second = program.call("POST", path, Idempotency_Key="k-1")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert not first.has_header("Idempotent-Replayed")


def test_a_key_stands_for_one_request_only(program: Program, company: Company):
    program.call("POST", f"flows/{company.products.pk}/pause/", Idempotency_Key="k-2")

    answer = program.call("POST", f"flows/{company.products.pk}/resume/", Idempotency_Key="k-2")

    assert error_of(answer) == (422, "idempotency_key_reused")


def test_a_key_whose_request_is_at_work_waits(program: Program, company: Company):
    path = f"flows/{company.products.pk}/pause/"
    program.call("POST", path, Idempotency_Key="k-3")
    with platform_context():
        IdempotentRequest.unscoped.update(status=None)

    assert error_of(program.call("POST", path, Idempotency_Key="k-3")) == (409, "idempotency_in_progress")
    with platform_context():
        IdempotentRequest.unscoped.update(created_at=timezone.now() - timedelta(minutes=11))
    assert program.call("POST", path, Idempotency_Key="k-3").status_code == 200


def test_the_answer_kept_for_a_key_is_sealed_and_goes_after_a_day(program: Program, company: Company):
    program.call("PATCH", f"flows/{company.products.pk}/", {"name": "Lamps"}, Idempotency_Key="k-4")
    with platform_context():
        row = IdempotentRequest.unscoped.get()

    assert b"Lamps" not in bytes(row.answer)
    with platform_context():
        IdempotentRequest.unscoped.update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    assert purge_answers() == 1
