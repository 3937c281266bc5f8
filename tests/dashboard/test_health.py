"""What watches over us, and what people see when something is wrong."""

from __future__ import annotations

import logging
import urllib.request
from typing import Any

import pytest
import structlog
import yaml
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.test.client import RequestFactory
from django.utils import translation

from apicenter.references import LETTERS, new_reference
from dashboard.views.errors import bad_request, csrf_failure, permission_denied, server_error, too_many_requests

pytestmark = pytest.mark.django_db


def test_the_process_answers_without_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/healthz").content == b"ok\n"


def test_ready_means_every_migration_is_there(settings: Any):
    assert Client().get("/readyz").status_code == 200

    settings.MIGRATION_MODULES = {"setup": "tests.dashboard.later_migrations"}
    response = Client().get("/readyz")

    assert (response.status_code, response.content) == (503, b"migrations\n")


def test_a_container_is_well_under_the_name_of_its_site(settings: Any, monkeypatch: pytest.MonkeyPatch):
    """Its check comes from inside, and 127.0.0.1 need not be a name that is answered to."""
    compose = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
    kind, _python, _c, program = compose["services"]["web"]["healthcheck"]["test"]
    asked: list[urllib.request.Request] = []
    monkeypatch.setenv("SITE_URL", "https://apicenter.example")
    monkeypatch.setattr(urllib.request, "urlopen", lambda request, timeout: asked.append(request))
    settings.ALLOWED_HOSTS = ["apicenter.example"]

    exec(program, {})

    assert (kind, asked[0].full_url) == ("CMD", "http://127.0.0.1:8000/readyz")
    assert Client().get("/readyz", headers={"Host": asked[0].get_header("Host")}).status_code == 200


def test_without_its_database_it_is_not_ready():
    def is_away(*_query: object) -> None:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(is_away):
        response = Client().get("/readyz")

    assert (response.status_code, response.content) == (503, b"database\n")


def test_a_page_that_is_not_there_looks_like_ours():
    response = Client().get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here." in response.content.decode()
    assert "css/pages.css" in response.content.decode()


def anonymous() -> HttpRequest:
    return RequestFactory().get("/")


def test_a_refusal_says_who_can():
    response = permission_denied(anonymous(), PermissionDenied())

    assert response.status_code == 403
    assert "You may look, not change." in response.content.decode()


def test_a_fault_of_ours_needs_nothing_to_be_shown(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(anonymous())

    assert response.status_code == 500
    assert "Something broke on our side." in response.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_error_pages_stand_alone_in_every_language(name: str, language: str):
    with translation.override(language):
        page = render_to_string(f"{name}.html")

    assert f'<html lang="{language}"' in page
    assert " style=" not in page
    assert "<script" not in page


def test_every_answer_carries_a_reference_and_the_error_page_shows_it():
    response = Client().get("/nowhere/")

    assert response["X-Reference"] in response.content.decode()
    assert "They go on; a page that fails does not stop them." in response.content.decode()


def test_a_reference_can_be_read_out_over_the_telephone():
    found = {new_reference() for _ in range(50)}

    assert len(found) == 50
    assert {sign for one in found for sign in one} <= {*LETTERS, "-"}


def test_a_fault_is_logged_beside_the_reference_that_the_page_shows(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    seen: list[object] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(structlog.contextvars.get_contextvars().get("reference"))  # type: ignore[method-assign]
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    client.raise_request_exception = False
    client.cookies["theme"] = "dark"
    try:
        with override_settings(ROOT_URLCONF="tests.dashboard.broken_urls"):
            response = client.get("/broken/")
    finally:
        logger.removeHandler(handler)

    page = response.content.decode()
    assert response.status_code == 500
    assert seen == [response["X-Reference"]]
    assert str(response["X-Reference"]) in page
    assert 'data-bs-theme="dark"' in page


@pytest.mark.parametrize(
    ("view", "status"), [(bad_request, 400), (csrf_failure, 403), (permission_denied, 403), (too_many_requests, 429)]
)
def test_error_pages_ask_the_database_nothing(view: Any, status: int, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert view(anonymous()).status_code == status
