"""Looking around in the demo: a button on one's own machine, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apicenter.env import Env
from flows.demo.company import EMAIL, NAME
from tests.factories import make_organization, make_user

OWN = {"SITE_URL": "http://127.0.0.1:8000", "DATABASE_URL": "sqlite:///x.sqlite3"}
BUTTON = "Look around in the demo"


@pytest.fixture
def demo(db: None, env: Callable[..., None]) -> None:
    env(**OWN)
    make_organization(NAME, owner=make_user(EMAIL))


def test_one_click_leads_in(client: Client, demo: None):
    assert BUTTON in client.get("/accounts/login/").content.decode()

    response = client.post("/demo/", follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert response.context["request"].user.email == EMAIL


def test_the_sign_in_stands_among_those_of_the_person(client: Client, demo: None):
    client.post("/demo/")

    page = client.get("/accounts/sessions/").content.decode()
    assert page.count("here and now") == 1


def test_without_a_demo_organization_there_is_no_button(client: Client, db: None, env: Callable[..., None]):
    env(**OWN)

    assert BUTTON not in client.get("/accounts/login/").content.decode()
    assert client.post("/demo/").status_code == 404


@pytest.mark.parametrize(
    "values",
    [
        {"DATABASE_URL": "postgresql://u:p@db:5432/apicenter"},
        {"SITE_URL": "https://app.example.com"},
        {"DEMO_SIGN_IN": False},
        {"SANDBOX_ENABLED": False},
    ],
)
def test_where_others_can_reach_it_nobody_gets_in(
    client: Client, demo: None, env: Callable[..., None], values: dict[str, object]
):
    env(**values)

    assert BUTTON not in client.get("/accounts/login/").content.decode()
    assert client.post("/demo/").status_code == 404


def test_a_link_does_not_sign_in(client: Client, demo: None):
    assert client.get("/demo/").status_code == 405


def test_production_settings_never_offer_it():
    production = Env(SITE_URL="https://app.example.com", DATABASE_URL="postgresql://u:p@db/x", DEMO_SIGN_IN=True)

    assert not production.offers_demo
