"""Pages that anybody may open: landing, privacy, data processing, terms, and what search engines read."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from tests.billing import PRICES, charge
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db
PAGES = ["/", "/privacy/", "/data-processing/", "/terms/"]


def text_of(path: str, client: Client | None = None, **headers: str) -> str:
    response = (client or Client()).get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Enter it once."), ("fr", "Saisissez une fois."), ("nl", "Eén keer invoeren.")],
)
def test_a_visitor_reads_the_landing_page_in_their_language(language: str, words: str):
    page = text_of("/", accept_language=language)

    assert f'<html lang="{language}"' in page
    assert words in page


def test_a_member_sees_the_overview_at_the_same_address():
    client = Client()
    user = make_user()
    make_organization(owner=user)
    client.force_login(user)

    page = text_of("/", client)

    assert 'id="live"' in page
    assert "css/public.css" not in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_every_public_page_is_whole(path: str, language: str):
    page = text_of(path, accept_language=language)

    assert page.count("<h1") == 1
    assert '<meta name="description" content="' in page
    assert '<meta property="og:title" content="' in page
    assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in page
    assert 'name="language" value="nl"' in page
    assert " style=" not in page
    assert settings.SITE_NAME in page
    assert "Passerel" not in page


def test_prices_are_the_operators(env: Callable[..., None]):
    charge(env)

    page = text_of("/")

    assert "from €19" in page
    assert '<dd class="num">€29.00</dd>' in page
    assert "€495" in page
    assert "14 days free, from activation" in page
    assert "2 months free" in page


def test_one_price_for_all_is_said_once(env: Callable[..., None]):
    charge(env, PLANS=PRICES.model_copy(update={"kinds": {}, "onboarding": None, "yearly_free_months": 0}))

    page = text_of("/")

    assert '<div class="price mt3">€29 ' in page
    assert "With an expert" not in page


def test_without_prices_nothing_is_sold():
    page = text_of("/")

    assert "Nothing is charged here" in page
    assert "€29" not in page


def test_the_name_is_the_operators(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "SITE_NAME", "Koppelhuis")

    page = text_of("/")

    assert "Koppelhuis links Visma.net and Teamleader." in page
    assert "APIcenter" not in re.sub(r"<[^>]+>", "", page)


def test_who_runs_it_stands_on_the_legal_pages(env: Callable[..., None]):
    env(
        OPERATOR_NAME="Koppelhuis BV",
        OPERATOR_ADDRESS="Laan 1, Gent",
        OPERATOR_EMAIL="hallo@koppelhuis.example",
        OPERATOR_SUBPROCESSORS="Hoster GmbH (servers, Germany); Post SA (e-mail, France)",
    )

    for path in PAGES[1:]:
        page = text_of(path)
        assert "Koppelhuis BV" in page
        assert "hallo@koppelhuis.example" in page
    assert "<li>Post SA (e-mail, France)</li>" in text_of("/privacy/")
    assert "<li>Hoster GmbH (servers, Germany)</li>" in text_of("/data-processing/")


def test_only_the_operator_is_told_what_is_missing(settings, env: Callable[..., None]):
    staff = Client()
    staff.force_login(make_user(is_staff=True))

    assert "OPERATOR_NAME, OPERATOR_ADDRESS, OPERATOR_EMAIL" in text_of("/privacy/", staff)
    assert "OPERATOR_NAME" not in text_of("/privacy/")
    settings.DEBUG = True
    assert "OPERATOR_NAME" in text_of("/privacy/")


def test_robots_may_read_public_pages_only():
    text = text_of("/robots.txt")

    assert "Allow: /privacy/$" in text
    assert "Disallow: /\n" in text
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in text


def test_the_sitemap_lists_the_public_pages():
    tree = ElementTree.fromstring(text_of("/sitemap.xml"))

    assert [element.text for element in tree.iter() if element.tag.endswith("loc")] == [
        f"{settings.SITE_URL}{path}" for path in PAGES
    ]


@pytest.mark.parametrize("path", [*PAGES, "/robots.txt", "/sitemap.xml"])
def test_public_pages_take_nothing(path: str):
    assert Client().post(path).status_code == 405
